import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Actor, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { Body, jsonText, parseJson } from '../../../src/replica/pocketic/json';
import { BlsKey } from '../../../src/replica/wire/keys';
import { counterIdl, counterWasm, picCounterIdl, type Counter } from '../http/support/counter_canister';
import { canisterSigner } from '../wire/support/signed_request';
import { pocketIcBin, startServer, type ServerProcess } from './support/server_process';
import { createPocketIc } from '../../support/pocket_ic';

let server: ServerProcess;

beforeAll(async () => {
    server = await startServer();
});

afterAll(() => server.stop());

function exitOf(args: readonly string[]): Promise<number | null> {
    return new Promise((done) => {
        spawn(pocketIcBin, args, { stdio: 'ignore' }).once('exit', done);
    });
}

function post(path: string, body: unknown): Promise<Response> {
    return fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

const oneSubnet = { subnet_config_set: { application: [{ state_config: 'New' }] } };

test('pocket-ic: tells its version', () => {
    const { stdout } = spawnSync(pocketIcBin, ['--version'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^pocket-ic-server \d+\.\d+\.\d+\n$/);
});

test('pocket-ic: a second server of the same port file leaves the first alone', async () => {
    const before = readFileSync(server.portFile, 'utf8');
    expect(before).toMatch(/^\d+\n$/);
    expect(await exitOf(['--port-file', server.portFile])).toBe(0);
    expect(readFileSync(server.portFile, 'utf8')).toBe(before);
    expect((await fetch(`${server.url}/status`)).ok).toBe(true);
});

test('pocket-ic: overwrites the file of a dead server, removes its own at the end, and ends when idle', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'emc-stale-'));
    const portFile = join(folder, 'port');
    writeFileSync(portFile, '1\n');
    expect(await exitOf(['--port-file', portFile, '--ttl', '0'])).toBe(0);
    expect(existsSync(portFile)).toBe(false);
    rmSync(folder, { recursive: true });
});

test('pocket-ic: wrong usage ends with 2, a taken port with 1', async () => {
    expect(await exitOf(['--nonsense'])).toBe(2);
    expect(await exitOf(['--ttl', 'soon'])).toBe(2);
    expect(await exitOf(['--port', new URL(server.url).port])).toBe(1);
});

test('emc-replica: serves until a signal, refuses a taken port', async () => {
    const bin = resolve(process.cwd(), 'bin/emc-replica');
    const { status, stderr } = spawnSync(bin, ['start', '--port', new URL(server.url).port], { encoding: 'utf8' });
    expect([status, stderr.includes('--port')]).toEqual([1, true]);
    const child = spawn(bin, ['start', '--port', '0', '--seed', 'test']);
    const text = await new Promise<string>((done) =>
        child.stdout.once('data', (data: Buffer) => done(data.toString()))
    );
    const url = /http:\S+/.exec(text)?.[0] ?? '';
    expect((await fetch(`${url}/api/v2/status`)).status).toBe(200);
    const exit = new Promise((done) => child.once('exit', done));
    child.kill('SIGINT');
    expect(await exit).toBe(0);
});

test('pocket-ic: verifies canister signatures, shows blobs, instances and gateways', async () => {
    const root = new BlsKey(new Uint8Array(32).fill(1));
    const signer = canisterSigner(root);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const msg = new TextEncoder().encode('a message');
    const signed = { msg: base64(msg), sig: base64(signer.sign(msg)), pubkey: base64(signer.publicKey) };
    const verify = (fields: object): Promise<Response> => post('/verify_signature', fields);
    const root_pubkey = base64(root.publicDer);
    const right = await verify({ ...signed, root_pubkey });
    expect([right.status, await right.json()]).toEqual([200, { Ok: null }]);
    const wrong = await verify({ ...signed, msg: base64(new Uint8Array(3)), root_pubkey });
    expect([wrong.status, await wrong.json()]).toEqual([406, { Err: 'Canister signature verification failed' }]);
    expect((await verify({ ...signed, pubkey: root_pubkey, root_pubkey })).status).toBe(400);
    expect((await verify({ ...signed, root_pubkey: signed.pubkey })).status).toBe(400);

    const key = await (await fetch(`${server.url}/blobstore`, { method: 'POST', body: 'a blob' })).text();
    expect(await (await fetch(`${server.url}/blobstore/${key}`)).text()).toBe('a blob');
    expect((await fetch(`${server.url}/blobstore/${'0'.repeat(64)}`)).status).toBe(404);

    const json = async (path: string): Promise<unknown[]> => {
        const body: unknown = await (await fetch(`${server.url}${path}`)).json();
        return Array.isArray(body) ? body : [];
    };
    const created = (await (await post('/instances', oneSubnet)).json()) as { Created: { instance_id: number } };
    const id = created.Created.instance_id;
    expect((await json('/instances'))[id]).toBe('Available');
    const gateway = await post('/http_gateway', { forward_to: { PocketIcInstance: id } });
    const { Created: opened } = (await gateway.json()) as { Created: { instance_id: number; port: number } };
    expect(await json('/http_gateway')).toContainEqual({
        ...opened,
        forward_to: { PocketIcInstance: id },
        domains: ['localhost'],
        https_config: null
    });
    await post(`/http_gateway/${opened.instance_id}/stop`, {});
    await fetch(`${server.url}/instances/${id}`, { method: 'DELETE' });
    expect((await json('/instances'))[id]).toBe('Deleted');
    expect(await json('/http_gateway')).not.toContainEqual(expect.objectContaining(opened));
});

test('pocket-ic: bodies and instances that are none have an error with a message', async () => {
    const answers = await Promise.all([
        post('/instances', {}),
        post('/instances', { subnet_config_set: {} }),
        post('/instances', { subnet_config_set: { application: [{ state_config: { FromPath: '/x' } }] } }),
        post('/instances', { ...oneSubnet, icp_features: { nns_governance: 'DefaultConfig' } }),
        fetch(`${server.url}/instances`, { method: 'POST', body: '{' })
    ]);
    for (const answer of answers) {
        expect([answer.status, await answer.json()]).toEqual([400, { Error: { message: expect.any(String) } }]);
    }
    expect((await post('/instances/999/update/tick', {})).status).toBe(404);
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
});

test('pocket-ic: an instance begins at a given time, or follows the wall clock from the start', async () => {
    const create = async (initial: unknown): Promise<string> => {
        const answer = await post('/instances', { ...oneSubnet, initial_time: initial });
        return `${server.url}/instances/${new Body(await answer.json()).object('Created').nat('instance_id')}`;
    };
    const timeOf = async (instance: string): Promise<bigint> =>
        new Body(parseJson(new Uint8Array(await (await fetch(`${instance}/read/get_time`)).arrayBuffer()))).nat(
            'nanos_since_epoch'
        );
    const future = 1_893_553_445_000_000_000n;
    expect(await timeOf(await create({ Timestamp: { nanos_since_epoch: Number(future) } }))).toBe(future + 1n);
    const beforeMs = Date.now() - 1;
    const live = await create({ AutoProgress: { artificial_delay_ms: null } });
    expect(await (await fetch(`${live}/auto_progress`)).json()).toBe(true);
    const liveMs = Number(await timeOf(live)) / 1e6;
    expect(liveMs).toBeGreaterThanOrEqual(beforeMs);
    expect(liveMs).toBeLessThanOrEqual(Date.now() + 1);
    const early = { Timestamp: { nanos_since_epoch: 1_620_328_629_000_000_000 } };
    const refused = await post('/instances', { ...oneSubnet, initial_time: early });
    expect(JSON.stringify(await refused.json())).toContain('must be no earlier than');
});

test('pocket-ic: icp_features bring the ledgers, without a faucet, and the genesis of their exchange rate', async () => {
    const features = { icp_token: 'DefaultConfig', cycles_minting: 'DefaultConfig' };
    const created = new Body(await (await post('/instances', { ...oneSubnet, icp_features: features })).json());
    const path = `/instances/${created.object('Created').nat('instance_id')}`;
    const time: unknown = await (await fetch(`${server.url}${path}/read/get_time`)).json();
    expect(time).toEqual({ nanos_since_epoch: 1_620_633_601_000_000_000 });
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
    const balanceOf = async (owner: Principal): Promise<unknown> => {
        const answer = await post(`${path}/read/query`, {
            sender: base64(new Uint8Array([4])),
            canister_id: base64(Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai').toUint8Array()),
            method: 'icrc1_balance_of',
            payload: base64(IDL.encode([Account], [{ owner, subaccount: [] }])),
            effective_principal: 'None'
        });
        const { Ok } = (await answer.json()) as { Ok: string };
        return IDL.decode([IDL.Nat], new Uint8Array(Buffer.from(Ok, 'base64')))[0];
    };
    const user = Principal.selfAuthenticating(new Uint8Array([1]));
    expect([await balanceOf(Principal.anonymous()), await balanceOf(user)]).toEqual([10n ** 17n, 0n]);
});

test('pocket-ic: a live instance lets calls wait as long as it is told', async () => {
    const created = new Body(await (await post('/instances', oneSubnet)).json());
    const path = `/instances/${created.object('Created').nat('instance_id')}`;
    await post(`${path}/auto_progress`, { artificial_delay_ms: 300 });
    const before = Date.now();
    const submitted = await post(`${path}/update/submit_ingress_message`, {
        sender: 'BA==',
        canister_id: '',
        method: 'provisional_create_canister_with_cycles',
        payload: Buffer.from(IDL.encode([IDL.Record({})], [{}])).toString('base64'),
        effective_principal: 'None'
    });
    const { Ok } = (await submitted.json()) as { Ok: object };
    expect((await post(`${path}/update/await_ingress_message`, Ok)).status).toBe(200);
    expect(Date.now() - before).toBeGreaterThanOrEqual(290);
});

test('pocket-ic: a live instance serves agents on a port of its own', async () => {
    const pic = await createPocketIc(server.url);
    const { canisterId } = await pic.setupCanister<Counter>({ idlFactory: picCounterIdl, wasm: await counterWasm() });
    const port = await pic.makeLive();
    const agent = await HttpAgent.create({ host: `http://127.0.0.1:${port}`, shouldFetchRootKey: true });
    const actor = Actor.createActor<Counter>(counterIdl, { agent, canisterId: canisterId.toText() });
    await actor.inc();
    expect(await actor.read()).toBe(1n);
    await pic.stopLive();
    await expect(fetch(`http://127.0.0.1:${port}/api/v2/status`)).rejects.toThrow();
    await pic.tearDown();
});

test('pocket-ic: an instance answers the agent interface below its own path', async () => {
    const created = await post('/instances', oneSubnet);
    const answer: unknown = await created.json();
    const id = new Body(answer).object('Created').nat('instance_id');
    const status = await fetch(`${server.url}/instances/${id}/api/v2/status`);
    expect([created.status, status.status, status.headers.get('content-type')]).toEqual([201, 200, 'application/cbor']);
});

test('json: integers keep their digits in both directions', () => {
    fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 1n << 128n }), fc.string(), (value, text) => {
            const body = new Body(parseJson(new TextEncoder().encode(jsonText({ value, text }))));
            expect([body.nat('value'), body.text('text')]).toEqual([value, text]);
        })
    );
    const digits = { text: '12345678901234567890', escaped: '"1234567890123456789"' };
    expect(parseJson(new TextEncoder().encode(JSON.stringify(digits)))).toEqual(digits);
});
