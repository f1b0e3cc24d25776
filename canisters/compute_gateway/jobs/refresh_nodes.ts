import type { Principal } from '@dfinity/principal';
import { getStandings } from '../clients/state_machine';
import type { ErrorOf } from '../domain/errors';
import { nodeAccess, recordStanding, takeNodeChecks, type NodeAccess } from '../domain/nodes';
import { env, peers, tables } from '../wiring';

/** Nodes per question to the state machine. */
const BATCH = 100;

/** Asks again about nodes whose standing grows old. */
export async function refreshNodes(): Promise<void> {
    const nodes = takeNodeChecks(tables, env.nowNs(), BATCH);
    if (nodes.length > 0) await refresh(nodes);
}

/** Access of a node that wants work; asks the state machine when its last word is too old to be believed. */
export async function currentAccess(
    who: Principal
): Promise<Exclude<NodeAccess, { kind: 'Stale' }> | { kind: 'Refused'; error: ErrorOf<'TemporarilyUnavailable'> }> {
    const known = nodeAccess(tables, who, env.nowNs());
    if (known.kind !== 'Stale') return known;
    await refresh([who]);
    const access = nodeAccess(tables, who, env.nowNs());
    if (access.kind !== 'Stale') return access;
    return { kind: 'Refused', error: { kind: 'TemporarilyUnavailable', reason: 'the node could not be checked' } };
}

async function refresh(nodes: readonly Principal[]): Promise<void> {
    const standings = await getStandings(peers, nodes);
    if (!standings.ok) return;
    nodes.forEach((node, index) => recordStanding(tables, node, standings.value[index], env.nowNs()));
}
