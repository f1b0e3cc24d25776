/** What the state machine says about nodes: class, wallet and E, by version. */
import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '../../../../src/core/result';
import { releaseHeld } from '../claims/accounts';
import { refuse, type PutNodesError } from '../errors';
import type { NodeRow, RewardsState } from '../state';

/** Facts that one call may bring. */
export const MAX_FACTS = 200;

/** What the state machine tells of a node; a fact with an older version is ignored. */
export interface NodeFact extends NodeRow {
    readonly node: Principal;
}

/** Takes over facts that are newer than what is known; repeating a call changes nothing. */
export function putNodes(state: RewardsState, facts: readonly NodeFact[], nowNs: bigint): Result<null, PutNodesError> {
    if (facts.length > MAX_FACTS) return refuse('TooManyItems', BigInt(MAX_FACTS));
    for (const fact of facts) putNode(state, fact, nowNs);
    return ok(null);
}

function putNode(state: RewardsState, { node, ...row }: NodeFact, nowNs: bigint): void {
    const known = state.nodes.get(node);
    if (known !== undefined && known.version >= row.version) return;
    if (known === undefined) state.nodeIndex.append(node);
    state.nodes.set(node, row);
    if (row.wallet !== undefined) releaseHeld(state, node, row.wallet, nowNs);
}
