import { PortUnavailable } from '../client/asked';
import { nextPauseMs, sleep } from '../client/wait';
import { err, ok, type Result } from '../core/result';
import { deadlineExceeded, fromJob, fromSubmitRefusal, unavailable, type ApiError } from './http/errors';
import type { Job, JobPort, JobRequest } from './ports';

export interface WaitOptions {
    readonly poll: { readonly minMs: number; readonly maxMs: number };
    /** From submission to answer. */
    readonly limitMs: number;
}

/** The client has gone: there is nobody to answer. */
export type ClientGone = 'client_gone';

export interface FinishedJob extends Job {
    readonly output: Uint8Array;
}

const SUBMIT_TRIES = 3;

/**
 * Makes a job of a request and waits for its end by queries, which cost nothing. When the time is up or the client has
 * gone (the signal), the job is cancelled.
 */
export async function runJob(
    jobs: JobPort,
    request: JobRequest,
    options: WaitOptions,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone>> {
    const deadlineMs = performance.now() + options.limitMs;
    const submitted = await submit(jobs, request);
    if (!submitted.ok) return submitted;
    let job = submitted.value;
    let pauseMs: number | undefined;
    while (isRunning(job)) {
        const leftMs = deadlineMs - performance.now();
        if (signal.aborted || leftMs <= 0) return giveUp(jobs, job, signal);
        pauseMs = nextPauseMs({ ...options.poll, factor: 1.25 }, pauseMs);
        await sleep(Math.min(pauseMs, leftMs), signal);
        job = (await look(jobs, job.jobId)) ?? job;
    }
    const failure = fromJob(job);
    if (failure !== undefined) return err(failure);
    return job.output === undefined ? err(gone()) : ok({ ...job, output: job.output });
}

/** An unanswered submission is repeated: its idempotency key makes the same job of it. */
async function submit(jobs: JobPort, request: JobRequest): Promise<Result<Job, ApiError>> {
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

function isRunning(job: Job): boolean {
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

/** If cancelling fails, the job's own time to live ends it. */
async function giveUp(jobs: JobPort, job: Job, signal: AbortSignal): Promise<Result<never, ApiError | ClientGone>> {
    try {
        await jobs.cancel(job.jobId);
    } catch (failure) {
        if (!(failure instanceof PortUnavailable)) throw failure;
    }
    return err(signal.aborted ? 'client_gone' : deadlineExceeded(job));
}

function gone(): ApiError {
    return { code: 'invalid_request', message: 'The result of this Idempotency-Key is not kept any more.' };
}
