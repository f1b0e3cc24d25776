import type { Principal } from '@dfinity/principal';
import { minAmount } from '../../../src/core/amount';
import { dueNs, isHeld, OPENING_LIMIT_NS, type Job } from './job';
import type { GatewayTables, StoredJob } from './tables';

const NEVER_NS = 1n << 63n;

/**
 * When each unfinished job, and each finished one whose payloads are kept, must be looked at without anybody asking. Three
 * things tell, of which the steps of a job that goes well write none: a job is seen once two minutes after its submission, in the
 * order of the ids, without an index; a node that holds leases has one alarm for all of them; all else has an entry in the schedule.
 * What comes too early finds out when the job is due.
 */
export class Calendar {
    /** No later than anything is due; unknown after an upgrade and when the earliest has been taken out. */
    private earliest: bigint | undefined;

    constructor(private readonly tables: GatewayTables) {}

    /** The job with the entry that it needs; it is stored afterwards. */
    entered(stored: StoredJob): StoredJob {
        const { job, wakeNs } = stored;
        const atNs = dueNs(job, this.tables.limits.get());
        if (wakeNs !== undefined && wakeNs <= atNs) return stored;
        if (isHeld(job) && job.lease !== undefined) {
            this.alarm(job.lease.node, atNs);
            return stored;
        }
        const seenNs = firstSeenNs(job);
        if (wakeNs === undefined && atNs >= seenNs && job.id >= this.tables.nextSeen.get()) {
            this.expect(seenNs);
            return stored;
        }
        this.leave(stored);
        this.tables.schedule.set({ atNs, id: job.id }, job.id);
        this.expect(atNs);
        return { ...stored, wakeNs: atNs };
    }

    /** Takes a job's entry out. */
    leave(stored: StoredJob): void {
        const { job, wakeNs } = stored;
        if (wakeNs !== undefined) this.tables.schedule.delete({ atNs: wakeNs, id: job.id });
    }

    /** No later than the first thing that is due. */
    earliestNs(): bigint {
        this.earliest ??= minAmount(
            minAmount(this.firstUnseenNs(), this.tables.schedule.firstKey()?.atNs ?? NEVER_NS),
            this.tables.alarms.firstKey()?.atNs ?? NEVER_NS
        );
        return this.earliest;
    }

    /** Whether an entry or an alarm is due. */
    isOverdue(nowNs: bigint): boolean {
        if (this.earliestNs() > nowNs) return false;
        const { alarms, schedule } = this.tables;
        return (alarms.firstKey()?.atNs ?? NEVER_NS) <= nowNs || (schedule.firstKey()?.atNs ?? NEVER_NS) <= nowNs;
    }

    /** Takes out what is due next, without its entry: a job, the jobs that a node holds, or none; undefined when nothing is due. */
    takeDue(nowNs: bigint): readonly StoredJob[] | undefined {
        if (this.earliestNs() > nowNs) return undefined;
        this.earliest = undefined;
        const { alarms, alarmOfNode, jobs, leases, schedule } = this.tables;
        const alarm = alarms.firstKey();
        if (alarm !== undefined && alarm.atNs <= nowNs) {
            alarms.delete(alarm);
            alarmOfNode.delete(alarm.node);
            return (leases.get(alarm.node) ?? []).flatMap((id) => jobs.get(id) ?? []);
        }
        const key = schedule.firstKey();
        if (key !== undefined && key.atNs <= nowNs) {
            schedule.delete(key);
            const stored = jobs.get(key.id);
            return stored === undefined ? [] : [{ ...stored, wakeNs: undefined }];
        }
        return this.firstUnseenNs() <= nowNs ? this.see() : undefined;
    }

    /** A job that has an entry already is seen by that. */
    private see(): readonly StoredJob[] {
        const id = this.tables.nextSeen.get();
        this.tables.nextSeen.set(id + 1n);
        const stored = this.tables.jobs.get(id);
        return stored === undefined || stored.wakeNs !== undefined ? [] : [stored];
    }

    /** When the next unseen job is seen; at once, when its id belongs to no job. */
    private firstUnseenNs(): bigint {
        const id = this.tables.nextSeen.get();
        if (id >= this.tables.nextJobId.get()) return NEVER_NS;
        const stored = this.tables.jobs.get(id);
        return stored === undefined ? 0n : firstSeenNs(stored.job);
    }

    private alarm(node: Principal, atNs: bigint): void {
        const { alarms, alarmOfNode } = this.tables;
        const before = alarmOfNode.get(node);
        if (before !== undefined && before <= atNs) return;
        if (before !== undefined) alarms.delete({ atNs: before, node });
        alarms.set({ atNs, node }, node);
        alarmOfNode.set(node, atNs);
        this.expect(atNs);
    }

    private expect(atNs: bigint): void {
        if (this.earliest !== undefined && atNs < this.earliest) this.earliest = atNs;
    }
}

function firstSeenNs(job: Job): bigint {
    return job.createdAtNs + OPENING_LIMIT_NS;
}
