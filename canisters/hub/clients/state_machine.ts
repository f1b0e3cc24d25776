/** Calls to the state machine: who is a validator, who owns a node, who is weighed. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import type { CandidAccount } from '../../../src/core/account';
import { mapOk, type Result } from '../../../src/core/result';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { SnapshotNode } from '../domain/node_weights';
import type { OnlinePage } from '../jobs/plan_probes';
import type { TradedNode } from '../jobs/trade_compute';
import type { Obstacle } from '../jobs/settlement_peers';
import { orObstacle } from './obstacle';

type Opt<T> = [] | [T];

const Class = IDL.Variant({ validator: IDL.Null, router: IDL.Null, compute: IDL.Null });
type CandidClass = { validator: null } | { router: null } | { compute: null };

const WalletAccount = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });

interface CandidSnapshotPage {
    nodes: { node: Principal; class: CandidClass; e_value_e8: bigint; eligible: boolean }[];
    next: Opt<bigint>;
}

const isValidatorMethod = remoteMethod<[Principal], boolean>('is_validator', [IDL.Principal], IDL.Bool);

/** Of a node's view only whether there is one matters; Candid leaves the rest out. */
const getNodes = remoteMethod<[readonly Principal[]], Opt<{ node: Principal }>[]>(
    'get_nodes',
    [IDL.Vec(IDL.Principal)],
    IDL.Vec(IDL.Opt(IDL.Record({ node: IDL.Principal })))
);

/** The part of `NodeView` that the market and the probe plan need; Candid leaves the rest out. */
const TradedView = IDL.Record({
    node: IDL.Principal,
    wallet: IDL.Opt(WalletAccount),
    class: Class,
    status: IDL.Variant({
        Registered: IDL.Null,
        Active: IDL.Null,
        Inactive: IDL.Null,
        Expired: IDL.Null,
        Removed: IDL.Null,
        Unregistered: IDL.Null
    }),
    last_status_ns: IDL.Nat64
});
interface CandidTradedView {
    node: Principal;
    wallet: Opt<CandidAccount>;
    class: CandidClass;
    status: object;
    last_status_ns: bigint;
}

const getNode = remoteMethod<[Principal], Opt<CandidTradedView>>('get_node', [IDL.Principal], IDL.Opt(TradedView));

const listOnlineNodes = remoteMethod<[bigint, bigint], { nodes: CandidTradedView[]; next: Opt<bigint> }>(
    'list_online_nodes',
    [IDL.Nat64, IDL.Nat64],
    IDL.Record({ nodes: IDL.Vec(TradedView), next: IDL.Opt(IDL.Nat64) })
);

const listValidators = remoteMethod<[], { validators: Principal[] }>(
    'list_validators',
    [],
    IDL.Record({ validators: IDL.Vec(IDL.Principal) })
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

/** Whether nodes are registered, in the order of the question. */
export async function areRegistered(
    stateMachine: Principal,
    nodes: readonly Principal[]
): Promise<Result<readonly boolean[], Obstacle>> {
    const reply = orObstacle(await callRemote(stateMachine, getNodes, [nodes]));
    return mapOk(reply, (views) => views.map((view) => view.length > 0));
}

/** A node as the market and probes see it; undefined when it is not registered. */
export async function tradedNode(
    stateMachine: Principal,
    node: Principal
): Promise<Result<(TradedNode & { readonly lastStatusNs: bigint }) | undefined, Obstacle>> {
    const reply = orObstacle(await callRemote(stateMachine, getNode, [node]));
    return mapOk(
        reply,
        ([view]) =>
            view && {
                walletOwner: view.wallet[0]?.owner,
                isActive: 'Active' in view.status,
                lastStatusNs: view.last_status_ns
            }
    );
}

/** Compute nodes among a page of online ones: only they serve calls that a probe could test. */
export async function onlinePage(
    stateMachine: Principal,
    start: bigint,
    take: bigint
): Promise<Result<OnlinePage, Obstacle>> {
    const reply = orObstacle(await callRemote(stateMachine, listOnlineNodes, [start, take]));
    return mapOk(reply, ({ nodes, next }) => ({
        nodes: nodes
            .filter((view) => 'compute' in view.class)
            .map(({ node, last_status_ns: lastStatusNs }) => ({ node, lastStatusNs })),
        next: next[0]
    }));
}

export async function validators(stateMachine: Principal): Promise<Result<readonly Principal[], Obstacle>> {
    const reply = orObstacle(await callRemote(stateMachine, listValidators, []));
    return mapOk(reply, (set) => set.validators);
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
