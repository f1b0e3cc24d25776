/** Hints between a gateway and the nodes that listen to it: over real HTTP, with a real key, before a queue in memory. */
import { Principal } from '@dfinity/principal';
import { FastIdentity } from '../../../src/client/fast_identity';
import { HINT_LINE, HINT_PATH } from '../../../src/core/compute/hint_wire';
import { HintLines } from '../../../src/node/hints/hint_lines';
import { LineConnection } from '../../../src/node/sessions/line_connection';
import { proveLine } from '../../../src/node/sessions/line_proof';
import { APP } from '../compute_gateway/support/market';
import { MemoryLog } from '../node/support/fakes';
import { CANISTER, FakeNetwork, GOOD_KEY, startOn, until } from './support/fakes';

const canister = Principal.fromText(CANISTER);
const node = new FastIdentity(new Uint8Array(32).fill(1));
const stranger = new FastIdentity(new Uint8Array(32).fill(2));
/** Longer than a test may take: what ends before is no poll's doing. */
const NEVER_MS = 600_000;

async function open({ poll = { minMs: 20, maxMs: NEVER_MS } } = {}) {
    const network = new FakeNetwork();
    network.market.attach(node.getPrincipal());
    const gateway = await startOn(network, { poll });
    const embed = (): Promise<Response> =>
        fetch(`${gateway.url}/v1/embeddings`, {
            method: 'POST',
            headers: { authorization: `Bearer ${GOOD_KEY}`, 'content-type': 'application/json' },
            body: JSON.stringify({ model: APP, input: 'x' })
        });
    return { network, gateway, embed };
}

async function metricsOf(url: string): Promise<string> {
    return (await fetch(`${url}/metrics`)).text();
}

/** A node that listens to the gateways of these addresses. */
function listenTo(urls: readonly string[], signer = node) {
    const heard: string[] = [];
    const directory = { canister, urls: async () => urls };
    const onQueued = (appId: string): void => void heard.push(appId);
    const lines = new HintLines({ directory, signer, allowHttp: false, log: new MemoryLog(), onQueued });
    const stop = new AbortController();
    const done = lines.run(stop.signal);
    const close = async (): Promise<void> => {
        stop.abort();
        await done;
    };
    return { lines, heard, close };
}

test('a node hears of a job when it is submitted, and its word ends the wait for the job', async () => {
    const { network, gateway, embed } = await open();
    network.node = 'idle';
    const { lines, heard, close } = listenTo([gateway.url]);
    // A job before the node listens would be looked for by polls: they find it, and nobody has heard of it.
    await until(() => lines.size === 1);
    const answer = embed();
    await until(() => heard.length === 1);
    expect(heard).toEqual([APP]);
    network.node = 'works';
    lines.tell(network.lastId(), 'begun');
    // How long the job has waited is known at once, and not when it ends.
    while (!/emc_job_queue_seconds_count 1\n/.test(await metricsOf(gateway.url)));
    lines.tell(12_345n, 'ended');
    lines.tell(network.lastId(), 'ended');
    expect((await answer).status).toBe(200);
    await close();
    await gateway.close();
});

test('a hint that comes before the chain knows makes the looks frequent again', async () => {
    const { network, gateway, embed } = await open();
    network.node = 'idle';
    const { lines, heard, close } = listenTo([gateway.url]);
    await until(() => lines.size === 1);
    const answer = embed();
    await until(() => heard.length === 1);
    lines.tell(network.lastId(), 'ended');
    setTimeout(() => (network.node = 'works'), 100);
    expect((await answer).status).toBe(200);
    await close();
    await gateway.close();
});

test('without a node that listens, the gateway looks as often as before', async () => {
    const { gateway, embed } = await open();
    expect((await embed()).status).toBe(200);
    await gateway.close();
});

test('only nodes that the canister knows may listen, each proof counts once, and for this gateway', async () => {
    const { network, gateway } = await open();
    const target = { canister, sessionId: HINT_LINE, replyUrl: gateway.url };
    const signal = new AbortController();
    const knock = (authorization: string, opened?: () => void) =>
        new LineConnection(gateway.url, HINT_PATH, { authorization }).run(() => true, signal.signal, opened);
    const refused = (status: number) => ({ kind: 'refused', status });
    expect(await knock('Node 00')).toEqual(refused(401));
    expect(await knock(await proveLine(target, stranger))).toEqual(refused(401));
    expect(await knock(await proveLine({ ...target, sessionId: 0n }, node))).toEqual(refused(401));
    expect(await knock(await proveLine({ ...target, replyUrl: 'http://127.0.0.1:1' }, node))).toEqual(refused(401));
    network.outages.isAttached = 1;
    const proof = await proveLine(target, node);
    expect(await knock(proof)).toEqual(refused(503));
    expect(await knock(proof)).toEqual(refused(401));
    const taken = jest.fn(() => signal.abort());
    expect(await knock(await proveLine(target, node), taken)).toEqual({ kind: 'closed' });
    expect(taken).toHaveBeenCalledTimes(1);
    await gateway.close();
});

test('a node that says what no node says loses its line', async () => {
    const { gateway } = await open();
    const authorization = await proveLine({ canister, sessionId: HINT_LINE, replyUrl: gateway.url }, node);
    const line = new LineConnection(gateway.url, HINT_PATH, { authorization });
    const ended = line.run(() => true, new AbortController().signal);
    line.send({ kind: 'ended', jobId: '-1' });
    expect(await ended).toEqual({ kind: 'closed' });
    await gateway.close();
});
