import { PortUnavailable } from '../client/asked';
import { nextPauseMs, sleep } from '../client/wait';
import type { Acks } from './delivery/acks';
import type { LiveResults } from './delivery/live_results';
import type { Survivor } from './journal/job_debts';
import type { Job, JobPort } from './ports';
import { isRunning } from './run_job';

/** What survivors are awaited with. */
export interface ResumeParts {
    readonly jobs: JobPort;
    readonly lives: LiveResults;
    readonly acks: Acks;
}

const POLL = { minMs: 500, maxMs: 5_000, factor: 1.5 };

/**
 * Waits in the place of clients that a crash has cut off and that may come back by their own keys: results that nodes hand
 * over meanwhile are taken by the word that the earlier process has given. Until all their jobs have ended, or the signal.
 */
export async function awaitSurvivors(
    parts: ResumeParts,
    survivors: readonly Survivor[],
    signal: AbortSignal
): Promise<void> {
    await Promise.all(survivors.map((survivor) => awaitOne(parts, survivor, signal)));
}

async function awaitOne({ jobs, lives, acks }: ResumeParts, survivor: Survivor, signal: AbortSignal): Promise<void> {
    const { keyHash, key, ack, jobId } = survivor;
    const forget = ack && acks.restore(keyHash, key, ack);
    // The node may be delivering already: it must not be told that nobody waits.
    if (jobId !== undefined) lives.join(jobId, ack);
    let joined = jobId;
    const look = (): Promise<Job | undefined> => (joined === undefined ? jobs.find(keyHash, key) : jobs.get(joined));
    let pauseMs: number | undefined;
    while (!signal.aborted) {
        const seen = await asked(look);
        if (seen !== 'unknown' && (seen === undefined || !isRunning(seen))) break;
        if (seen !== 'unknown' && joined === undefined) lives.join((joined = seen.jobId), ack);
        pauseMs = nextPauseMs(POLL, pauseMs);
        await sleep(pauseMs, signal);
    }
    // At the end of this process the job goes on: the next one waits for it.
    if (signal.aborted) return;
    if (joined !== undefined) lives.leave(joined);
    forget?.();
    survivor.closed();
}

async function asked(look: () => Promise<Job | undefined>): Promise<Job | undefined | 'unknown'> {
    try {
        return await look();
    } catch (failure) {
        if (!(failure instanceof PortUnavailable)) throw failure;
        return 'unknown';
    }
}
