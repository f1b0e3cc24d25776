import { invariant } from '../../../src/core/assert';
import { NS_PER_S } from '../../../src/core/clock';
import { err, type Result } from '../../../src/core/result';
import { execLimitS } from './app';
import type { ErrorOf } from './errors';
import { FairQueue } from './fair_queue';
import { Calendar } from './calendar';
import { dueNs, isHeld, isTerminal, laneOf, type Job, type Payer } from './job';
import { Outbox, openRequestOf, recordOf, type OutboxMessage, type ResultRecord } from './outbox';
import { forgetSession, trackSession } from './sessions';
import { reserveUnits, settleUnits } from './socket_units';
import type { GatewayTables, PayerLoad, StoredJob, Totals } from './tables';
import { transition, type EventKind, type JobEvent, type RefusalOf } from './transition';

const TOTAL_OF = {
    Completed: 'completed',
    Failed: 'failed',
    TimedOut: 'timedOut',
    Cancelled: 'cancelled',
    Expired: 'expired'
} as const satisfies Record<string, keyof Totals>;

/** Completed jobs over which the usual running time is averaged. */
const RUNS_AVERAGED = 16n;

const EXEC_LIMITS_KEPT = 64;

const IDLE: PayerLoad = { active: 0, leased: 0 };

/**
 * All jobs, and every index over them. The indexes are functions of the jobs' states, kept in step by `commit` alone: the
 * queue holds the queued, a node's leases are the leased, the schedule knows when each is due, and the outbox gets one
 * record when, and only when, a job becomes terminal.
 */
export class JobBook {
    readonly queue: FairQueue;
    readonly outbox: Outbox;
    private readonly calendar: Calendar;
    private readonly execNs = new Map<string, bigint>();

    constructor(readonly tables: GatewayTables) {
        this.calendar = new Calendar(tables);
        this.queue = new FairQueue(tables);
        this.outbox = new Outbox(tables.outbox);
    }

    get(id: bigint): Job | undefined {
        return this.tables.jobs.get(id)?.job;
    }

    load(id: bigint): StoredJob | undefined {
        return this.tables.jobs.get(id);
    }

    /** Applies an event to an existing job and stores what comes of it. */
    apply<Kind extends EventKind>(
        id: bigint,
        event: JobEvent<Kind>,
        nowNs: bigint
    ): Result<Job, RefusalOf<Kind> | ErrorOf<'NotFound'>> {
        const stored = this.tables.jobs.get(id);
        return stored === undefined ? err({ kind: 'NotFound' }) : this.applyTo(stored, event, nowNs);
    }

    /** The same to a job that was loaded in this message, and not changed since. */
    applyTo<Kind extends EventKind>(
        stored: StoredJob,
        event: JobEvent<Kind>,
        nowNs: bigint
    ): Result<Job, RefusalOf<Kind>> {
        const after = transition(stored.job, event, nowNs, this.tables.limits.get());
        if (after.ok) this.commit(stored, after.value, nowNs);
        return after;
    }

    /** Stores a new job with its input. */
    create(job: Job, input: Uint8Array): void {
        const { tables } = this;
        tables.inputs.set(job.id, input);
        if (job.idempotencyKey !== undefined) {
            tables.jobIdsByIdempotencyKey.set({ payer: job.payer, key: job.idempotencyKey }, job.id);
        }
        reserveUnits(tables, job);
        this.countLoad(job.payer, 1, 0);
        const totals = tables.totals.get();
        invariant(job.id === totals.nextId, 'G2', 'an id is given twice', job.id);
        tables.totals.set(withActive(totals, 1n, job.id + 1n));
        tables.jobs.set(job.id, this.calendar.entered({ job }));
    }

    /** Forgets a job that never got its hold, as if it had not been submitted; only its id is used up. */
    drop(id: bigint): void {
        const stored = this.tables.jobs.get(id);
        if (stored === undefined) return;
        invariant(stored.job.state.kind === 'Opening', 'G2', 'a job is dropped after it was opened', id);
        this.calendar.leave(stored);
        this.forgetPayloads(stored.job);
        settleUnits(this.tables, stored.job);
        this.countLoad(stored.job.payer, -1, 0);
        this.countActive(-1n);
        this.tables.jobs.delete(id);
    }

    /** From now on the job's idempotency key makes another job, unless it names another one already. */
    forgetKey(job: Job): void {
        const { id, payer, idempotencyKey: key } = job;
        const { jobIdsByIdempotencyKey } = this.tables;
        if (key === undefined || jobIdsByIdempotencyKey.get({ payer, key }) !== id) return;
        jobIdsByIdempotencyKey.delete({ payer, key });
    }

    /** The hub's answer about the hold is not known and may never be: drop the job, and see to it that no hold stays. */
    abandon(id: bigint, nowNs: bigint): void {
        const job = this.get(id);
        if (job?.state.kind !== 'Opening') return;
        this.drop(id);
        this.outbox.push({ kind: 'Release', request: openRequestOf(job) }, nowNs);
    }

    /**
     * Looks at what is due, at most `budget` jobs, or a node's leases at once. Returns whether more is waiting.
     * Called by the timer and, with a small budget, by every claim, so that a stopped timer cannot wedge the queue.
     */
    sweep(nowNs: bigint, budget: number): boolean {
        let left = budget;
        while (left > 0) {
            const due = this.calendar.takeDue(nowNs);
            if (due === undefined) return false;
            for (const stored of due) this.wake(stored, nowNs);
            left -= Math.max(1, due.length);
        }
        return this.calendar.earliestNs() <= nowNs;
    }

    /** Whether a lease may have been lost, or a rest be over, that nobody has seen yet. */
    isOverdue(nowNs: bigint): boolean {
        return this.calendar.isOverdue(nowNs);
    }

    /** A session begins or ends: it counts for its payer as a job that runs. */
    countSession(payer: Payer, by: 1 | -1): void {
        this.countLoad(payer, by, by);
        this.countActive(BigInt(by));
    }

    /** What the hub is told by a message; undefined for one that tells no result. */
    recordOf(message: OutboxMessage): ResultRecord | undefined {
        if (message.kind === 'Record') return message.record;
        const job = message.kind === 'Ended' ? this.get(message.requestId) : undefined;
        return job === undefined ? undefined : recordOf(job);
    }

    /** How long an attempt of the job may run. Kept, since every heartbeat asks: an app stays as it is, limits change with the code alone. */
    execNsOf(job: Job): bigint {
        const { appId } = job;
        return this.execNs.get(appId) ?? this.learnExecNs(appId) ?? job.leaseNs;
    }

    private learnExecNs(appId: string): bigint | undefined {
        const app = this.tables.appsById.get(appId);
        if (app === undefined) return undefined;
        const execNs = execLimitS(app, this.tables.limits.get()) * NS_PER_S;
        if (this.execNs.size >= EXEC_LIMITS_KEPT) this.execNs.clear();
        this.execNs.set(appId, execNs);
        return execNs;
    }

    /** What a payer has under way. */
    loadOf(payer: Payer): PayerLoad {
        return this.tables.loadByPayer.get(payer) ?? IDLE;
    }

    private wake(stored: StoredJob, nowNs: bigint): void {
        const { job } = stored;
        const limits = this.tables.limits.get();
        const after = transition(job, { kind: 'Woken' }, nowNs, limits);
        if (!after.ok) return;
        if (after.value !== job) {
            this.commit(stored, after.value, nowNs);
            return;
        }
        if (dueNs(job, limits) > nowNs) {
            const entered = this.calendar.entered(stored);
            if (entered !== this.tables.jobs.get(job.id)) this.tables.jobs.set(job.id, entered);
            return;
        }
        // What time alone does not change has come to its end: an unanswered question, or a finished job's payloads.
        this.tables.jobs.set(job.id, stored);
        if (job.state.kind === 'Opening') this.abandon(job.id, nowNs);
        else this.forgetPayloads(job);
    }

    private commit(stored: StoredJob, after: Job, nowNs: bigint): void {
        const before = stored.job;
        invariant(!isTerminal(before.state) || after === before, 'G2', 'a job leaves a terminal state', before.id);
        const place = this.moveInQueue(stored, after);
        const leased = this.moveLease(before, after);
        const isEnd = isTerminal(after.state) && !isTerminal(before.state);
        if (isEnd || leased !== 0) this.countLoad(after.payer, isEnd ? -1 : 0, leased);
        if (before.owner === undefined && after.owner !== undefined) {
            this.tables.jobIdsByOwner.append(after.owner, after.id);
        }
        if (isEnd) this.close(after, nowNs);
        this.tables.jobs.set(after.id, this.calendar.entered({ job: after, place, wakeNs: stored.wakeNs }));
    }

    /** A claim has taken a job that it leases out of the queue already. */
    private moveInQueue(stored: StoredJob, after: Job): StoredJob['place'] {
        const { job: before, place } = stored;
        const isQueued = after.state.kind === 'Queued';
        const lane = laneOf(after);
        if (isQueued && place !== undefined && lane === laneOf(before)) return place;
        if (place !== undefined && after.state.kind !== 'Leased') this.queue.remove(after.appId, place);
        if (!isQueued) return undefined;
        // A job that comes back has waited longest: it goes before the payer's others.
        const name = { appId: after.appId, lane, payer: after.payer };
        return this.queue.push(name, after.id, after.attempt === 0 && !after.isAged ? 'back' : 'front');
    }

    /** By how many its payer's leases have changed. */
    private moveLease(before: Job, after: Job): -1 | 0 | 1 {
        const wasLeased = isHeld(before);
        const isLeased = isHeld(after);
        if (wasLeased === isLeased) return 0;
        const { lease } = after;
        invariant(lease !== undefined, 'G1', 'a held job has no lease', after.id);
        const { leases } = this.tables;
        const others = (leases.get(lease.node) ?? []).filter((id) => id !== after.id);
        leases.set(lease.node, isLeased ? [...others, after.id] : others);
        trackSession(this.tables, before, after);
        return isLeased ? 1 : -1;
    }

    private close(job: Job, nowNs: bigint): void {
        invariant(isTerminal(job.state), 'G2', 'a job ends and goes on', job.id);
        settleUnits(this.tables, job);
        this.outbox.push({ kind: 'Ended', requestId: job.id }, nowNs);
        const { kind } = job.state;
        const totals = this.tables.totals.get();
        const { usualRunNs } = totals;
        const isTimed = kind === 'Completed' && job.lease !== undefined;
        const ranNs = isTimed ? nowNs - job.lease.grantedAtNs : usualRunNs;
        this.tables.totals.set(ended(totals, TOTAL_OF[kind], usualRunNs + (ranNs - usualRunNs) / RUNS_AVERAGED));
        const isDead = kind === 'Failed' || kind === 'TimedOut';
        if (isDead && job.owner !== undefined) this.tables.deadIdsByOwner.append(job.owner, job.id);
    }

    private forgetPayloads(job: Job): void {
        this.tables.inputs.delete(job.id);
        this.tables.outputs.delete(job.id);
        this.tables.details.delete(job.id);
        forgetSession(this.tables, job);
        this.forgetKey(job);
    }

    private countLoad(payer: Payer, active: number, leased: number): void {
        const load = this.loadOf(payer);
        const changed = { active: load.active + active, leased: load.leased + leased };
        if (changed.active === 0) this.tables.loadByPayer.delete(payer);
        else this.tables.loadByPayer.set(payer, changed);
    }

    private countActive(by: bigint): void {
        const totals = this.tables.totals.get();
        this.tables.totals.set(withActive(totals, by, totals.nextId));
    }
}

/** Spelled out: to spread an object costs a canister twice as much as to name its fields. */
function withActive(totals: Totals, by: bigint, nextId: bigint): Totals {
    return {
        active: totals.active + by,
        completed: totals.completed,
        failed: totals.failed,
        timedOut: totals.timedOut,
        cancelled: totals.cancelled,
        expired: totals.expired,
        usualRunNs: totals.usualRunNs,
        nextId
    };
}

/** With one job less under way, and one more of those that ended like it. */
function ended(totals: Totals, how: keyof Totals, usualRunNs: bigint): Totals {
    return {
        active: totals.active - 1n,
        completed: how === 'completed' ? totals.completed + 1n : totals.completed,
        failed: how === 'failed' ? totals.failed + 1n : totals.failed,
        timedOut: how === 'timedOut' ? totals.timedOut + 1n : totals.timedOut,
        cancelled: how === 'cancelled' ? totals.cancelled + 1n : totals.cancelled,
        expired: how === 'expired' ? totals.expired + 1n : totals.expired,
        usualRunNs,
        nextId: totals.nextId
    };
}
