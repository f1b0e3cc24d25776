import { errorText } from '../client/error_text';
import { jitteredMs, nextPauseMs, sleep, type BackoffRange } from '../client/wait';
import type { JobNews } from '../core/compute/hint_wire';
import type { JobRunner } from './job_runner';
import { LeaseKeeper } from './lease_keeper';
import type { NodeMetrics } from './metrics';
import type { Backend, JobSource, LeasedJob, Log } from './ports';

/** What a worker works with. */
export interface WorkerParts {
    readonly source: JobSource;
    readonly runner: JobRunner;
    readonly log: Log;
    readonly metrics?: NodeMetrics;
    /** Told when a job begins here, and when it is done with: its end was reported, or it is somebody else's. */
    onNews?(jobId: bigint, news: JobNews): void;
    /** Hears that the queue has forgotten the node, as one that was installed anew. */
    reattach?(): void;
}

export interface WorkerOptions {
    /** The apps that it offers, with what runs them. */
    readonly backends: ReadonlyMap<string, Backend>;
    /** Jobs at a time. */
    readonly slots: number;
    readonly poll: BackoffRange;
    /** How long jobs may go on after the signal before they are given back. */
    readonly graceMs: number;
}

/** How long the network may still execute a message whose answer was lost: as long as it takes an ingress message. */
const INGRESS_MS = 5 * 60_000;
/** Leases that are remembered as done with. */
const MAX_DONE = 1_024;

/** Jobs that one claim may bring. */
const MAX_CLAIM = 8;

/**
 * The loop of a node: looks for work by a free query, claims no more than it has slots for, runs each job beside the
 * others. Polling is quick while there is work and grows lazy when there is none.
 */
export class Worker {
    private readonly keeper: LeaseKeeper;
    private readonly running = new Map<bigint, Promise<void>>();
    private wake = new AbortController();
    private hinted = new AbortController();
    /** A hint has come since the last look. */
    private isHinted = false;
    /** Until when a claim may bring leases that nobody has told of. */
    private inDoubtUntilMs = -Infinity;
    /** Leases that were done with meanwhile: an answer may be older than their end. Oldest first. */
    private readonly done = new Set<string>();
    /** Who wants the device for itself. */
    private reservations = 0;

    constructor(
        private readonly parts: WorkerParts,
        private readonly options: WorkerOptions
    ) {
        this.keeper = new LeaseKeeper(parts.source, parts.log, parts.metrics);
    }

    private get source(): JobSource {
        return this.parts.source;
    }

    private get log(): Log {
        return this.parts.log;
    }

    /** Jobs that run now. */
    get busy(): number {
        return this.running.size;
    }

    /**
     * Goes on with the leases of an earlier run, looks for work as soon as the node is attached, until the signal; then lets
     * running jobs finish within the grace, and gives the rest back. `offering` ends when no offer is on its way: a node that
     * attached after its goodbye would be waited for.
     */
    async run(attached: Promise<void>, signal: AbortSignal, offering = attached): Promise<void> {
        const keeping = new AbortController();
        const kept = this.keeper.run(keeping.signal);
        await this.resume();
        await attached;
        let pauseMs: number | undefined;
        while (!signal.aborted) {
            const claimed = await this.pollOnce(signal);
            // As many as one claim brings: there are more.
            if (claimed === MAX_CLAIM) continue;
            pauseMs = claimed > 0 ? undefined : nextPauseMs(this.options.poll, pauseMs);
            await this.pause(pauseMs ?? this.options.poll.minMs, signal, claimed === 0);
        }
        await this.finish();
        await offering;
        await this.leave();
        keeping.abort();
        await kept;
    }

    /**
     * Claims nothing more, and resolves when nothing runs any more or after so long. The answer lets the worker claim again;
     * it may be called once.
     */
    async reserve(maxMs: number, signal: AbortSignal): Promise<() => void> {
        this.reservations += 1;
        const idle = new AbortController();
        void Promise.all(this.running.values()).then(() => idle.abort());
        await sleep(maxMs, AbortSignal.any([signal, idle.signal]));
        return () => {
            this.reservations -= 1;
            this.wake.abort();
        };
    }

    private async resume(): Promise<void> {
        try {
            const before = this.running.size;
            for (const job of await this.source.myLeases()) this.start(job);
            const jobs = this.running.size - before;
            if (jobs > 0) this.log.info({ jobs }, 'leases_resumed');
        } catch (failure) {
            this.log.warn({ error: errorText(failure) }, 'resume_failed');
        }
    }

    /** How many jobs it has claimed. */
    private async pollOnce(signal: AbortSignal): Promise<number> {
        this.isHinted = false;
        if (performance.now() < this.inDoubtUntilMs) await this.resume();
        const free = Math.min(this.options.slots - this.running.size, MAX_CLAIM);
        if (free <= 0 || this.reservations > 0) return 0;
        try {
            const { appIds, room } = await this.openApps();
            if (appIds.length === 0) return 0;
            if ((await this.source.peek(appIds)) === 0n || signal.aborted) return 0;
            const claimed = await this.claim(Math.min(free, room), appIds);
            if (!claimed.ok) return this.refused(claimed.error.code);
            for (const job of claimed.value) this.start(job);
            return claimed.value.length;
        } catch (failure) {
            this.log.warn({ error: errorText(failure) }, 'poll_failed');
            return 0;
        }
    }

    /** A claim without an answer may have been executed: its jobs would wait for their leases to end. */
    private async claim(max: number, appIds: readonly string[]): ReturnType<JobSource['claim']> {
        try {
            return await this.source.claim(max, appIds);
        } catch (failure) {
            this.inDoubtUntilMs = performance.now() + INGRESS_MS;
            throw failure;
        }
    }

    /** The apps whose backends have room, so that nothing is claimed that would only wait here. */
    private async openApps(): Promise<{ appIds: readonly string[]; room: number }> {
        const rooms = await roomsOf(this.options.backends);
        const open = [...rooms].filter(([, room]) => room > 0);
        return { appIds: open.map(([appId]) => appId), room: open.reduce((sum, [, room]) => sum + room, 0) };
    }

    /** A queue that was installed anew has forgotten us. */
    private refused(code: string): 0 {
        this.log.warn({ code }, 'claim_refused');
        if (code === 'NotAttached') this.parts.reattach?.();
        return 0;
    }

    private start(job: LeasedJob): void {
        if (this.running.has(job.jobId) || this.done.has(nameOf(job))) return;
        const leaseSignal = this.keeper.hold(job);
        const onUnits = (units: bigint): void => this.keeper.progress(job, units);
        const done = this.parts.runner.run(job, leaseSignal, onUnits).finally(() => {
            this.keeper.release(job);
            this.running.delete(job.jobId);
            this.forget(job);
            this.wake.abort();
            this.parts.onNews?.(job.jobId, 'ended');
        });
        this.running.set(job.jobId, done);
        this.parts.onNews?.(job.jobId, 'begun');
    }

    private forget(job: LeasedJob): void {
        this.done.add(nameOf(job));
        const [oldest] = this.done;
        if (this.done.size > MAX_DONE && oldest !== undefined) this.done.delete(oldest);
    }

    /** Somebody says that a job of the app waits. */
    hint(appId: string): void {
        if (!this.options.backends.has(appId)) return;
        this.isHinted = true;
        this.hinted.abort();
    }

    /**
     * A freed slot ends the pause: there may be more to do. A hint ends it when there was nothing to do; after a claim it
     * does not, so that jobs that come one after the other are claimed together.
     */
    private async pause(pauseMs: number, signal: AbortSignal, wasIdle: boolean): Promise<void> {
        if (wasIdle && this.isHinted) return;
        if (this.wake.signal.aborted) this.wake = new AbortController();
        if (this.hinted.signal.aborted) this.hinted = new AbortController();
        const reasons = [signal, this.wake.signal, ...(wasIdle ? [this.hinted.signal] : [])];
        await sleep(jitteredMs(pauseMs, Math.random()), AbortSignal.any(reasons));
    }

    /** Nobody should wait for a node that has gone. */
    private async leave(): Promise<void> {
        try {
            await this.source.goodbye();
        } catch (failure) {
            this.log.warn({ error: errorText(failure) }, 'goodbye_failed');
        }
    }

    private async finish(): Promise<void> {
        if (this.running.size === 0) return;
        const ended = new AbortController();
        const all = Promise.all(this.running.values()).then(() => ended.abort());
        await sleep(this.options.graceMs, ended.signal);
        this.keeper.abortAll();
        await all;
    }
}

function nameOf({ jobId, attempt }: LeasedJob): string {
    return `${jobId}/${attempt}`;
}

/** Room of each app's backend now. */
export async function roomsOf(backends: ReadonlyMap<string, Backend>): Promise<ReadonlyMap<string, number>> {
    const rooms = await Promise.all(
        [...backends].map(async ([appId, backend]) => [appId, await backend.room()] as const)
    );
    return new Map(rooms);
}
