/** The REST interface where clients other than `@dfinity/pic` look: texts, statuses and options of the real server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Cbor } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { counterWasm, picCounterIdl, type Counter } from '../http/support/counter_canister';
import { base64, fresh, kindsOf, newInstance, send, type RestInstance } from './support/rest_client';
import { startServer, type ServerProcess } from './support/server_process';
import { createPocketIc } from '../../support/pocket_ic';

let server: ServerProcess;
let folder: string;
let open: RestInstance[] = [];

beforeAll(async () => {
    server = await startServer();
    folder = mkdtempSync(join(tmpdir(), 'emc-rest-'));
});
afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
    await Promise.all(open.map((instance) => instance.delete()));
    open = [];
});

async function instance(subnets: object = { application: [fresh] }, options: object = {}): Promise<RestInstance> {
    const made = await newInstance(server.url, subnets, options);
    open.push(made);
    return made;
}

const anonymous = base64(Principal.anonymous().toUint8Array());
const createArgument = (specified?: Principal): string => {
    const type = IDL.Record({ specified_id: IDL.Opt(IDL.Principal) });
    return base64(new Uint8Array(IDL.encode([type], [{ specified_id: specified === undefined ? [] : [specified] }])));
};

/** Creates a canister with a chosen id; the message of the refusal, or of the rejection. */
async function creation({ url }: RestInstance, id: Principal, sender = anonymous): Promise<string> {
    const submitted = await send(`${url}/update/submit_ingress_message`, {
        sender,
        canister_id: '',
        effective_principal: { CanisterId: base64(id.toUint8Array()) },
        method: 'provisional_create_canister_with_cycles',
        payload: createArgument(id)
    });
    if (submitted.status !== 200) return submitted.body.text('message');
    const done = await send(`${url}/update/await_ingress_message`, submitted.body.get('Ok'));
    return done.body.optionalObject('Err')?.text('reject_message') ?? 'created';
}

test('options: what is wrong with them is said in the words of the real server', async () => {
    await expect(instance({})).rejects.toThrow('SubnetConfigSet must contain at least one subnet');
    await expect(instance(undefined, { log_level: 'loud' })).rejects.toThrow('Failed to parse log level');
    await expect(instance(undefined, { icp_features: { ii: 'DefaultConfig' } })).rejects.toThrow(
        'The `ii` ICP feature requires an HTTP gateway.'
    );
    const early = { initial_time: { Timestamp: { nanos_since_epoch: 1_620_328_630_000_000_000 } } };
    const rated = { ...early, icp_features: { cycles_minting: 'DefaultConfig' } };
    await expect(instance(undefined, rated)).rejects.toThrow('must be no earlier than 1620633601000000000');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const from = (path: string): object => ({ application: [{ state_config: { FromPath: path } }] });
    await expect(instance(from(file))).rejects.toThrow('is not a (subnet state) directory');
    const empty = mkdtempSync(join(folder, 'empty-'));
    await expect(instance(from(empty))).rejects.toThrow('Provided an empty state directory at path');
    for (const log_level of ['critical', 'error', 'warn', 'info', 'debug', 'trace'])
        await instance(undefined, { log_level });
});

test('topology: kinds, sizes and ids of the real network, on the instance and on its gateway', async () => {
    const subnets = {
        nns: fresh,
        fiduciary: fresh,
        test_threshold_keys: fresh,
        cloud_engine: [fresh],
        application: [fresh]
    };
    const made = await instance(subnets, { mainnet_nns_subnet_id: true, http_gateway_config: {} });
    const topology = made.created.object('topology');
    const kinds = kindsOf(topology);
    expect([...kinds.values()].sort()).toEqual(['Application', 'CloudEngine', 'Fiduciary', 'NNS', 'TestThresholdKeys']);
    expect(kinds.get('tdb26-jop6k-aogll-7ltgs-eruif-6kk7m-qpktf-gdiqx-mxtrf-vb5e6-eqe')).toBe('NNS');
    const configs = [...kinds.keys()].map((id) => topology.object('subnet_configs').object(id));
    expect(new Set(configs.map((config) => JSON.stringify(config.array('subnet_seed')))).size).toBe(kinds.size);
    const size = (kind: string): bigint | undefined =>
        configs.find((config) => config.text('subnet_kind') === kind)?.nat('size');
    expect([size('Application'), size('Fiduciary'), size('NNS')]).toEqual([13n, 34n, 40n]);
    const gateway = `http://127.0.0.1:${made.created.object('http_gateway_info').nat('port')}`;
    for (const base of [made.url, gateway]) {
        expect(JSON.parse((await send(`${base}/_/topology`)).text)).toEqual(
            JSON.parse(JSON.stringify(topologyOf(topology)))
        );
        expect((await send(`${base}/_/dashboard`)).text).toContain('<h1>PocketIC Dashboard</h1>');
    }
});

const topologyOf = (topology: { get(name: string): unknown }): object => ({
    subnet_configs: topology.get('subnet_configs'),
    default_effective_canister_id: topology.get('default_effective_canister_id')
});

test('ids: of named subnets only there, of the real network anywhere, of the test network never by choice', async () => {
    const application = await instance();
    const nnsId = Principal.fromText('rwlgt-iiaaa-aaaaa-aaaaa-cai');
    expect(await creation(application, nnsId)).toContain('belongs to the NNS or II subnet on the IC mainnet');
    expect(await creation(application, Principal.anonymous())).toContain('should consist of 10 bytes.');
    const beyond = Principal.fromUint8Array(new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0, 1, 1]));
    expect(await creation(application, beyond)).toContain('is not a mainnet canister ID.');
    expect(await creation(application, Principal.fromText('rimrc-piaaa-aaaao-aaljq-cai'))).toBe('created');
    const own = Principal.fromText('lxzze-o7777-77777-aaaaa-cai');
    expect(await creation(application, own)).toContain(
        'belongs to the canister allocation ranges of the test environment'
    );
    const nns = await instance({ nns: fresh });
    expect(await creation(nns, nnsId)).toBe('created');
    expect(await creation(nns, nnsId)).toContain('is already installed');
});

test('gateways: come with the instance, over TLS if asked, and go with it; a taken port leaves nothing behind', async () => {
    const first = await instance(undefined, { http_gateway_config: { domains: ['localhost', 'example.test'] } });
    const port = Number(first.created.object('http_gateway_info').nat('port'));
    const gateways = async (): Promise<string> => (await send(`${server.url}/http_gateway`)).text;
    expect(await gateways()).toContain('["localhost","example.test"]');
    const instances = (await send(`${server.url}/instances`)).text;
    await expect(instance(undefined, { http_gateway_config: { port } })).rejects.toThrow(
        `Failed to bind to address 127.0.0.1:${port}: Address already in use`
    );
    const https = { cert_path: join(folder, 'none.pem'), key_path: join(folder, 'none.pem') };
    await expect(instance(undefined, { http_gateway_config: { https_config: https } })).rejects.toThrow(
        'TLS config could not be created'
    );
    const after = JSON.parse((await send(`${server.url}/instances`)).text) as string[];
    expect(after.slice(0, -2)).toEqual(JSON.parse(instances));
    expect(after.slice(-2)).toEqual(['Deleted', 'Deleted']);
    await first.delete();
    expect(await gateways()).toBe('[]');
    await expect(fetch(`http://127.0.0.1:${port}/api/v2/status`)).rejects.toThrow();
});

test('blobs: keep their encoding, and stable memory is what was packed', async () => {
    const put = (body: string | Uint8Array, encoding?: string): Promise<Response> =>
        fetch(`${server.url}/blobstore/`, {
            method: 'POST',
            body: typeof body === 'string' ? body : new Uint8Array(body),
            ...(encoding === undefined ? {} : { headers: { 'content-encoding': encoding } })
        });
    const key = await (await put(gzipSync('decafbad'), 'gzip')).text();
    const answer = await fetch(`${server.url}/blobstore/${key}`);
    expect([answer.headers.get('content-encoding'), await answer.text()]).toEqual(['gzip', 'decafbad']);
    const bad = await put('x', 'bad_encoding');
    expect([bad.status, (await bad.text()).toLowerCase()]).toEqual([400, expect.stringContaining('bad encoding')]);
    expect((await fetch(`${server.url}/blobstore/does%20not%20exist`)).status).toBe(400);
    const pic = await createPocketIc(server.url);
    const { canisterId } = await pic.setupCanister<Counter>({ idlFactory: picCounterIdl, wasm: await counterWasm() });
    const { id } = await lastInstance();
    await send(`${server.url}/instances/${id}/update/set_stable_memory`, {
        canister_id: base64(canisterId.toUint8Array()),
        blob_id: Buffer.from(key, 'hex').toString('base64')
    });
    expect(Buffer.from((await pic.getStableMemory(canisterId)).subarray(0, 8)).toString()).toBe('decafbad');
    await pic.tearDown();
});

async function lastInstance(): Promise<{ readonly id: number }> {
    const states = JSON.parse((await send(`${server.url}/instances`)).text) as string[];
    return { id: states.length - 1 };
}

test('messages: their outcome is for their sender, by both routes', async () => {
    const { url } = await instance();
    const sender = base64(new Uint8Array(29).fill(255));
    const submitted = await send(`${url}/update/submit_ingress_message`, {
        sender,
        canister_id: '',
        effective_principal: 'None',
        method: 'provisional_create_canister_with_cycles',
        payload: createArgument()
    });
    const raw_message_id = submitted.body.object('Ok');
    const status = (caller?: string): ReturnType<typeof send> =>
        send(`${url}/read/ingress_status`, {
            raw_message_id: submitted.body.get('Ok'),
            raw_caller: caller === undefined ? null : { principal_id: caller }
        });
    expect((await status(anonymous)).text).toBe('null');
    await send(`${url}/update/tick`, {});
    expect((await status()).body.text('Ok')).not.toBe('');
    expect((await status(sender)).body.text('Ok')).not.toBe('');
    const text = 'The user tries to access Request ID not signed by the caller.';
    const forbidden = await status(anonymous);
    expect([forbidden.status, forbidden.body.text('message')]).toEqual([403, text]);
    const path = [Buffer.from('request_status'), Buffer.from(raw_message_id.text('message_id'), 'base64')];
    const time = (await send(`${url}/read/get_time`)).body.nat('nanos_since_epoch');
    const content = {
        request_type: 'read_state',
        sender: Principal.anonymous(),
        ingress_expiry: time + 240_000_000_000n,
        paths: [path.map((label) => new Uint8Array(label))]
    };
    const read = await cborPost(`${url}/api/v2/canister/lxzze-o7777-77777-aaaaa-cai/read_state`, { content });
    expect([read.status, await read.text()]).toEqual([403, text]);
});

function cborPost(url: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/cbor' };
    return fetch(url, { method: 'POST', headers, body: new Uint8Array(Cbor.encode(body)) });
}

test('requests: about canisters and subnets that cannot be, and without signatures where nobody asks for them', async () => {
    const { url } = await instance();
    const nowhere = Principal.fromUint8Array(new Uint8Array([0, 0, 0, 255, 255, 255, 255, 255, 1, 1]));
    const unknownSubnet = Principal.fromUint8Array(new Uint8Array(29).fill(42));
    for (const [path, text] of [
        [`canister/${nowhere}`, 'canister_not_found\ndetails: The specified canister does not exist.'],
        [`subnet/${unknownSubnet}`, 'subnet_not_found\ndetails: The specified subnet cannot be found.']
    ]) {
        const answer = await cborPost(`${url}/api/v2/${path}/read_state`, {});
        expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(text ?? '')]);
    }
    const unsigned = async (made: RestInstance): Promise<number> => {
        const time = (await send(`${made.url}/read/get_time`)).body.nat('nanos_since_epoch');
        const content = {
            request_type: 'call',
            canister_id: Principal.fromText('aaaaa-aa'),
            method_name: 'provisional_create_canister_with_cycles',
            arg: new Uint8Array(Buffer.from(createArgument(), 'base64')),
            sender: Principal.fromUint8Array(new Uint8Array(29).fill(7)),
            ingress_expiry: time + 240_000_000_000n
        };
        return (await cborPost(`${made.url}/api/v2/canister/lxzze-o7777-77777-aaaaa-cai/call`, { content })).status;
    };
    expect(await unsigned(await instance())).toBe(400);
    expect(await unsigned(await instance(undefined, { disable_ingress_validation: true }))).toBe(202);
});

test('live mode: is not started twice', async () => {
    const { url } = await instance();
    expect((await send(`${url}/auto_progress`, {})).status).toBe(200);
    const again = await send(`${url}/auto_progress`, {});
    expect([again.status, again.body.text('message')]).toEqual([400, 'Auto progress mode has already been enabled.']);
});
