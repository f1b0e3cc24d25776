import { invariant } from '../../../src/core/assert';
import { err, type Result } from '../../../src/core/result';
import { Deques } from './deque';
import type { ErrorOf } from './errors';
import { dueNs, isTerminal, type Job, type Payer } from './job';
import { Outbox, openRequestOf, recordOf } from './outbox';
import type { GatewayTables, QueueKey, StoredJob, Totals } from './tables';
import { transition, type EventKind, type JobEvent, type RefusalOf } from './transition';

const TOTAL_OF = {
    Completed: 'completed',
    Failed: 'failed',
    TimedOut: 'timedOut',
    Cancelled: 'cancelled',
    Expired: 'expired'
} as const satisfies Record<string, keyof Totals>;

/**
 * All jobs, and every index over them. The indexes are functions of the jobs' states, kept in step by `commit` alone: the
 * queue holds the queued, a node's leases are the leased, the schedule knows when each is due, and the outbox gets one
 * record when, and only when, a job becomes terminal.
 */
export class JobBook {
    readonly queues: Deques<QueueKey>;
    readonly outbox: Outbox;

    constructor(readonly tables: GatewayTables) {
        this.queues = new Deques(tables.queueEnds, tables.queueEntries);
        this.outbox = new Outbox(tables.outbox);
    }

    get(id: bigint): Job | undefined {
        return this.tables.jobs.get(id)?.job;
    }

    /** Applies an event to an existing job and stores what comes of it. */
    apply<Kind extends EventKind>(
        id: bigint,
        event: JobEvent<Kind>,
        nowNs: bigint
    ): Result<Job, RefusalOf<Kind> | ErrorOf<'NotFound'>> {
        const stored = this.tables.jobs.get(id);
        if (stored === undefined) return err({ kind: 'NotFound' });
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
        this.countActive(job.payer, 1n);
        tables.jobs.set(job.id, this.scheduled({ job }));
    }

    /** Forgets a job that never got its hold, as if it had not been submitted; only its id is used up. */
    drop(id: bigint): void {
        const stored = this.tables.jobs.get(id);
        if (stored === undefined) return;
        invariant(stored.job.state.kind === 'Opening', 'G2', `job ${id} is dropped after it was opened`);
        this.unschedule(stored);
        this.forgetPayloads(stored.job);
        this.countActive(stored.job.payer, -1n);
        this.tables.jobs.delete(id);
    }

    /** The hub's answer about the hold is not known and may never be: drop the job, and see to it that no hold stays. */
    abandon(id: bigint, nowNs: bigint): void {
        const job = this.get(id);
        if (job?.state.kind !== 'Opening') return;
        this.drop(id);
        this.outbox.push({ kind: 'Release', request: openRequestOf(job) }, nowNs);
    }

    /**
     * Looks at what is due, at most `budget` jobs. Returns whether more is waiting.
     * Called by the timer and, with a small budget, by every claim, so that a stopped timer cannot wedge the queue.
     */
    sweep(nowNs: bigint, budget: number): boolean {
        for (let left = budget; left > 0; left--) {
            const key = this.tables.schedule.firstKey();
            if (key === undefined || key.atNs > nowNs) return false;
            this.tables.schedule.delete(key);
            const stored = this.tables.jobs.get(key.id);
            if (stored !== undefined) this.wake({ ...stored, wakeNs: undefined }, nowNs);
        }
        return this.isOverdue(nowNs);
    }

    isOverdue(nowNs: bigint): boolean {
        const key = this.tables.schedule.firstKey();
        return key !== undefined && key.atNs <= nowNs;
    }

    private wake(stored: StoredJob, nowNs: bigint): void {
        const { job } = stored;
        const limits = this.tables.limits.get();
        if (nowNs < dueNs(job, limits)) {
            this.tables.jobs.set(job.id, this.scheduled(stored));
            return;
        }
        const after = transition(job, { kind: 'Woken' }, nowNs, limits);
        if (after.ok && after.value !== job) {
            this.commit(stored, after.value, nowNs);
            return;
        }
        // What time alone does not change has come to its end: an unanswered question, or a finished job's payloads.
        this.tables.jobs.set(job.id, stored);
        if (job.state.kind === 'Opening') this.abandon(job.id, nowNs);
        else this.forgetPayloads(job);
    }

    private commit(stored: StoredJob, after: Job, nowNs: bigint): void {
        const before = stored.job;
        invariant(!isTerminal(before.state) || after === before, 'G2', `job ${before.id} leaves a terminal state`);
        const position = this.moveInQueue(stored, after);
        this.moveLease(before, after);
        if (before.owner === undefined && after.owner !== undefined) {
            this.tables.jobIdsByOwner.append(after.owner, after.id);
        }
        if (isTerminal(after.state) && !isTerminal(before.state)) this.close(after, nowNs);
        this.tables.jobs.set(after.id, this.scheduled({ job: after, position, wakeNs: stored.wakeNs }));
    }

    private moveInQueue(stored: StoredJob, after: Job): bigint | undefined {
        const { position } = stored;
        if (after.state.kind === 'Queued') {
            if (position !== undefined) return position;
            // A job that comes back has waited longest: it goes to the front.
            const key = { appId: after.appId, priority: after.priority };
            return after.attempt === 0 ? this.queues.pushBack(key, after.id) : this.queues.pushFront(key, after.id);
        }
        if (position !== undefined) this.queues.remove(after, position);
        return undefined;
    }

    private moveLease(before: Job, after: Job): void {
        const wasLeased = before.state.kind === 'Leased';
        const isLeased = after.state.kind === 'Leased';
        if (wasLeased === isLeased) return;
        const lease = after.lease;
        invariant(lease !== undefined, 'G1', `job ${after.id} has no lease`);
        const attachment = this.tables.attachments.get(lease.node);
        if (attachment === undefined) return;
        const others = attachment.leases.filter((id) => id !== after.id);
        const leases = isLeased ? [...others, after.id] : others;
        this.tables.attachments.set(lease.node, { ...attachment, leases });
    }

    private close(job: Job, nowNs: bigint): void {
        const record = recordOf(job);
        invariant(isTerminal(job.state) && record !== undefined, 'G2', `job ${job.id} ends without a record`);
        this.outbox.push({ kind: 'Record', record }, nowNs);
        this.countActive(job.payer, -1n);
        const totals = this.tables.totals.get();
        const name = TOTAL_OF[job.state.kind];
        this.tables.totals.set({ ...totals, [name]: totals[name] + 1n });
    }

    /** Entries move only forward: one that comes too early finds out when it is due, and then enters the schedule again. */
    private scheduled(stored: StoredJob): StoredJob {
        const { job, wakeNs } = stored;
        const atNs = dueNs(job, this.tables.limits.get());
        if (wakeNs !== undefined && wakeNs <= atNs) return stored;
        this.unschedule(stored);
        this.tables.schedule.set({ atNs, id: job.id }, job.id);
        return { ...stored, wakeNs: atNs };
    }

    private unschedule({ job, wakeNs }: StoredJob): void {
        if (wakeNs !== undefined) this.tables.schedule.delete({ atNs: wakeNs, id: job.id });
    }

    private forgetPayloads(job: Job): void {
        this.tables.inputs.delete(job.id);
        this.tables.outputs.delete(job.id);
        this.tables.details.delete(job.id);
        if (job.idempotencyKey === undefined) return;
        this.tables.jobIdsByIdempotencyKey.delete({ payer: job.payer, key: job.idempotencyKey });
    }

    private countActive(payer: Payer, change: bigint): void {
        const mine = (this.tables.activeByPayer.get(payer) ?? 0n) + change;
        if (mine === 0n) this.tables.activeByPayer.delete(payer);
        else this.tables.activeByPayer.set(payer, mine);
        const totals = this.tables.totals.get();
        this.tables.totals.set({ ...totals, active: totals.active + change });
    }
}
