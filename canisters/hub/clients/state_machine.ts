/** Calls to the state machine: who is a validator, who owns a node, who is weighed. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import type { CandidAccount } from '../../../src/core/account';
import { mapOk, type Result } from '../../../src/core/result';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { SnapshotNode } from '../domain/node_weights';
import type { NodeFacts } from '../domain/settlements';
import type { Obstacle } from '../jobs/settlement_peers';
import { orObstacle } from './obstacle';

type Opt<T> = [] | [T];

const Class = IDL.Variant({ validator: IDL.Null, router: IDL.Null, compute: IDL.Null });
type CandidClass = { validator: null } | { router: null } | { compute: null };

const WalletAccount = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });

/** The part of `NodeView` that the hub needs; Candid leaves the rest out. */
const NodeView = IDL.Record({ node: IDL.Principal, wallet: IDL.Opt(WalletAccount) });
interface CandidNodeView {
    node: Principal;
    wallet: Opt<CandidAccount>;
}

interface CandidSnapshotPage {
    nodes: { node: Principal; class: CandidClass; e_value_e8: bigint; eligible: boolean }[];
    next: Opt<bigint>;
}

const isValidatorMethod = remoteMethod<[Principal], boolean>('is_validator', [IDL.Principal], IDL.Bool);

const getNodes = remoteMethod<[readonly Principal[]], Opt<CandidNodeView>[]>(
    'get_nodes',
    [IDL.Vec(IDL.Principal)],
    IDL.Vec(IDL.Opt(NodeView))
);

const weightSnapshot = remoteMethod<[{ at_ns: bigint; start: bigint; take: bigint }], CandidSnapshotPage>(
    'c2c_weight_snapshot',
    [IDL.Record({ at_ns: IDL.Nat64, start: IDL.Nat64, take: IDL.Nat64 })],
    IDL.Record({
        nodes: IDL.Vec(IDL.Record({ node: IDL.Principal, class: Class, e_value_e8: IDL.Nat, eligible: IDL.Bool })),
        next: IDL.Opt(IDL.Nat64)
    })
);

export async function isValidator(stateMachine: Principal, who: Principal): Promise<Result<boolean, Obstacle>> {
    return orObstacle(await callRemote(stateMachine, isValidatorMethod, [who]));
}

export async function nodeFacts(
    stateMachine: Principal,
    nodes: readonly Principal[]
): Promise<Result<readonly (NodeFacts | undefined)[], Obstacle>> {
    const reply = orObstacle(await callRemote(stateMachine, getNodes, [nodes]));
    return mapOk(reply, (views) => views.map(([view]) => view && { walletOwner: view.wallet[0]?.owner }));
}

export async function snapshotPage(
    stateMachine: Principal,
    atNs: bigint,
    start: bigint,
    take: bigint
): Promise<Result<{ readonly nodes: readonly SnapshotNode[]; readonly next?: bigint }, Obstacle>> {
    const reply = orObstacle(await callRemote(stateMachine, weightSnapshot, [{ at_ns: atNs, start, take }]));
    return mapOk(reply, ({ nodes, next }) => ({ nodes: nodes.map(fromSnapshotNode), next: next[0] }));
}

function fromSnapshotNode(view: CandidSnapshotPage['nodes'][number]): SnapshotNode {
    const { node, e_value_e8: eValueE8, eligible } = view;
    return { node, class: fromClass(view.class), eValueE8, eligible };
}

function fromClass(value: CandidClass): NodeClass {
    if ('validator' in value) return 'validator';
    return 'router' in value ? 'router' : 'compute';
}
