import { errorText } from '../client/error_text';
import { sleep } from '../client/wait';
import type { NodeMetrics } from './metrics';
import type { JobSource, LeasedJob, LeaseProgress, Log } from './ports';

interface Held {
    readonly job: LeasedJob;
    readonly abort: AbortController;
    units: bigint;
    /** Local time at which the lease has surely ended, as far as we were told. */
    endsAtMs: number;
}

/** Why a job was aborted. */
export type LossReason = 'cancelled' | 'lost' | 'expired' | 'shutdown';

/** Heartbeats that one call may carry. */
const BATCH = 64;

/**
 * Renews the leases of running jobs at a third of their length, all in one call, and at least every five seconds, since the
 * answer is how a node hears that a job was called off: its AI server works for nobody until then. Aborts a job as soon as its lease
 * is not ours: when the canister says so, or when nothing was heard from it until the lease must have ended. A job that
 * runs on without a lease only burns the backend: its result would be refused.
 */
export class LeaseKeeper {
    private readonly held = new Map<bigint, Held>();

    constructor(
        private readonly source: JobSource,
        private readonly log: Log,
        private readonly metrics?: NodeMetrics,
        private readonly nowMs: () => number = () => performance.now()
    ) {}

    /** Keeps a lease from now on; the signal is aborted with a {@link LossReason} when it is lost. */
    hold(job: LeasedJob): AbortSignal {
        const abort = new AbortController();
        this.held.set(job.jobId, { job, abort, units: 0n, endsAtMs: this.nowMs() + job.leaseMs });
        return abort.signal;
    }

    /** So much was done of the job by now: the next heartbeat tells, and a cancelled job is paid by it. */
    progress({ jobId }: LeasedJob, units: bigint): void {
        const held = this.held.get(jobId);
        if (held !== undefined) held.units = units;
    }

    release(job: LeasedJob): void {
        this.held.delete(job.jobId);
    }

    /** Aborts everything that still runs. */
    abortAll(): void {
        for (const jobId of this.held.keys()) this.lose(jobId, 'shutdown');
    }

    /** Beats until the signal. */
    async run(signal: AbortSignal): Promise<void> {
        let beating: Promise<void> | undefined;
        while (!signal.aborted) {
            await sleep(this.intervalMs(), signal);
            if (this.held.size > 0) beating ??= this.beat().finally(() => (beating = undefined));
            // Not behind a heartbeat that is never answered.
            this.expire();
        }
    }

    /** One heartbeat for all leases. */
    async beat(): Promise<void> {
        const leases = [...this.held.values()].map(({ job, units }) => ({ job, units }));
        for (let at = 0; at < leases.length; at += BATCH) await this.beatBatch(leases.slice(at, at + BATCH));
        this.expire();
    }

    private expire(): void {
        for (const [jobId, { endsAtMs }] of this.held) {
            if (this.nowMs() >= endsAtMs) this.lose(jobId, 'expired');
        }
    }

    private async beatBatch(leases: readonly LeaseProgress[]): Promise<void> {
        const askedAtMs = this.nowMs();
        try {
            const reply = await this.source.heartbeat(leases);
            for (const jobId of reply.extended) {
                const held = this.held.get(jobId);
                if (held !== undefined) held.endsAtMs = askedAtMs + held.job.leaseMs;
            }
            for (const jobId of reply.cancelled) this.lose(jobId, 'cancelled');
            for (const jobId of reply.unknown) this.lose(jobId, 'lost');
        } catch (failure) {
            this.metrics?.heartbeatMissed();
            this.log.warn({ jobs: leases.length, error: errorText(failure) }, 'heartbeat_failed');
        }
    }

    private lose(jobId: bigint, reason: LossReason): void {
        const held = this.held.get(jobId);
        if (held === undefined) return;
        this.held.delete(jobId);
        this.metrics?.leaseLost(reason);
        this.log.warn({ job_id: `${jobId}`, reason }, 'lease_lost');
        held.abort.abort(reason);
    }

    /** A third of the shortest lease; with nothing to keep, often enough to notice that there is something. */
    private intervalMs(): number {
        const leases = [...this.held.values()].map(({ job }) => job.leaseMs);
        return Math.max(100, Math.min(5_000, ...leases.map((leaseMs) => leaseMs / 3)));
    }
}
