/** Answers that come late, or never: what a node has, and what it has not, is found out all the same. */
import { ok } from '../../../src/core/result';
import { JobRunner } from '../../../src/node/job_runner';
import { LeaseKeeper } from '../../../src/node/lease_keeper';
import { PortUnavailable, type Backend, type JobSource, type LeasedJob } from '../../../src/node/ports';
import { Worker } from '../../../src/node/worker';
import { APP, Market, MODEL_HASH, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room, until } from './support/fakes';

/** The answer to the first claim is lost. */
class Forgetful extends FakeQueue {
    /** What leases are told of then; the queue's own without it. */
    stale: LeasedJob[] | undefined;

    override async claim(max: number, appIds?: readonly string[]) {
        const claimed = await super.claim(max, appIds);
        if (this.count('claim') > 1) return claimed;
        if (this.stale !== undefined) this.stale = await super.myLeases();
        throw new PortUnavailable('claim_jobs', 'the answer was lost');
    }

    override async myLeases() {
        const leases = await super.myLeases();
        return this.stale ?? leases;
    }

    count(method: keyof JobSource): number {
        return this.calls.filter((call) => call === method).length;
    }
}

function start(queue: FakeQueue) {
    let runs = 0;
    const backend: Backend = {
        name: 'counting',
        room,
        run: async () => {
            runs++;
            return ok({ output: Uint8Array.of(1), tokens: 1, inputs: 1 });
        }
    };
    const log = new MemoryLog();
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const runner = new JobRunner(new Map([[APP, { app, backend }]]), { source: queue, log });
    const poll = { minMs: 5, maxMs: 20, factor: 2 };
    const worker = new Worker(
        { source: queue, runner, log },
        { backends: new Map([[APP, backend]]), slots: 4, poll, graceMs: 0 }
    );
    const stop = new AbortController();
    queue.market.attach(NODE_A, 4);
    const running = worker.run(Promise.resolve(), stop.signal);
    const end = async (): Promise<number> => {
        stop.abort();
        await running;
        return runs;
    };
    return { end };
}

test('jobs of a claim whose answer was lost are found among the leases, and done once', async () => {
    const market = new Market();
    const first = market.queued();
    const { end } = start(new Forgetful(market, NODE_A));
    await until(() => market.state(first) === 'Completed');
    const second = market.queued();
    await until(() => market.state(second) === 'Completed');
    expect(await end()).toBe(2);
});

test('a lease that was done with is not taken up again by an answer that is older', async () => {
    const market = new Market();
    const queue = new Forgetful(market, NODE_A);
    queue.stale = [];
    const job = market.queued();
    const { end } = start(queue);
    await until(() => market.state(job) === 'Completed');
    const looks = queue.count('myLeases');
    await until(() => queue.count('myLeases') > looks + 3);
    expect(await end()).toBe(1);
});

test('a heartbeat that is never answered does not keep a job whose lease has ended', async () => {
    const market = new Market();
    const queue = new FakeQueue(market, NODE_A);
    market.attach(NODE_A);
    market.queued();
    const claimed = await queue.claim(1);
    const [leased] = claimed.ok ? claimed.value : [];
    if (leased === undefined) throw claimed;
    queue.heartbeat = () => new Promise(() => undefined);
    const keeper = new LeaseKeeper(queue, new MemoryLog());
    const signal = keeper.hold({ ...leased, leaseMs: 400 });
    const stop = new AbortController();
    const kept = keeper.run(stop.signal);
    await until(() => signal.aborted);
    expect(signal.reason).toBe('expired');
    stop.abort();
    await kept;
});
