import { recomputeProduct } from '../../../src/core/poc/product';
import { err, ok } from '../../../src/core/result';
import { BadConfig, parseNodeConfig } from '../../../src/node/config';
import type { Backend, OpenPoc, Registry } from '../../../src/node/ports';
import { Prover } from '../../../src/node/prover';
import { runWith } from '../../../src/node/run_node';
import { APP, Market, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room, until } from './support/fakes';

const CANISTER = 'rrkah-fqaaa-aaaaa-aaaaq-cai';
const CONFIG = {
    network: { host: 'http://127.0.0.1:4943' },
    canisters: { compute_gateway: CANISTER, state_machine: CANISTER },
    keyFile: 'node.pem',
    apps: [{ appId: APP, backend: { kind: 'embedded-embeddings' } }],
    poll: { minMs: 20, maxMs: 40 },
    statusIntervalMs: 500
} as const;

class FakeRegistry implements Registry {
    readonly reports: unknown[] = [];
    readonly answers: { readonly id: bigint; readonly product: Uint8Array }[] = [];
    refuse = false;
    open: OpenPoc[] = [];

    async reportStatus(status: unknown) {
        this.reports.push(status);
        return ok(undefined);
    }

    async listOpenPocs() {
        return this.open;
    }

    async acceptPoc(id: bigint) {
        const poc = this.open.find((other) => other.id === id);
        if (poc === undefined || this.refuse) return err({ code: 'DeadlinePassed' });
        return ok({ ...poc, nodeSeed: new Uint8Array(32).fill(2) });
    }

    async submitPoc(id: bigint, product: Uint8Array) {
        this.answers.push({ id, product });
        return ok(undefined);
    }
}

const backend: Backend = {
    name: 'quick',
    room,
    run: async () => ok({ output: Uint8Array.of(1), tokens: 1, inputs: 1 })
};

test('a node reports, attaches when its app appears, works, and ends cleanly', async () => {
    const market = new Market();
    const source = new FakeQueue(market, NODE_A);
    source.outages.getApp = 1;
    source.outages.attach = 1;
    const registry = new FakeRegistry();
    const log = new MemoryLog();
    const stop = new AbortController();
    const job = market.queued();
    const running = runWith(parseNodeConfig(CONFIG), { source, registry, backends: [backend], log }, stop.signal);
    await until(() => market.state(job) === 'Completed');
    stop.abort();
    await running;
    expect(registry.reports[0]).toEqual({ apps: [APP], queueDepth: 0, capacity: 4 });
    expect([log.count('app_unknown'), log.count('attach_failed'), log.count('attached')]).toEqual([1, 1, 1]);
});

test('a node does not serve an app of another model', async () => {
    const market = new Market();
    const source = new FakeQueue(market, NODE_A);
    const log = new MemoryLog();
    const other = { ...backend, modelHash: new Uint8Array(32) };
    const parts = { source, registry: new FakeRegistry(), backends: [other], log };
    const stop = new AbortController();
    const running = runWith(parseNodeConfig(CONFIG), parts, stop.signal);
    await until(() => log.count('model_differs') === 1);
    stop.abort();
    await running;
    expect(source.calls).not.toContain('attach');
});

test('open challenges are accepted and answered with the exact product, each once', async () => {
    const registry = new FakeRegistry();
    const seed = new Uint8Array(32).fill(1);
    registry.open = [
        { id: 7n, dimension: 16, seed },
        { id: 8n, dimension: 16, seed, nodeSeed: new Uint8Array(32).fill(3) }
    ];
    const prover = new Prover(registry, new MemoryLog());
    await prover.answerAll();
    await prover.answerAll();
    expect(registry.answers.map(({ id }) => id)).toEqual([7n, 8n]);
    const [first, second] = registry.answers.map(({ product }) => product);
    const task = { dimension: 16, seed, nodeSeed: new Uint8Array(32).fill(2) };
    expect(recomputeProduct(task, first ?? new Uint8Array()).ok).toBe(true);
    const resumed = { ...task, nodeSeed: new Uint8Array(32).fill(3) };
    expect(recomputeProduct(resumed, second ?? new Uint8Array()).ok).toBe(true);
});

test('a challenge that is refused is not asked for again', async () => {
    const registry = new FakeRegistry();
    registry.open = [{ id: 7n, dimension: 16, seed: new Uint8Array(32) }];
    registry.refuse = true;
    const log = new MemoryLog();
    const prover = new Prover(registry, log);
    await prover.answerAll();
    await prover.answerAll();
    expect(log.count('poc_not_accepted')).toBe(1);
    expect(registry.answers).toEqual([]);
});

test('a bad configuration is refused with every problem at once', () => {
    const bad = { ...CONFIG, canisters: { compute_gateway: 'x', state_machine: CANISTER }, apps: [], slots: 0 };
    try {
        parseNodeConfig(bad);
        throw new BadConfig([]);
    } catch (failure) {
        const problems = failure instanceof BadConfig ? failure.problems : [];
        expect(problems.map((problem) => problem.split(':')[0])).toEqual([
            'canisters.compute_gateway',
            'apps',
            'slots'
        ]);
    }
});
