/** A queue with one node, whose server answers 503 for a while: no job is lost, none waits longer than it must. */
import { encodeEmbeddingInput } from '../../../src/core/compute/embedding_job';
import { openAiCompatible } from '../../../src/node/backends/openai_compatible';
import { JobRunner } from '../../../src/node/job_runner';
import { Worker } from '../../../src/node/worker';
import { APP, Market, MODEL_HASH, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, until } from './support/fakes';
import { OpenAiServer } from './support/openai_server';

const JOBS = 12;
/** How much quicker the queue's clock goes: its back-off is seconds. */
const SPEED = 40n;
const REST_MS = 150;
const POLL_MS = 20;

let server: OpenAiServer;
let market: Market;
let stop: AbortController;
let ticking: NodeJS.Timeout;
let running: Promise<void>;

beforeEach(async () => {
    server = await OpenAiServer.start();
    // What an attempt may cost is another test's matter.
    market = new Market({ maxAttempts: 50n });
    const startedAtNs = process.hrtime.bigint();
    const genesisNs = market.nowNs;
    ticking = setInterval(() => {
        market.nowNs = genesisNs + (process.hrtime.bigint() - startedAtNs) * SPEED;
    }, 1);
    stop = new AbortController();
});
afterEach(async () => {
    stop.abort();
    await running;
    clearInterval(ticking);
    server.close();
});

/** A node with four slots and a server of its own. */
function startNode(): MemoryLog {
    const backend = openAiCompatible({
        baseUrl: server.url,
        model: 'm',
        timeoutMs: 10_000,
        idleMs: 10_000,
        slots: 4,
        breaker: { failures: 3, restMs: REST_MS },
        retry: { tries: 1, minMs: 1, maxMs: 2 },
        probeMs: 0
    });
    const queue = new FakeQueue(market, NODE_A);
    const log = new MemoryLog();
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log });
    const poll = { minMs: 5, maxMs: POLL_MS, factor: 2 };
    const worker = new Worker(
        { source: queue, runner, log },
        { backends: new Map([[APP, backend]]), slots: 4, poll, graceMs: 0 }
    );
    market.attach(NODE_A, 4);
    running = worker.run(Promise.resolve(), stop.signal);
    return log;
}

const submitAll = () =>
    Array.from({ length: JOBS }, () =>
        market.queued({ input: encodeEmbeddingInput({ input: ['text'] }), ttlS: 3_600n })
    );

test('a queue with one node drains soon after its server has recovered, and jobs are blamed for what the server was asked alone', async () => {
    server.does = { statuses: Array<number>(1_000).fill(503) };
    const jobs = submitAll();
    startNode();
    // The breaker has opened, and has let single requests through since.
    await until(() => server.seen.length >= 6);
    expect(jobs.map((job) => market.state(job)).filter((state) => state === 'Failed' || state === 'Completed')).toEqual(
        []
    );

    const asked = server.seen.length;
    server.does = {};
    const recoveredAtMs = performance.now();
    await until(() => jobs.every((job) => market.state(job) === 'Completed'));
    // One rest of the breaker, and the longest back-off: a minute of the queue's clock.
    const longestMs = REST_MS + 60_000 / Number(SPEED);
    expect(performance.now() - recoveredAtMs).toBeLessThan(longestMs + 1_000);
    const failures = jobs.reduce((sum, { id }) => sum + (market.book.get(id)?.failures ?? 0), 0);
    expect(failures).toBe(asked);
});
