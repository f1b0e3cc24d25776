/** The same jobs on BullMQ and Redis, for comparison: adding, working and hearing of the end are processes of their own, as ours. */
import { CHAT_BODY, type ChatRun } from './chat_load';
import { connectionOf, QUEUE } from './bullmq_queue';
import { Program } from './program';
import { withRedis } from './redis';

export interface BullLoad {
    readonly runs: number;
    readonly jobs: number;
    /** Jobs that are added at a time, each when an earlier one has ended. */
    readonly atATime: number;
    /** Jobs that the worker has at a time. */
    readonly slots: number;
}

/** A job is added, waits, is worked on and has ended; twice that. */
const EVENTS_PER_JOB = 8;

/** How long jobs take from their adding to their end, after some that warm everything up. */
export function bullRuns({ runs, jobs, atATime, slots }: BullLoad): Promise<readonly ChatRun[]> {
    return withRedis(async (socket) => {
        const args = ['--import', 'tsx', 'bench/lib/bullmq_worker.ts', socket, `${slots}`];
        const worker = new Program('bullmq worker', args, /Worker ready/);
        await worker.start();
        const { Queue, QueueEvents } = await import('bullmq');
        const connection = connectionOf(socket);
        // All events of a run are kept: one that is trimmed before it is read would never be heard.
        const streams = { events: { maxLen: EVENTS_PER_JOB * jobs } };
        const queue = new Queue(QUEUE, { connection, streams });
        const events = new QueueEvents(QUEUE, { connection });
        const waiting = new Map<string, () => void>();
        events.on('completed', ({ jobId }) => waiting.get(jobId)?.());
        let lastId = 0;
        const finish = (): Promise<void> =>
            new Promise((resolve, reject) => {
                const jobId = `job-${++lastId}`;
                waiting.set(jobId, () => resolve(void waiting.delete(jobId)));
                queue.add('job', CHAT_BODY, { jobId, removeOnComplete: true }).catch(reject);
            });
        try {
            await events.waitUntilReady();
            await closedLoop(atATime, jobs, finish);
            const measured: ChatRun[] = [];
            while (measured.length < runs) measured.push(await closedLoop(atATime, jobs, finish));
            return measured;
        } finally {
            await events.close();
            await queue.close();
            await worker.stop();
        }
    });
}

async function closedLoop(atATime: number, count: number, work: () => Promise<unknown>): Promise<ChatRun> {
    const latenciesMs: number[] = [];
    let left = count;
    const loop = async (): Promise<void> => {
        while (left-- > 0) {
            const startedAt = performance.now();
            await work();
            latenciesMs.push(performance.now() - startedAt);
        }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: atATime }, loop));
    return { elapsedMs: performance.now() - startedAt, latenciesMs };
}
