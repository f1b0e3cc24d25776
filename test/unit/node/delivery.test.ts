/** How a node hands results to gateways: over safe lines, and until they are back where there is no other way. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ackHash } from '../../../src/core/compute/direct_delivery';
import { toHex } from '../../../src/core/bytes';
import { ok } from '../../../src/core/result';
import { httpDelivery } from '../../../src/node/adapters/http_delivery';
import { JobRunner } from '../../../src/node/job_runner';
import type { Backend, OpenDelivery } from '../../../src/node/ports';
import { APP, Market, MODEL_HASH, NODE_A } from '../compute_gateway/support/market';
import { FakeQueue, MemoryLog, room } from './support/fakes';

const OUTPUT = Uint8Array.of(4, 2);
const leased = { jobId: 1n, attempt: 1, token: 1n, appId: APP, input: OUTPUT, maxUnits: 1n, leaseMs: 1 };

const cleanups: (() => void)[] = [];
afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
});

/** The address of a gateway that does this with what it is handed. */
async function gatewayThat(takes: RequestListener): Promise<string> {
    const server = createServer(takes);
    cleanups.push(() => (server.closeAllConnections(), void server.close()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

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
    const [lease] = await queue.myLeases();
    if (lease === undefined) throw new RangeError('no lease');
    const target = { ...lease, replyUrl: 'http://gateway.example' };
    await new JobRunner(new Map([[APP, { app, backend: large }]]), parts).run(target, new AbortController().signal);
    expect(deliveries).toBe(3);
    expect(market.state(job)).toBe('Completed');
});

test('results travel to other machines under TLS only, unless told otherwise', async () => {
    const result = { output: OUTPUT, tokens: 1, inputs: 1 };
    const open = httpDelivery({ allowHttp: false, ackMs: 10 });
    for (const replyUrl of ['http://gateway.example', 'ftp://127.0.0.1', 'nonsense']) {
        expect(open({ ...leased, replyUrl })).toBeUndefined();
    }
    const nobody = open({ ...leased, replyUrl: 'http://127.0.0.1:9' });
    expect(await nobody?.finish(result)).toBeUndefined();
    expect(nobody?.gone.aborted).toBe(false);
});

test('a large result may take longer than a gateway may be silent; one that takes no more of it is left', async () => {
    const ack = new Uint8Array(32).fill(3);
    const silenceMs = 6_000;
    const slow = await gatewayThat(async (request, response) => {
        let [bytes, rests] = [0, 0];
        for await (const piece of request) {
            bytes += (piece as Buffer).length;
            // Together longer than the silence that is allowed.
            if (bytes > (rests + 1) * 4_000_000 && rests < 4) {
                rests++;
                await new Promise((resolve) => setTimeout(resolve, silenceMs / 3));
            }
        }
        response.end(JSON.stringify({ ack: toHex(ack) }));
    });
    // More than the buffers between the two would hold.
    const large = { output: new Uint8Array(24_000_000), tokens: 1, inputs: 1 };
    const taken = httpDelivery({ allowHttp: false, ackMs: silenceMs })({ ...leased, replyUrl: slow });
    expect(await taken?.finish(large)).toEqual(ack);

    const mute = await gatewayThat(() => undefined);
    const left = httpDelivery({ allowHttp: false, ackMs: 20 })({ ...leased, replyUrl: mute });
    expect(await left?.finish(large)).toBeUndefined();
});
