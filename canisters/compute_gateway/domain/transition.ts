import type { Principal } from '@dfinity/principal';
import { maxAmount, minAmount } from '../../../src/core/amount';
import { unreachable } from '../../../src/core/assert';
import { NS_PER_S } from '../../../src/core/clock';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import { ages, agesAtNs, changed, isHeld, isTerminal, type AllowedNodes, type Job, type Lease } from './job';
import type { Limits } from './limits';

/** Names a lease as its holder does in every call. */
export interface LeaseClaim {
    readonly node: Principal;
    readonly token: bigint;
    readonly attempt: number;
}

/** All that can happen to a job (compute.md §5.2), with its data. */
export interface JobEvents {
    Opened: { readonly owner: Principal; readonly nodes?: AllowedNodes };
    Leased: { readonly node: Principal; readonly token: bigint };
    /** `units`: done so far, where the node tells. `execNs`: how long an attempt may run. */
    Renewed: { readonly claim: LeaseClaim; readonly units?: bigint; readonly execNs: bigint };
    Completed: {
        readonly claim: LeaseClaim;
        readonly units: bigint;
        readonly outputHash: Uint8Array;
    };
    Failed: {
        readonly claim: LeaseClaim;
        readonly code: string;
        readonly retryable: boolean;
        /** The node gives it back without fault of anybody: it may go on at once, anywhere. */
        readonly isBlameless: boolean;
    };
    CancelAsked: object;
    /** Time has passed. */
    Woken: object;
}

export type EventKind = keyof JobEvents;
export type JobEvent<Kind extends EventKind = EventKind> = {
    [K in Kind]: { readonly kind: K } & JobEvents[K];
}[Kind];

/** Why an event can be refused. */
interface Refusals {
    Opened: never;
    Leased: ErrorOf<'StaleLease'>;
    Renewed: ErrorOf<'StaleLease'>;
    Completed: ErrorOf<'StaleLease' | 'UsageTooHigh'>;
    Failed: ErrorOf<'StaleLease'>;
    CancelAsked: ErrorOf<'NotCancellable'>;
    Woken: never;
}

export type RefusalOf<Kind extends EventKind> = Refusals[Kind];

type Handlers = {
    readonly [Kind in EventKind]: (
        job: Job,
        event: JobEvent<Kind>,
        nowNs: bigint,
        limits: Limits
    ) => Result<Job, RefusalOf<Kind>>;
};

const HANDLERS: Handlers = {
    Opened: (job, event, nowNs) => ok(job.state.kind === 'Opening' ? opened(job, event, nowNs) : job),
    Leased: (job, event, nowNs) => (job.state.kind === 'Queued' ? ok(granted(job, event, nowNs)) : STALE),
    Renewed: renewed,
    Completed: completed,
    Failed: failed,
    CancelAsked: (job, _event, nowNs) => cancelled(job, nowNs),
    Woken: (job, _event, nowNs, limits) => ok(woken(job, nowNs, limits))
};

const STALE: Result<never, ErrorOf<'StaleLease'>> = err({ kind: 'StaleLease' });
const BACKOFF_NS = 2n * NS_PER_S;
const MAX_BACKOFF_NS = 60n * NS_PER_S;
const SPREAD_STEPS = 1_000n;

/**
 * The job after an event, or why the event is refused. Total: every event has an answer in every state. A terminal state
 * is never left (G2), and at most one lease is live because a lease can only be granted to a queued job (G1).
 */
export function transition<Kind extends EventKind>(
    job: Job,
    event: JobEvent<Kind>,
    nowNs: bigint,
    limits: Limits
): Result<Job, RefusalOf<Kind>> {
    return HANDLERS[event.kind](job, event, nowNs, limits);
}

function opened(job: Job, event: JobEvents['Opened'], nowNs: bigint): Job {
    const { owner: answered, nodes } = event;
    // Mostly the submitter: the same object is the cheapest to compare.
    const owner = samePrincipal(answered, job.submitter) ? job.submitter : answered;
    return changed(job, { owner, nodes, queuedAtNs: nowNs, state: { kind: 'Queued' } });
}

function queued(job: Job, nowNs: bigint): Job {
    return changed(job, { queuedAtNs: nowNs, state: { kind: 'Queued' } });
}

function granted(job: Job, event: { node: Principal; token: bigint }, nowNs: bigint): Job {
    const attempt = job.attempt + 1;
    const { node, token } = event;
    const lease: Lease = { node, token, attempt, grantedAtNs: nowNs, deadlineNs: nowNs + job.leaseNs, units: 0n };
    return changed(job, { attempt, lease, state: { kind: 'Leased' } });
}

function renewed(job: Job, event: JobEvent<'Renewed'>, nowNs: bigint): Result<Job, RefusalOf<'Renewed'>> {
    const { claim, units, execNs } = event;
    const lease = liveLease(job, claim);
    if (lease === undefined || nowNs >= lease.deadlineNs) return STALE;
    const done = units === undefined ? lease.units : maxAmount(lease.units, minAmount(units, job.maxUnits));
    if (job.state.kind === 'Cancelling') {
        const told = changed(job, { lease: { ...lease, units: done } });
        // A node that tells what it has done has nothing to add: it stops, and the job is over.
        return ok(units === undefined ? told : stopped(told, nowNs));
    }
    const deadlineNs = minAmount(nowNs + job.leaseNs, lease.grantedAtNs + execNs);
    // Spelled out: to spread an object costs a canister twice as much as to name its fields.
    const { node, token, attempt, grantedAtNs } = lease;
    return ok(changed(job, { lease: { node, token, attempt, grantedAtNs, deadlineNs, units: done } }));
}

/** The end of a cancelled job: what its node had done by then is paid, and no more than was held. */
function stopped(job: Job, nowNs: bigint): Job {
    const units = job.lease?.units ?? 0n;
    const creditsUsed = units * job.unitPriceCredits;
    return changed(job, { state: { kind: 'Cancelled', finishedAtNs: nowNs, units, creditsUsed } });
}

/** Late results count as long as no newer attempt was leased (compute.md §5.3): the latest lease decides, not the clock. */
function completed(job: Job, event: JobEvent<'Completed'>, nowNs: bigint): Result<Job, RefusalOf<'Completed'>> {
    if (!holdsLatestLease(job, event.claim) || isTerminal(job.state)) return STALE;
    if (event.units > job.maxUnits) return err({ kind: 'UsageTooHigh', maxUnits: job.maxUnits });
    const { units, outputHash } = event;
    if (job.state.kind === 'Cancelling' && job.lease !== undefined) {
        const done = maxAmount(job.lease.units, units);
        return ok(stopped(changed(job, { lease: { ...job.lease, units: done } }), nowNs));
    }
    const creditsUsed = units * job.unitPriceCredits;
    return ok(changed(job, { state: { kind: 'Completed', finishedAtNs: nowNs, units, creditsUsed, outputHash } }));
}

function failed(job: Job, event: JobEvent<'Failed'>, nowNs: bigint, limits: Limits): Result<Job, RefusalOf<'Failed'>> {
    const lease = liveLease(job, event.claim);
    if (lease === undefined) return STALE;
    if (job.state.kind === 'Cancelling') return ok(stopped(job, nowNs));
    // Not blamed, but others come first: a node that gives back what it claims must not keep it from them.
    if (event.isBlameless) return ok(changed(queued(job, nowNs), { excluded: excluding(job, lease.node) }));
    const blamed = changed(job, { failures: job.failures + 1 });
    const isFinal = !event.retryable || BigInt(blamed.failures) >= limits.maxAttempts;
    if (isFinal) return ok(changed(blamed, { state: { kind: 'Failed', finishedAtNs: nowNs, code: event.code } }));
    return ok(backingOff(blamed, lease, nowNs));
}

function cancelled(job: Job, nowNs: bigint): Result<Job, RefusalOf<'CancelAsked'>> {
    if (isTerminal(job.state) || job.state.kind === 'Opening') return err({ kind: 'NotCancellable' });
    if (job.state.kind === 'Leased') return ok(changed(job, { state: { kind: 'Cancelling' } }));
    if (job.state.kind === 'Cancelling') return ok(job);
    return ok(changed(job, { state: { kind: 'Cancelled', finishedAtNs: nowNs, units: 0n, creditsUsed: 0n } }));
}

/** What the passing of time does; several steps at once when nobody looked for long. */
function woken(job: Job, nowNs: bigint, limits: Limits): Job {
    const { state } = job;
    switch (state.kind) {
        case 'Leased':
            return job.lease !== undefined && nowNs >= job.lease.deadlineNs
                ? woken(leaseExpired(job, job.lease, nowNs, limits), nowNs, limits)
                : job;
        case 'Cancelling':
            return job.lease !== undefined && nowNs >= job.lease.deadlineNs ? stopped(job, nowNs) : job;
        case 'Waiting':
            if (nowNs >= job.expiresAtNs) return expired(job, nowNs);
            return nowNs >= state.untilNs ? queued(job, nowNs) : job;
        case 'Queued':
            if (nowNs >= job.expiresAtNs) return expired(job, nowNs);
            return ages(job) && nowNs >= agesAtNs(job) ? changed(job, { isAged: true }) : job;
        case 'Opening':
        case 'Completed':
        case 'Failed':
        case 'TimedOut':
        case 'Cancelled':
        case 'Expired':
            return job;
        default:
            return unreachable(state);
    }
}

function leaseExpired(job: Job, lease: Lease, nowNs: bigint, limits: Limits): Job {
    const blamed = changed(job, { failures: job.failures + 1 });
    if (BigInt(blamed.failures) >= limits.maxAttempts) {
        return changed(blamed, { state: { kind: 'TimedOut', finishedAtNs: nowNs } });
    }
    return backingOff(blamed, lease, lease.deadlineNs);
}

/** A job that was tried in vain is a dead letter, which its owner may redrive; one that nobody has tried has only waited too long. */
function expired(job: Job, nowNs: bigint): Job {
    const kind = job.failures > 0 ? 'TimedOut' : 'Expired';
    return changed(job, { state: { kind, finishedAtNs: nowNs } });
}

/**
 * The a-th failure is followed by 2·2^(a−1) seconds of rest, half more or less, at most a minute, and by another node. The
 * spread comes from the lost lease's token, which is random: jobs that failed together do not come back together.
 */
function backingOff(job: Job, lease: Lease, fromNs: bigint): Job {
    const meanNs = BACKOFF_NS << BigInt(job.failures - 1);
    const spreadNs = (meanNs * (lease.token % SPREAD_STEPS)) / SPREAD_STEPS;
    const restNs = minAmount(meanNs / 2n + spreadNs, MAX_BACKOFF_NS);
    const excluded = excluding(job, lease.node);
    return changed(job, { excluded, state: { kind: 'Waiting', untilNs: fromNs + restNs } });
}

/** Nodes that a job remembers: what it is given back by without blame has no other bound. */
const MOST_EXCLUDED = 16;

/** The nodes that had the job, the latest last. */
function excluding({ excluded }: Job, node: Principal): readonly Principal[] {
    const others = excluded.filter((other) => !samePrincipal(other, node));
    return [...others.slice(-(MOST_EXCLUDED - 1)), node];
}

function liveLease(job: Job, claim: LeaseClaim): Lease | undefined {
    return isHeld(job) && holdsLatestLease(job, claim) ? job.lease : undefined;
}

/** Whether the caller names the latest lease of the job, live or not. */
export function holdsLatestLease(job: Job, claim: LeaseClaim): boolean {
    const { lease } = job;
    return (
        lease !== undefined &&
        lease.token === claim.token &&
        lease.attempt === claim.attempt &&
        samePrincipal(lease.node, claim.node)
    );
}
