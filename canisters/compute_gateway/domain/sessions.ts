import type { Principal } from '@dfinity/principal';
import { NS_PER_MS } from '../../../src/core/clock';
import { samePrincipal } from '../../../src/core/principals';
import { isHeld, type Job, type Payer } from './job';
import type { Limits } from './limits';
import type { GatewayTables } from './tables';

/** A conversation of one payer. */
export interface SessionName {
    readonly payer: Payer;
    readonly key: string;
}

export interface Session {
    /** The job that a node holds now; 0 when none. */
    readonly running: bigint;
    /** The last job that a node has taken: with its payloads the session is forgotten. */
    readonly latest: bigint;
    /** Who ran it, and may still have the conversation in memory. */
    readonly node: Principal;
}

/**
 * Whether a session lets a node have a job now: not while another of its jobs runs, and at first only to the node that
 * had the last one (compute.md §5.4), unless it has failed this one.
 */
export function mayContinue(tables: GatewayTables, job: Job, node: Principal, nowNs: bigint, limits: Limits): boolean {
    const session = sessionOf(tables, job);
    if (session === undefined) return true;
    if (isOfAnother(session, job)) return false;
    if (samePrincipal(session.node, node) || nowNs >= job.queuedAtNs + limits.affinityMs * NS_PER_MS) return true;
    const hasFailed = job.excluded.some((excluded) => samePrincipal(excluded, session.node));
    return hasFailed || tables.attachments.get(session.node)?.active !== true;
}

/** Whether another job of its conversation runs. */
export function isAnotherRunning(tables: GatewayTables, job: Job): boolean {
    const session = sessionOf(tables, job);
    return session !== undefined && isOfAnother(session, job);
}

function isOfAnother(session: Session, job: Job): boolean {
    const { running } = session;
    return running !== 0n && running !== job.id;
}

/** Keeps the session in step with a job's lease. */
export function trackSession(tables: GatewayTables, before: Job, after: Job): void {
    const { sessionKey, lease } = after;
    const isRunning = isHeld(after);
    if (sessionKey === undefined || lease === undefined || isRunning === isHeld(before)) return;
    const name = { payer: after.payer, key: sessionKey };
    tables.sessions.set(name, { running: isRunning ? after.id : 0n, latest: after.id, node: lease.node });
}

/** Forgets the session with the payloads of its last job. */
export function forgetSession(tables: GatewayTables, job: Job): void {
    const session = sessionOf(tables, job);
    if (session?.latest !== job.id || job.sessionKey === undefined) return;
    tables.sessions.delete({ payer: job.payer, key: job.sessionKey });
}

function sessionOf(tables: GatewayTables, job: Job): Session | undefined {
    const { payer, sessionKey } = job;
    return sessionKey === undefined ? undefined : tables.sessions.get({ payer, key: sessionKey });
}
