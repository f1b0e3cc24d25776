/** A worker that is told of work, and tells of it: with pauses that outlast every test. */
import type { JobNews } from '../../../src/core/compute/hint_wire';
import { ok } from '../../../src/core/result';
import { JobRunner } from '../../../src/node/job_runner';
import type { Backend } from '../../../src/node/ports';
import { Worker } from '../../../src/node/worker';
import { APP, Market, MODEL_HASH, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room, until } from './support/fakes';

const SLOTS = 64;
const poll = { minMs: 600_000, maxMs: 600_000, factor: 1 };
const output = Uint8Array.of(4, 2);
const backend: Backend = { name: 'quick', room, run: async () => ok({ output, tokens: 5, inputs: 3 }) };

function start() {
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    const log = new MemoryLog();
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log });
    const [begun, ended]: [bigint[], bigint[]] = [[], []];
    const onNews = (jobId: bigint, news: JobNews): void => void (news === 'begun' ? begun : ended).push(jobId);
    const options = { backends: new Map([[APP, backend]]), slots: SLOTS, poll, graceMs: 1_000 };
    const worker = new Worker({ source: queue, runner, log, onNews }, options);
    const stop = new AbortController();
    const run = () => {
        market.attach(NODE_A, SLOTS);
        return worker.run(Promise.resolve(), stop.signal);
    };
    return { market, queue, worker, stop, run, begun, ended };
}

test('a hint about one of its apps ends the pause of a worker that has nothing to do', async () => {
    const { market, queue, worker, run, stop } = start();
    const done = run();
    await until(() => queue.calls.includes('peek'));
    const jobId = market.queued().id;
    worker.hint('another app');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(queue.calls.filter((call) => call === 'peek')).toHaveLength(1);
    worker.hint(APP);
    await until(() => market.book.get(jobId)?.state.kind === 'Completed');
    stop.abort();
    await done;
});

test('what was claimed in full is followed by another claim at once, and each beginning and end is told', async () => {
    const { market, queue, run, stop, begun, ended } = start();
    const jobs = Array.from({ length: 20 }, () => market.queued().id);
    const done = run();
    await until(() => ended.length === jobs.length);
    expect(queue.calls.filter((call) => call === 'claim')).toHaveLength(3);
    expect(begun).toEqual(jobs);
    expect([...ended].sort()).toEqual([...jobs].sort());
    stop.abort();
    await done;
});
