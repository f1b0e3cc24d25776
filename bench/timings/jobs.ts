import { once, type Benchmark } from '../lib/benchmark';
import { bullRuns } from '../lib/bullmq';
import { ChatLoad, type ChatRun } from '../lib/chat_load';
import { missingRedis } from '../lib/redis';
import { openShop, SLOTS } from '../lib/shop';
import { quantile } from '../lib/statistics';

const RUNS = 3;
const JOBS = 400;
/** A queue without money, signatures and consensus is that much faster. */
const BULL_JOBS = 10 * JOBS;
const AT_A_TIME = 32;
const MILLISECONDS = 1_000;

/**
 * Jobs through the market. Each is named by an Idempotency-Key, so that none goes by a session; a run has ended when the hub
 * has recorded all of them, which is after the last answer.
 */
const ourRuns = once(async (): Promise<readonly ChatRun[]> => {
    const shop = await openShop();
    const load = new ChatLoad(shop.gateway, AT_A_TIME);
    let named = 0;
    const headersOf = (): Record<string, string> => ({ 'idempotency-key': `job ${named++}` });
    const run = async (count: number): Promise<ChatRun> => {
        const startedAt = performance.now();
        const { latenciesMs } = await load.run(count, headersOf);
        await shop.settled();
        return { elapsedMs: performance.now() - startedAt, latenciesMs };
    };
    try {
        await run(2 * AT_A_TIME);
        const measured: ChatRun[] = [];
        while (measured.length < RUNS) measured.push(await run(JOBS));
        return measured;
    } finally {
        load.close();
        await shop.close();
    }
});

const theirRuns = once(() => bullRuns({ runs: RUNS, jobs: BULL_JOBS, atATime: AT_A_TIME, slots: SLOTS }));

type Runs = () => Promise<readonly ChatRun[]>;

const rate = (runs: Runs) => async (): Promise<readonly number[]> =>
    (await runs()).map(({ latenciesMs, elapsedMs }) => (latenciesMs.length * MILLISECONDS) / elapsedMs);

const latency = (runs: Runs, q: number) => async (): Promise<readonly number[]> =>
    (await runs()).map(({ latenciesMs }) => quantile(latenciesMs, q));

export const jobBenchmarks: readonly Benchmark[] = [
    {
        name: 'jobs_per_second',
        unit: 'jobs/s',
        description:
            'Paid jobs, 32 at a time, from the HTTP request to the record in the hub: hold, queue, lease, AI server, completion, capture, on the embedded network.',
        runs: rate(ourRuns)
    },
    {
        name: 'job_p50',
        unit: 'ms',
        description: 'Median time of those jobs from the HTTP request to its answer.',
        runs: latency(ourRuns, 0.5)
    },
    { name: 'job_p99', unit: 'ms', description: 'The 99th percentile of that.', runs: latency(ourRuns, 0.99) },
    {
        name: 'bullmq_jobs_per_second',
        unit: 'jobs/s',
        description:
            'For comparison: jobs of the same content and answer on BullMQ 6.7.0 and a Redis without persistence, 32 at a time, the worker a process of its own. No money, no signatures, no consensus.',
        missing: missingRedis,
        runs: rate(theirRuns)
    },
    {
        name: 'bullmq_job_p50',
        unit: 'ms',
        description: 'Median time of those jobs from their adding to the word of their end.',
        missing: missingRedis,
        runs: latency(theirRuns, 0.5)
    },
    {
        name: 'bullmq_job_p99',
        unit: 'ms',
        description: 'The 99th percentile of that.',
        missing: missingRedis,
        runs: latency(theirRuns, 0.99)
    }
];
