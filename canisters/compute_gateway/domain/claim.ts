import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { samePrincipal } from '../../../src/core/principals';
import type { Job } from './job';
import type { JobBook } from './job_book';
import { freeSlots, isServing, type Attachment } from './node';
import { mayContinue } from './sessions';
import { holdsLatestLease } from './transition';

/** Leases that one claim grants at most. */
export const MAX_CLAIM = 8;
/** Leases that one heartbeat renews at most. */
export const MAX_HEARTBEATS = 64;

/** Results that one call may bring. */
export const MAX_COMPLETIONS = 16;

/** Due jobs that a claim takes care of on the way. */
const CLAIM_SWEEP = 16;

/**
 * Leases up to `tokens.length` jobs to a node that may serve, within its free slots; its apps, or those of them that it
 * names, take turns.
 */
export function claim(
    book: JobBook,
    node: Principal,
    tokens: readonly bigint[],
    nowNs: bigint,
    wanted?: readonly string[]
): readonly Job[] {
    book.sweep(nowNs, CLAIM_SWEEP);
    const attachment = book.tables.attachments.get(node);
    if (attachment === undefined) return [];
    const leased: Job[] = [];
    const count = Math.min(tokens.length, MAX_CLAIM, freeSlots(attachment, book.tables.leases.get(node)));
    let apps = attachment.apps.filter((appId) => wanted === undefined || wanted.includes(appId));
    while (leased.length < count && apps.length > 0) {
        apps = apps.filter((appId) => {
            const token = tokens[leased.length];
            if (token === undefined || leased.length >= count) return false;
            const job = leaseNext(book, node, appId, token, nowNs);
            if (job !== undefined) leased.push(job);
            return job !== undefined;
        });
    }
    return leased;
}

function leaseNext(book: JobBook, node: Principal, appId: string, token: bigint, nowNs: bigint): Job | undefined {
    const stored = book.queue.take(appId, (id) => {
        const candidate = book.load(id);
        if (candidate === undefined || !mayServe(book, node, candidate.job, nowNs)) return undefined;
        return { value: candidate, cost: costOf(candidate.job) };
    });
    if (stored === undefined) return undefined;
    const leased = book.applyTo(stored, { kind: 'Leased', node, token }, nowNs);
    invariant(leased.ok, 'G1', 'a job was in the queue and cannot be leased', stored.job.id);
    return leased.value;
}

/** What a job counts for its payer's share: units, since all jobs of a queue are of one app. */
function costOf(job: Job): bigint {
    const { maxUnits } = job;
    return maxUnits;
}

/** Whether a job may go to a node now. A node that failed it gets it again only when no other node takes it. */
export function mayServe(book: JobBook, node: Principal, job: Job, nowNs: bigint): boolean {
    if (nowNs >= job.expiresAtNs) return false;
    if (!isAllowed(job, node)) return false;
    const limits = book.tables.limits.get();
    if (BigInt(book.loadOf(job.payer).leased) >= limits.maxLeasedPerPayer) return false;
    if (job.sessionKey !== undefined && !mayContinue(book.tables, job, node, nowNs, limits)) return false;
    return !isExcluded(job, node) || !isLeftToOthers(book, job, nowNs);
}

/**
 * Whether a job waits for a node that has not failed it: for half a lease at most, since one that does not claim by then may be full, or
 * its backend away, for as long as the job would wait.
 */
function isLeftToOthers(book: JobBook, job: Job, nowNs: bigint): boolean {
    if (nowNs >= job.queuedAtNs + job.leaseNs / 2n) return false;
    return servingNodes(book, job.appId, nowNs).some(({ node }) => isAllowed(job, node) && !isExcluded(job, node));
}

/** Whether the payer's key trusts the node. */
export function isAllowed(job: Job, node: Principal): boolean {
    const { nodes } = job;
    return nodes === undefined || nodes.some((allowed) => samePrincipal(allowed, node));
}

export function isExcluded(job: Job, node: Principal): boolean {
    return job.excluded.some((excluded) => samePrincipal(excluded, node));
}

/** The nodes that may be given jobs of an app now; at most `maxNodesPerApp`. */
export function servingNodes(book: JobBook, appId: string, nowNs: bigint): readonly Attachment[] {
    const { nodesByApp, attachments, limits } = book.tables;
    const bounds = limits.get();
    return (nodesByApp.get(appId) ?? []).flatMap((node) => {
        const attachment = attachments.get(node);
        return attachment !== undefined && isServing(attachment, nowNs, bounds) ? [attachment] : [];
    });
}

export interface HeldLease {
    readonly jobId: bigint;
    readonly token: bigint;
    /** Done so far, as the node says. */
    readonly units?: bigint;
}

/** The reconciliation of a heartbeat: the node stops whatever is not extended (compute.md §5.3). */
export interface HeartbeatReply {
    readonly extended: readonly bigint[];
    readonly cancelled: readonly bigint[];
    /** Leases that are not the caller's any more. */
    readonly unknown: readonly bigint[];
}

export function heartbeat(book: JobBook, node: Principal, held: readonly HeldLease[], nowNs: bigint): HeartbeatReply {
    const reply = { extended: [] as bigint[], cancelled: [] as bigint[], unknown: [] as bigint[] };
    for (const lease of held.slice(0, MAX_HEARTBEATS)) reply[beat(book, node, lease, nowNs)].push(lease.jobId);
    for (const lease of held.slice(MAX_HEARTBEATS)) reply.unknown.push(lease.jobId);
    return reply;
}

function beat(book: JobBook, node: Principal, held: HeldLease, nowNs: bigint): keyof HeartbeatReply {
    const stored = book.load(held.jobId);
    const job = stored?.job;
    if (stored === undefined || job?.lease === undefined) return 'unknown';
    const holder = { node, token: held.token, attempt: job.lease.attempt };
    const event = { kind: 'Renewed', claim: holder, units: held.units, execNs: book.execNsOf(job) } as const;
    const renewed = book.applyTo(stored, event, nowNs);
    if (renewed.ok) return renewed.value.state.kind === 'Leased' ? 'extended' : 'cancelled';
    const isCancelled = job.state.kind === 'Cancelled' && holdsLatestLease(job, holder);
    return isCancelled ? 'cancelled' : 'unknown';
}

/** Leases that one answer lists: their inputs must fit a message. */
const LEASES_PER_ANSWER = 16;

/** Live leases of a node, for a node that was restarted. */
export function leasesOf(book: JobBook, node: Principal, start: bigint): readonly Job[] {
    const leases = book.tables.leases.get(node) ?? [];
    const from = Number(start < BigInt(leases.length) ? start : BigInt(leases.length));
    return leases.slice(from, from + LEASES_PER_ANSWER).flatMap((id) => book.get(id) ?? []);
}

/** Gives all leases of a node back at once, without blame: it is about to stop. How many there were. */
export function goodbye(book: JobBook, node: Principal, nowNs: bigint): number {
    const stored = (book.tables.leases.get(node) ?? []).flatMap((id) => book.load(id) ?? []);
    for (const held of stored) {
        const { lease } = held.job;
        if (lease === undefined) continue;
        const event = { kind: 'Failed', claim: lease, code: 'goodbye', retryable: true, isBlameless: true } as const;
        book.applyTo(held, event, nowNs);
    }
    return stored.length;
}
