import { ok } from '../../../src/core/result';
import { BadConfig } from '../../../src/client/config_problems';
import { parseNodeConfig } from '../../../src/node/config';
import type { Backend, Registry } from '../../../src/node/ports';
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

    async reportStatus(status: unknown) {
        this.reports.push(status);
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

test('a field that may be several things is judged as what it seems to be, and an unknown one is named', () => {
    const backends = [
        { kind: 'vllm' },
        { kind: 'ollama', baseUrl: 'x', model: 'm', slot: 4 },
        [{ kind: 'ollama', model: '' }]
    ];
    const bad = { ...CONFIG, apps: backends.map((each) => ({ appId: APP, backend: each })) };
    const problemsOf = (config: unknown): readonly string[] => {
        try {
            parseNodeConfig(config);
            return [];
        } catch (failure) {
            return failure instanceof BadConfig ? failure.problems.map((problem) => problem.split(':')[0] ?? '') : [];
        }
    };
    expect(problemsOf(bad)).toEqual([
        'apps.0.backend.kind',
        'apps.1.backend.baseUrl',
        'apps.1.backend.slot',
        'apps.2.backend.0.baseUrl',
        'apps.2.backend.0.model'
    ]);
    expect(problemsOf(CONFIG)).toEqual([]);
});
