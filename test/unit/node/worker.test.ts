import type { AddressInfo } from 'node:net';
import { cancel } from '../../../canisters/compute_gateway/domain/finish';
import { err, ok } from '../../../src/core/result';
import { JobRunner } from '../../../src/node/job_runner';
import { LeaseKeeper } from '../../../src/node/lease_keeper';
import { makeNodeMetrics, serveMetrics } from '../../../src/node/metrics';
import type { Backend, JobSource, LeaseProgress, Task } from '../../../src/node/ports';
import { Worker } from '../../../src/node/worker';
import { ALICE, APP, Market, MODEL_HASH, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room, until } from './support/fakes';

const OUTPUT = Uint8Array.of(4, 2);
const quick: Backend = { name: 'quick', room, run: async () => ok({ output: OUTPUT, tokens: 5, inputs: 3 }) };

/** Runs until it is told to end, or until its lease is lost. */
class SlowBackend implements Backend {
    readonly name = 'slow';
    readonly aborted: unknown[] = [];
    private finishers: (() => void)[] = [];

    get running(): number {
        return this.finishers.length;
    }

    finishAll(): void {
        for (const finish of this.finishers.splice(0)) finish();
    }

    room = room;

    async run(_task: Task, signal: AbortSignal) {
        await new Promise<void>((resolve) => {
            this.finishers.push(resolve);
            signal.addEventListener('abort', () => {
                this.aborted.push(signal.reason);
                resolve();
            });
        });
        return ok({ output: OUTPUT, tokens: 5, inputs: 3 });
    }
}

function start(backend: Backend, { slots = 4, graceMs = 1_000, market = new Market() } = {}) {
    const queue = new FakeQueue(market, NODE_A);
    const log = new MemoryLog();
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log });
    const poll = { minMs: 5, maxMs: 20, factor: 2 };
    const options = { backends: new Map([[APP, backend]]), slots, poll, graceMs };
    const worker = new Worker({ source: queue, runner, log }, options);
    const stop = new AbortController();
    const run = () => {
        market.attach(NODE_A, slots);
        return worker.run(Promise.resolve(), stop.signal);
    };
    return { market, queue, log, worker, stop, run };
}

test('a job is claimed, run and completed with the units of its app and a hash of the output', async () => {
    const { market, run, stop } = start(quick);
    const job = market.queued();
    const running = run();
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(market.book.get(job.id)).toMatchObject({ state: { units: 3n, creditsUsed: 6n }, lease: { node: NODE_A } });
    expect(market.book.tables.outputs.get(job.id)).toEqual(OUTPUT);
});

test('no more jobs are claimed than there are slots', async () => {
    const backend = new SlowBackend();
    const { market, run, stop, worker } = start(backend, { slots: 2 });
    for (let count = 0; count < 5; count++) market.queued();
    const running = run();
    await until(() => backend.running === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([backend.running, worker.busy]).toEqual([2, 2]);
    backend.finishAll();
    await until(() => backend.running === 2);
    backend.finishAll();
    await until(() => backend.running === 1);
    backend.finishAll();
    await until(() => market.book.tables.totals.get().completed === 5n);
    stop.abort();
    await running;
});

test('a job that runs as long as its app lets it is ended and goes to another node', async () => {
    const backend = new SlowBackend();
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    market.attach(NODE_A);
    const job = market.queued();
    const claimed = await queue.claim(1);
    const [leased] = claimed.ok ? claimed.value : [];
    if (leased === undefined) throw job;
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 40 } as const;
    const log = new MemoryLog();
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log });
    await runner.run(leased, new AbortController().signal);
    expect(backend.aborted).toEqual(['late']);
    expect(log.lines.at(-1)?.fields).toMatchObject({ outcome: 'exec_limit', reported: 'ok' });
    expect(market.book.get(job.id)).toMatchObject({ state: { kind: 'Waiting' }, failures: 1, excluded: [NODE_A] });
});

test('a cancelled job is aborted at the next heartbeat and not reported', async () => {
    const backend = new SlowBackend();
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    const log = new MemoryLog();
    market.attach(NODE_A);
    const job = market.queued();
    const [leased] = (await queue.claim(1)).ok ? await queue.myLeases() : [];
    if (leased === undefined) throw job;
    const keeper = new LeaseKeeper(queue, log);
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log });
    const done = runner.run(leased, keeper.hold(leased));
    cancel(market.book, job.id, ALICE, market.nowNs);
    await keeper.beat();
    await done;
    expect(backend.aborted).toEqual(['cancelled']);
    expect(queue.calls).not.toContain('complete');
    expect(queue.calls).not.toContain('fail');
});

test('scenario 11: what was done of a job that its owner cancels goes with the heartbeat', async () => {
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    market.attach(NODE_A);
    const job = market.queued();
    const claimed = await queue.claim(1);
    const [leased] = claimed.ok ? claimed.value : [];
    if (leased === undefined) throw job;
    const told: bigint[] = [];
    const spy: JobSource = Object.assign(Object.create(queue) as FakeQueue, {
        heartbeat: (leases: readonly LeaseProgress[]) => {
            told.push(...leases.map(({ units }) => units));
            return queue.heartbeat(leases);
        }
    });
    const watched = new LeaseKeeper(spy, new MemoryLog());
    const app = { appId: APP, kind: 'Chat', unit: 'token', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const backend: Backend = {
        name: 'counting',
        room: () => Promise.resolve(1),
        run: async (task, signal) => {
            for (const tokens of [3, 5, 9_999_999]) task.onTokens?.(tokens);
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
            return err({ code: 'aborted', retryable: true });
        }
    };
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log: new MemoryLog() });
    const done = runner.run(leased, watched.hold(leased), (units) => watched.progress(leased, units));
    await new Promise((resolve) => setImmediate(resolve));
    await watched.beat();
    expect(told).toEqual([leased.maxUnits]);
    cancel(market.book, job.id, ALICE, market.nowNs);
    await watched.beat();
    await done;
    expect(told).toEqual([leased.maxUnits, leased.maxUnits]);
});

test('a lease that could not be renewed in time counts as lost', async () => {
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    market.attach(NODE_A);
    market.queued();
    const claimed = await queue.claim(1);
    const [leased] = claimed.ok ? claimed.value : [];
    if (leased === undefined) throw claimed;
    let nowMs = 0;
    const keeper = new LeaseKeeper(queue, new MemoryLog(), undefined, () => nowMs);
    const signal = keeper.hold(leased);
    queue.outages.heartbeat = 2;
    nowMs = 59_999;
    await keeper.beat();
    expect(signal.aborted).toBe(false);
    nowMs = 60_000;
    await keeper.beat();
    expect(signal.reason).toBe('expired');
});

test('renewed leases go on, unknown ones are lost', async () => {
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    market.attach(NODE_A);
    market.queued();
    const claimed = await queue.claim(1);
    const [leased] = claimed.ok ? claimed.value : [];
    if (leased === undefined) throw claimed;
    let nowMs = 0;
    const keeper = new LeaseKeeper(queue, new MemoryLog(), undefined, () => nowMs);
    const signal = keeper.hold(leased);
    for (let minute = 1; minute <= 3; minute++) {
        nowMs += 50_000;
        market.advance(50);
        await keeper.beat();
    }
    expect(signal.aborted).toBe(false);
    market.advance(60);
    await keeper.beat();
    expect(signal.reason).toBe('lost');
});

test('a completion survives outages and counts once', async () => {
    const { market, queue, run, stop } = start(quick);
    const job = market.queued();
    queue.outages.complete = 2;
    const running = run();
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(queue.calls.filter((method) => method === 'complete')).toHaveLength(3);
    expect(market.records()).toHaveLength(1);
});

test('outages of the queue are waited out', async () => {
    const { market, queue, log, run, stop } = start(quick);
    queue.outages.myLeases = 1;
    queue.outages.peek = 3;
    queue.outages.claim = 1;
    const job = market.queued();
    const running = run();
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect([log.count('resume_failed'), log.count('poll_failed')]).toEqual([1, 4]);
});

test('scenario 9: what the backend refuses for good fails for good', async () => {
    const refusing: Backend = {
        name: 'refusing',
        room,
        run: async () => err({ code: 'context_too_long', retryable: false })
    };
    const { market, run, stop } = start(refusing);
    const job = market.queued();
    const running = run();
    await until(() => market.state(job) === 'Failed');
    stop.abort();
    await running;
    expect(market.book.get(job.id)).toMatchObject({ state: { code: 'context_too_long' } });
});

test('a backend that breaks gives the job back for another attempt', async () => {
    const broken: Backend = {
        name: 'broken',
        room,
        run: () => Promise.reject(new TypeError('broken'))
    };
    const { market, log, run, stop } = start(broken);
    const job = market.queued();
    const running = run();
    await until(() => market.state(job) === 'Waiting');
    stop.abort();
    await running;
    expect(log.count('backend_broke')).toBe(1);
});

test('work beyond the paid bound is not delivered', async () => {
    const { market, run, stop } = start(quick);
    const job = market.queued({ maxCredits: 4n });
    const running = run();
    await until(() => market.state(job) === 'Failed');
    stop.abort();
    await running;
    expect(market.book.get(job.id)).toMatchObject({ state: { code: 'max_units_exceeded' } });
});

test('at the end running jobs may finish', async () => {
    const backend = new SlowBackend();
    const { market, run, stop } = start(backend, { graceMs: 60_000 });
    const job = market.queued();
    const running = run();
    await until(() => backend.running === 1);
    stop.abort();
    backend.finishAll();
    await running;
    expect(market.state(job)).toBe('Completed');
});

test('after the grace running jobs are given back', async () => {
    const backend = new SlowBackend();
    const { market, run, stop } = start(backend, { graceMs: 10 });
    const job = market.queued();
    const running = run();
    await until(() => backend.running === 1);
    stop.abort();
    await running;
    expect(backend.aborted).toEqual(['shutdown']);
    expect(market.book.get(job.id)).toMatchObject({ state: { kind: 'Queued' }, failures: 0, excluded: [NODE_A] });
    expect(market.book.tables.attachments.get(NODE_A)?.apps).toEqual([]);
});

test('a restarted node goes on with the leases that it holds', async () => {
    const market = new Market();
    market.attach(NODE_A);
    const job = market.queued();
    market.leased(NODE_A);
    const { log, run, stop } = start(quick, { market });
    const running = run();
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(log.count('leases_resumed')).toBe(1);
    expect(market.book.get(job.id)).toMatchObject({ attempt: 1 });
});

test('the log tells of jobs without their payloads', async () => {
    const { market, log, run, stop } = start(quick);
    const job = market.queued({ input: new TextEncoder().encode('a very private prompt') });
    const running = run();
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(log.count('job_finished')).toBe(1);
    expect(JSON.stringify(log.lines)).not.toContain('private');
});

test('an app whose backend has no room is not claimed; the others go on', async () => {
    const market = new Market();
    const other = 'other';
    market.registerApp(other, new Uint8Array(32).fill(9));
    const full: Backend = { ...quick, room: () => Promise.resolve(0) };
    const { queue, log, stop } = start(quick, { market });
    const appOf = (appId: string) =>
        ({
            appId,
            kind: 'Embedding',
            unit: 'input',
            modelHash: new Uint8Array(32).fill(appId === APP ? 7 : 9),
            execLimitMs: 300_000
        }) as const;
    const apps = new Map([
        [APP, { app: appOf(APP), backend: quick }],
        [other, { app: appOf(other), backend: full }]
    ]);
    const backends = new Map([...apps].map(([appId, { backend }]) => [appId, backend]));
    const options = { backends, slots: 4, poll: { minMs: 5, maxMs: 20, factor: 2 }, graceMs: 0 };
    const parts = { source: queue, log, runner: new JobRunner(apps, { source: queue, log }) };
    market.attach(NODE_A, 4, [APP, other]);
    const waiting = market.queued({ appId: other });
    const running = new Worker(parts, options).run(Promise.resolve(), stop.signal);
    const job = market.queued();
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(market.state(waiting)).toBe('Queued');
});

test('metrics: jobs by outcome, lost leases by reason, room by app; served on a port of this machine', async () => {
    const metrics = makeNodeMetrics();
    const market = new Market();
    market.attach(NODE_A);
    const queue = new FakeQueue(market, NODE_A);
    market.queued();
    const claimed = await queue.claim(1);
    const keeper = new LeaseKeeper(queue, new MemoryLog(), metrics);
    for (const job of claimed.ok ? claimed.value : []) keeper.hold(job);
    queue.outages.heartbeat = 1;
    await keeper.beat();
    keeper.abortAll();
    metrics.job(APP, 'completed', 0.1);
    metrics.reported('StaleLease');
    metrics.tokens(APP, 7, 3);
    metrics.retried('backend_503');
    const working = { isUp: true, slots: 4, waiting: 0 };
    metrics.watch({
        busy: () => 3,
        slots: 4,
        rooms: async () => new Map([[APP, 2]]),
        loads: () => new Map([[APP, [working, { isUp: false, slots: 2, waiting: 5 }]]]),
        sessions: () => 1
    });
    const stop = new AbortController();
    const server = await serveMetrics(metrics, 0, stop.signal);
    const { port } = server.address() as AddressInfo;
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain(`emc_node_job_seconds_count{app="${APP}",outcome="completed"} 1`);
    expect(text).toContain('emc_node_leases_lost_total{reason="shutdown"} 1');
    expect(text).toContain('emc_node_heartbeats_missed_total 1');
    expect(text).toContain(`emc_node_backend_room{app="${APP}"} 2`);
    expect(text).toContain('emc_node_busy 3');
    expect(text).toContain('emc_node_sessions 1');
    expect(text).toContain('emc_node_reports_total{answer="StaleLease"} 1');
    expect(text).toContain(`emc_node_tokens_total{app="${APP}",direction="out"} 3`);
    expect(text).toContain('emc_node_backend_retries_total{cause="backend_503"} 1');
    expect(text).toContain(`emc_node_backend_up{app="${APP}"} 1`);
    expect(text).toContain(`emc_node_backend_slots{app="${APP}"} 6`);
    expect(text).toContain(`emc_node_backend_waiting{app="${APP}"} 5`);
    expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404);
    stop.abort();
    await new Promise((resolve) => server.once('close', resolve));
});
