import { createHash } from 'node:crypto';
import { PortUnavailable } from '../client/asked';
import { nextPauseMs, sleep, within, type BackoffRange } from '../client/wait';
import { equalBytes } from '../core/bytes';
import { err, ok, type Result } from '../core/result';
import type { LiveResult } from './delivery/live_result';
import type { LiveResults } from './delivery/live_results';
import type { ResultStore } from './delivery/results';
import { deadlineExceeded, fromJob, fromSubmitRefusal, interrupted, notKept, unavailable } from './http/errors';
import type { ApiError } from './http/errors';
import type { HintBoard } from './hints/hint_board';
import type { JournalPort } from './journal/journal_port';
import type { Origin } from './origin';
import type { Job, JobPort, JobRequest } from './ports';

export interface WaitOptions {
    readonly poll: { readonly minMs: number; readonly maxMs: number };
    /** From submission to answer. */
    readonly limitMs: number;
    /** Secret whose hash the request carries. */
    readonly ack?: Uint8Array;
    /** Told as soon as it is known what will answer. */
    onOrigin?(origin: Origin): void;
    /** Hears text as it is generated, where it comes directly. */
    onText?(text: string): void;
    /** Hears once that a node has the job, and after how long that was seen. */
    onLeased?(seconds: number): void;
}

/** What jobs are run with. */
export interface RunParts {
    readonly jobs: JobPort;
    readonly lives: LiveResults;
    readonly results: ResultStore;
    readonly journal: JournalPort;
    readonly hints: HintBoard;
}

/** The client has gone: there is nobody to answer. */
export type ClientGone = 'client_gone';

/** A result and where it came from. */
export interface FinishedJob {
    readonly origin: Origin;
    readonly output: Uint8Array;
    readonly details?: Uint8Array;
}

function finishedJob({ jobId }: Job, output: Uint8Array, details?: Uint8Array): FinishedJob {
    return { origin: { kind: 'job', jobId }, output, details };
}

const SUBMIT_TRIES = 3;

/**
 * Makes a job of a request and waits for its end: by queries, which cost nothing, and for a result that comes directly.
 * When the time is up or the client has gone (the signal), and nobody else waits for it, the job is cancelled.
 */
export async function runJob(
    parts: RunParts,
    request: JobRequest,
    options: WaitOptions,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone>> {
    const startedAtMs = performance.now();
    const open = await parts.journal.opening(request, options.ack);
    const named = parts.lives.expect();
    // Also a submission that is never answered has an end.
    let submitted: Awaited<ReturnType<typeof submit>> | undefined;
    try {
        submitted = await within(options.limitMs, submit(parts.jobs, request));
    } finally {
        // What hears of it runs after this turn, in which the job is joined.
        named();
    }
    if (submitted === undefined) {
        open.unanswered();
        return err(deadlineExceeded());
    }
    if (!submitted.ok) {
        // Without an answer a job may be there all the same: the outbox looks it up.
        if (submitted.error.code === 'unavailable') open.unanswered();
        else open.closed();
        return submitted;
    }
    const job = submitted.value;
    open.submitted(job.jobId);
    parts.hints.queued(request.appId);
    options.onOrigin?.({ kind: 'job', jobId: job.jobId });
    const live = parts.lives.join(job.jobId, options.ack);
    const deaf = options.onText === undefined ? undefined : live.listen(options.onText);
    const hint = new AbortController();
    const seen = new FirstSight(options, startedAtMs);
    const unheard = parts.hints.listen(job.jobId, (news) => (news === 'begun' ? seen.atNode() : hint.abort()));
    try {
        return await waitForEnd(parts, job, live, { ...options, startedAtMs, seen, hint: hint.signal }, signal);
    } finally {
        unheard();
        deaf?.();
        open.closed();
    }
}

interface Waiting extends WaitOptions {
    readonly startedAtMs: number;
    readonly seen: FirstSight;
    /** Aborted when a node says that it has done with the job. */
    readonly hint: AbortSignal;
}

/** Tells once that a node has the job. */
class FirstSight {
    private isTold = false;

    constructor(
        private readonly options: Pick<WaitOptions, 'onLeased'>,
        private readonly startedAtMs: number
    ) {}

    atNode(): void {
        if (this.isTold) return;
        this.isTold = true;
        this.options.onLeased?.((performance.now() - this.startedAtMs) / 1_000);
    }
}

async function waitForEnd(
    parts: RunParts,
    submitted: Job,
    live: LiveResult,
    options: Waiting,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone>> {
    let job = submitted;
    let pauseMs: number | undefined;
    const { seen } = options;
    const news = AbortSignal.any([signal, live.settled, live.diverged]);
    const newsOrHint = AbortSignal.any([news, options.hint]);
    let isHinted = false;
    while (isRunning(job)) {
        const leftMs = options.startedAtMs + options.limitMs - performance.now();
        if (job.attempt > 0) seen.atNode();
        if (live.finished !== undefined || signal.aborted || live.diverged.aborted || leftMs <= 0) break;
        pauseMs = nextPauseMs(rangeOf(options, isHinted || !parts.hints.isHeard), pauseMs);
        await sleep(Math.min(pauseMs, leftMs), isHinted ? news : newsOrHint);
        if (options.hint.aborted && !isHinted) {
            // The chain may still say for a moment what was before.
            isHinted = true;
            pauseMs = undefined;
        }
        if (live.finished === undefined) job = (await look(parts.jobs, job.jobId)) ?? job;
    }
    const { finished } = live;
    if (finished !== undefined || job.attempt > 0) seen.atNode();
    const isLast = parts.lives.leave(job.jobId);
    if (finished !== undefined) return ok(finishedJob(job, finished.output, finished.details));
    if (!isRunning(job)) return resultOf(job, parts.results);
    if (isLast) await parts.journal.cancel(job.jobId);
    if (signal.aborted) return err('client_gone');
    return err(live.diverged.aborted ? interrupted() : deadlineExceeded(job));
}

/** Where nodes tell of the end, looks without a reason are as rare as they may be: they find what a hint would not tell. */
function rangeOf({ poll }: WaitOptions, isQuick: boolean): BackoffRange {
    return { minMs: isQuick ? poll.minMs : poll.maxMs, maxMs: poll.maxMs, factor: 1.25 };
}

/** The end of a job as the chain tells it; what was handed over directly is only here. */
async function resultOf(job: Job, results: ResultStore): Promise<Result<FinishedJob, ApiError>> {
    const failure = fromJob(job);
    if (failure !== undefined) return err(failure);
    const kept = await keptResult(job, results);
    return kept === undefined ? err(notKept()) : ok(kept);
}

/** The result of a completed job, from the chain or from here: then it must be the one whose hash the chain has. */
export async function keptResult(job: Job, results: ResultStore): Promise<FinishedJob | undefined> {
    if (job.output !== undefined) return finishedJob(job, job.output, job.details);
    const direct = await results.get(job.jobId);
    if (direct === undefined) return undefined;
    const hash = Uint8Array.from(createHash('sha256').update(direct.output).digest());
    const isMeant = job.outputHash !== undefined && equalBytes(hash, job.outputHash);
    return isMeant ? finishedJob(job, direct.output, direct.details) : undefined;
}

/** An unanswered submission is repeated: its idempotency key makes the same job of it. */
export async function submit(jobs: JobPort, request: JobRequest): Promise<Result<Job, ApiError>> {
    for (let tries = SUBMIT_TRIES; tries > 0; tries--) {
        try {
            const job = await jobs.submit(request);
            return job.ok ? job : err(fromSubmitRefusal(job.error, request.appId));
        } catch (failure) {
            if (!(failure instanceof PortUnavailable)) throw failure;
        }
    }
    return err(unavailable());
}

export function isRunning(job: Job): boolean {
    return job.state === 'Queued' || job.state === 'Leased';
}

/** A look that fails is no news: the deadline decides. */
async function look(jobs: JobPort, jobId: bigint): Promise<Job | undefined> {
    try {
        return await jobs.get(jobId);
    } catch (failure) {
        if (!(failure instanceof PortUnavailable)) throw failure;
        return undefined;
    }
}
