/** How a node hands results to gateways: over safe lines, and until they are back where there is no other way. */
import { ackHash } from '../../../src/core/compute/direct_delivery';
import { ok } from '../../../src/core/result';
import { httpDelivery } from '../../../src/node/adapters/http_delivery';
import { JobRunner } from '../../../src/node/job_runner';
import type { Backend, OpenDelivery } from '../../../src/node/ports';
import { APP, Market, MODEL_HASH, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room } from './support/fakes';

const OUTPUT = Uint8Array.of(4, 2);

test('a result that no message to the canister holds is handed over again while its gateway is away', async () => {
    const market = new Market();
    market.attach(NODE_A);
    const secret = new Uint8Array(32).fill(3);
    const job = market.queued({ ackHash: ackHash(secret) });
    const queue = new FakeQueue(market, NODE_A);
    const large: Backend = {
        name: 'large',
        room,
        run: async () => ok({ output: new Uint8Array(2_000_000), tokens: 5, inputs: 1 })
    };
    let deliveries = 0;
    const openDelivery: OpenDelivery = () => ({
        text: () => undefined,
        finish: async () => (++deliveries < 3 ? undefined : secret),
        abort: () => undefined,
        gone: new AbortController().signal
    });
    const app = { appId: APP, kind: 'Embedding', unit: 'input', modelHash: MODEL_HASH, execLimitMs: 300_000 } as const;
    const parts = { source: queue, log: new MemoryLog(), openDelivery };
    market.claim(NODE_A, 1);
    const [leased] = await queue.myLeases();
    if (leased === undefined) throw new RangeError('no lease');
    const target = { ...leased, replyUrl: 'http://gateway.example' };
    await new JobRunner(new Map([[APP, { app, backend: large }]]), parts).run(target, new AbortController().signal);
    expect(deliveries).toBe(3);
    expect(market.state(job)).toBe('Completed');
});

test('results travel to other machines under TLS only, unless told otherwise', async () => {
    const result = { output: OUTPUT, tokens: 1, inputs: 1 };
    const open = httpDelivery({ allowHttp: false, ackMs: 10 });
    const job = { jobId: 1n, attempt: 1, token: 1n, appId: APP, input: OUTPUT, maxUnits: 1n, leaseMs: 1 };
    for (const replyUrl of ['http://gateway.example', 'ftp://127.0.0.1', 'nonsense']) {
        expect(open({ ...job, replyUrl })).toBeUndefined();
    }
    const nobody = open({ ...job, replyUrl: 'http://127.0.0.1:9' });
    expect(await nobody?.finish(result)).toBeUndefined();
    expect(nobody?.gone.aborted).toBe(false);
});
