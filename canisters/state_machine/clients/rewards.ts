import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { toCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import { err, ok, type Result } from '../../../src/core/result';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { CandidAccountType, CandidClass, type Opt, type Tag } from '../api/idl';
import { fromClass, toOpt } from '../api/mappers';
import { toTag } from '../api/errors';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { Refusal } from '../domain/errors';
import type { NodeRecord } from '../domain/records';
import type { NodeStake } from '../domain/stakes';

/** The fields of rewards' StakeView that matter here; Candid lets a reader leave the others out. */
const StakeFields = IDL.Record({
    class: CandidClass,
    remaining_e8s: IDL.Nat,
    term_days: IDL.Nat64,
    end_ns: IDL.Nat64
});

interface StakeFields {
    class: Tag<NodeClass>;
    remaining_e8s: bigint;
    term_days: bigint;
    end_ns: bigint;
}

const getNodeStakes = remoteMethod<[Principal[]], Opt<StakeFields>[]>(
    'get_node_stakes',
    [IDL.Vec(IDL.Principal)],
    IDL.Vec(IDL.Opt(StakeFields))
);

const NodeFacts = IDL.Record({
    node: IDL.Principal,
    class: CandidClass,
    wallet: IDL.Opt(CandidAccountType),
    e_value_e8: IDL.Nat,
    version: IDL.Nat64
});

interface NodeFacts {
    node: Principal;
    class: Tag<NodeClass>;
    wallet: Opt<CandidAccount>;
    e_value_e8: bigint;
    version: bigint;
}

const putNodes = remoteMethod<[NodeFacts[]], { Ok: null } | { Err: { Unauthorized: null } }>(
    'c2c_put_nodes',
    [IDL.Vec(NodeFacts)],
    IDL.Variant({ Ok: IDL.Null, Err: IDL.Variant({ Unauthorized: IDL.Null }) })
);

type Unavailable = Refusal<'TemporarilyUnavailable'>;

/** Stakes of the nodes, in their order; undefined for a node without one. */
export async function fetchNodeStakes(
    rewards: Principal | undefined,
    nodes: readonly Principal[]
): Promise<Result<readonly (NodeStake | undefined)[], Unavailable>> {
    if (rewards === undefined) return err({ kind: 'TemporarilyUnavailable', reason: 'rewards is not known yet' });
    const answer = await callRemote(rewards, getNodeStakes, [[...nodes]]);
    if (!answer.ok) return err({ kind: 'TemporarilyUnavailable', reason: `rewards: ${answer.error.message}` });
    return ok(answer.value.map(([stake]) => stake && toNodeStake(stake)));
}

/** A node with the account that its rewards go to. */
export interface NodeToTell {
    readonly id: Principal;
    readonly record: NodeRecord;
    readonly wallet: Account | undefined;
}

/** Tells rewards the facts of the nodes; false when it did not take them, so that they must be told again. */
export async function sendNodeFacts(rewards: Principal, nodes: readonly NodeToTell[]): Promise<boolean> {
    const facts = nodes.map(({ id, record, wallet }) => ({
        node: id,
        class: toTag(record.nodeClass),
        wallet: toOpt(wallet && toCandidAccount(wallet)),
        e_value_e8: record.eValueE8,
        version: record.factsVersion
    }));
    const answer = await callRemote(rewards, putNodes, [facts]);
    return answer.ok && 'Ok' in answer.value;
}

function toNodeStake(stake: StakeFields): NodeStake {
    return {
        nodeClass: fromClass(stake.class),
        remainingE8s: stake.remaining_e8s,
        termDays: stake.term_days,
        endNs: stake.end_ns
    };
}
