/** BullMQ on Redis, for comparison, where somebody has installed both: neither is a dependency of the project. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from './compute_market';
import { Program } from './program';

/** The part of BullMQ's interface that is used. */
interface BullMq {
    readonly Queue: new (name: string, options: object) => BullQueue;
    readonly QueueEvents: new (
        name: string,
        options: object
    ) => { close(): Promise<void>; waitUntilReady(): Promise<unknown> };
    readonly Worker: new (name: string, work: () => Promise<unknown>, options: object) => { close(): Promise<void> };
}

interface BullQueue {
    add(name: string, data: object): Promise<{ waitUntilFinished(events: object): Promise<unknown> }>;
    close(): Promise<void>;
}

async function load(): Promise<BullMq | undefined> {
    const name: string = 'bullmq';
    return (await import(name).catch(() => undefined)) as BullMq | undefined;
}

/** Why it cannot be measured here. */
export async function missingBullMq(): Promise<string | undefined> {
    const redis = await promisify(execFile)('redis-server', ['--version']).catch(() => undefined);
    if (redis === undefined) return 'no redis-server on this machine';
    return (await load()) === undefined ? 'bullmq is not installed (npm install --no-save bullmq)' : undefined;
}

/** Milliseconds that so many jobs of 1 KiB take that do nothing, so many at a time, from adding to the end of each. */
export async function runBullMq(jobs: number, atATime: number): Promise<number> {
    const bullmq = await load();
    if (bullmq === undefined) return Infinity;
    const port = await freePort();
    const redis = new Program('redis', ['--port', `${port}`, '--save', ''], /Ready to accept/, 'redis-server');
    await redis.start();
    const options = { connection: { host: '127.0.0.1', port, maxRetriesPerRequest: null } };
    const queue = new bullmq.Queue('jobs', options);
    const events = new bullmq.QueueEvents('jobs', options);
    const worker = new bullmq.Worker('jobs', async () => 'done', { ...options, concurrency: atATime });
    try {
        await events.waitUntilReady();
        const data = { text: 'x'.repeat(1_024) };
        let left = jobs;
        const loop = async (): Promise<void> => {
            while (left-- > 0) await (await queue.add('job', data)).waitUntilFinished(events);
        };
        const startedAt = performance.now();
        await Promise.all(Array.from({ length: atATime }, loop));
        return performance.now() - startedAt;
    } finally {
        for (const part of [worker, events, queue]) await part.close();
        await redis.stop();
    }
}
