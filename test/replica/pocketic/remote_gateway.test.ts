/** Gateways in front of the replica of another server. */
import { Actor, HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { encoded, get, update } from '../gateway/support/pages';
import { pagesWasm } from '../gateway/support/pages_canister';
import { counterIdl, counterWasm, type Counter } from '../http/support/counter_canister';
import { deploy } from '../http/support/deployed';
import { send } from './support/rest_client';
import { startServer, type ServerProcess } from './support/server_process';

let server: ServerProcess;
let replica: RunningNetwork;
let agent: HttpAgent;
let pages: Principal;

beforeAll(async () => {
    server = await startServer();
    replica = await startNetwork({ port: 0 });
    agent = await HttpAgent.create({ host: replica.url, rootKey: replica.rootKey });
    pages = await deploy(agent, await pagesWasm());
});
afterAll(async () => {
    await server.stop();
    await replica.close();
});

async function openGateway(url: string): Promise<{ readonly id: bigint; readonly url: string }> {
    const answer = await send(`${server.url}/http_gateway`, { forward_to: { Replica: url } });
    const created = answer.body.object('Created');
    return { id: created.nat('instance_id'), url: `http://127.0.0.1:${created.nat('port')}` };
}

const put = (slot: number, page: object): Promise<void> =>
    update(replica, pages, 'put', new Uint8Array([slot, ...encoded(page)]));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('pages and agents: as at the replica itself, under the gateway’s own address', async () => {
    const gateway = await openGateway(`${replica.url}/`);
    const listed = await send(`${server.url}/http_gateway`);
    expect(listed.text).toContain(`"forward_to":{"Replica":"${replica.url}/"}`);
    await put(0, { body: bytes('a page') });
    for (const [path, headers] of [
        [`/?canisterId=${pages.toText()}`, {}],
        ['/', { host: `${pages.toText()}.localhost` }]
    ] as const) {
        expect(await get(gateway, path, headers)).toMatchObject({ status: 200, body: 'a page' });
    }
    await put(0, { upgrade: [true] });
    await put(1, { status_code: 201, body: bytes('changed') });
    const posted = await get(gateway, `/?canisterId=${pages.toText()}`, {}, { method: 'POST', body: 'x' });
    expect(posted).toMatchObject({ status: 201, body: 'changed' });
    expect((await get(gateway, '/nowhere?canisterId=v7pvf-xyaaa-aaaao-aaaaa-cai')).status).toBe(404);
    expect((await get(gateway, '/nowhere')).status).toBe(400);
    // No Candid UI is installed there: the page that stands in for it reads the canister's interface through the gateway.
    const ui = await get(gateway, '/?id=ryjl3-tyaaa-aaaaa-aaaba-cai', {
        host: 'a4gq6-oaaaa-aaaab-qaa4q-cai.localhost'
    });
    expect(ui.body).toContain('icrc1_transfer');

    const through = await HttpAgent.create({ host: gateway.url, shouldFetchRootKey: true });
    expect(Buffer.from(through.rootKey ?? [])).toEqual(Buffer.from(replica.rootKey));
    const canisterId = await deploy(through, await counterWasm());
    const counter = Actor.createActor<Counter>(counterIdl, { agent: through, canisterId });
    await counter.inc();
    expect(await counter.read()).toBe(1n);
    expect(await (await fetch(`${gateway.url}/_/topology`)).json()).toEqual(
        await (await fetch(`${replica.url}/_/topology`)).json()
    );
    expect((await send(`${server.url}/http_gateway/${gateway.id}/stop`, {})).status).toBe(200);
    await expect(fetch(`${gateway.url}/api/v2/status`)).rejects.toThrow();
});

test('a backend that is not there: no gateway; one that has gone: 503', async () => {
    const refused = async (forward_to: object): Promise<string> =>
        (await send(`${server.url}/http_gateway`, { forward_to })).body.object('Error').text('message');
    expect(await refused({ Replica: 'http://127.0.0.1:9' })).toContain('error: upstream_error');
    expect(await refused({ Replica: server.url })).toContain('error: upstream_error');
    expect(await refused({ PocketIcInstance: 4_242 })).toContain('Instance not found');
    const other = await startNetwork({ port: 0 });
    const gateway = await openGateway(other.url);
    await other.close();
    for (const path of ['/_/dashboard', '/api/v2/status', `/favicon.ico?canisterId=${pages.toText()}`]) {
        expect((await get(gateway, path)).status).toBe(503);
    }
});
