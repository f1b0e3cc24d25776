/** Instances and snapshots as files: `state_dir`, and the download and upload of snapshots. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { counterWasm } from '../http/support/counter_canister';
import { base64, fresh, newInstance, send, type RestInstance } from './support/rest_client';
import { startServer, type ServerProcess } from './support/server_process';

let server: ServerProcess;
let folder: string;
let wasm: Uint8Array;

beforeAll(async () => {
    server = await startServer();
    wasm = await counterWasm();
});
afterAll(() => server.stop());
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-pic-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const anonymous = base64(Principal.anonymous().toUint8Array());
const Blob = IDL.Vec(IDL.Nat8);
const Id = IDL.Record({ canister_id: IDL.Principal });
const encode = (type: IDL.Type, value: unknown): Uint8Array => new Uint8Array(IDL.encode([type], [value]));
const nothing: Uint8Array = new Uint8Array(IDL.encode([], []));

/** An update call by the anonymous user; throws with the rejection's text. */
async function update(
    { url }: RestInstance,
    canister: Uint8Array,
    method: string,
    argument = nothing
): Promise<Uint8Array> {
    const submitted = await send(`${url}/update/submit_ingress_message`, {
        sender: anonymous,
        canister_id: base64(canister),
        effective_principal: 'None',
        method,
        payload: base64(argument)
    });
    const ok = submitted.body.optionalObject('Ok');
    const outcome =
        ok === undefined ? submitted : await send(`${url}/update/await_ingress_message`, submitted.body.get('Ok'));
    expect(outcome.text).toContain('"Ok"');
    return outcome.body.bytes('Ok');
}

const management = new Uint8Array(0);

async function newCanister(instance: RestInstance): Promise<Principal> {
    const reply = await update(
        instance,
        management,
        'provisional_create_canister_with_cycles',
        encode(IDL.Record({}), {})
    );
    return (IDL.decode([Id], reply)[0] as unknown as { canister_id: Principal }).canister_id;
}

async function newCounter(instance: RestInstance): Promise<Principal> {
    const canister_id = await newCanister(instance);
    const mode = IDL.Variant({ install: IDL.Null });
    const type = IDL.Record({ mode, canister_id: IDL.Principal, wasm_module: Blob, arg: Blob });
    const argument = encode(type, { mode: { install: null }, canister_id, wasm_module: wasm, arg: new Uint8Array() });
    await update(instance, management, 'install_code', argument);
    return canister_id;
}

async function read({ url }: RestInstance, canister: Principal): Promise<unknown> {
    const answer = await send(`${url}/read/query`, {
        sender: anonymous,
        canister_id: base64(canister.toUint8Array()),
        effective_principal: 'None',
        method: 'read',
        payload: base64(nothing)
    });
    return IDL.decode([IDL.Nat64], answer.body.bytes('Ok'))[0];
}

const timeOf = async ({ url }: RestInstance): Promise<bigint> =>
    (await send(`${url}/read/get_time`)).body.nat('nanos_since_epoch');

test('state_dir: subnets, canisters and time go on in the next instance, which asks for no subnets', async () => {
    const options = { state_dir: join(folder, 'instance') };
    const first = await newInstance(server.url, { nns: fresh, application: [fresh] }, options);
    const counter = await newCounter(first);
    await update(first, counter.toUint8Array(), 'inc');
    const topology = (await send(`${first.url}/_/topology`)).text;
    const time = await timeOf(first);
    await expect(newInstance(server.url, {}, options)).rejects.toThrow('in use');
    await first.delete();
    await expect(newInstance(server.url, { application: [fresh] }, options)).rejects.toThrow('ask for none');
    const second = await newInstance(server.url, {}, options);
    expect([await read(second, counter), (await send(`${second.url}/_/topology`)).text]).toEqual([1n, topology]);
    expect(await timeOf(second)).toBe(time + 2n);
    await update(second, counter.toUint8Array(), 'inc');
    expect(await read(second, counter)).toBe(2n);
    expect((await newCanister(second)).toText()).not.toBe(counter.toText());
    await second.delete();
});

test('state_dir: what a stopped server has written, the next server reads', async () => {
    const options = { state_dir: join(folder, 'instance') };
    const other = await startServer();
    const first = await newInstance(other.url, { application: [fresh] }, options);
    const counter = await newCounter(first);
    await update(first, counter.toUint8Array(), 'inc');
    await other.stop();
    const second = await newInstance(server.url, {}, options);
    expect(await read(second, counter)).toBe(1n);
    await second.delete();
});

test('snapshots: are files in the layout of deployment tools, and come back as another canister', async () => {
    const instance = await newInstance(server.url, { application: [fresh] });
    const counter = await newCounter(instance);
    await update(instance, counter.toUint8Array(), 'inc');
    const chunk = new Uint8Array([1, 2, 3]);
    const uploadChunk = IDL.Record({ canister_id: IDL.Principal, chunk: Blob });
    await update(instance, management, 'upload_chunk', encode(uploadChunk, { canister_id: counter, chunk }));
    const taken = await update(instance, management, 'take_canister_snapshot', encode(Id, { canister_id: counter }));
    const { id } = IDL.decode([IDL.Record({ id: Blob })], taken)[0] as unknown as { id: Uint8Array };
    const target = join(folder, 'snapshot');
    const download = (snapshot: string, snapshot_dir: string, canister = counter): ReturnType<typeof send> =>
        send(`${instance.url}/update/canister_snapshot_download`, {
            sender: { principal_id: anonymous },
            canister_id: { canister_id: base64(canister.toUint8Array()) },
            snapshot_id: snapshot,
            snapshot_dir
        });
    expect((await download(base64(new Uint8Array(id)), target)).status).toBe(200);
    expect(readdirSync(target).sort()).toEqual([
        'metadata.json',
        'wasm_chunk_store',
        'wasm_memory.bin',
        'wasm_module.bin'
    ]);
    expect(new Uint8Array(readFileSync(join(target, 'wasm_module.bin')))).toEqual(wasm);
    const again = await download(base64(new Uint8Array(id)), target);
    expect([again.status, again.body.text('message')]).toEqual([400, expect.stringContaining('is not empty')]);

    const copy = await newCanister(instance);
    const uploaded = await send(`${instance.url}/update/canister_snapshot_upload`, {
        sender: { principal_id: anonymous },
        canister_id: { canister_id: base64(copy.toUint8Array()) },
        replace_snapshot: null,
        snapshot_dir: target
    });
    const load = IDL.Record({ canister_id: IDL.Principal, snapshot_id: Blob });
    const snapshot_id = uploaded.body.bytes('snapshot_id');
    await update(instance, management, 'load_canister_snapshot', encode(load, { canister_id: copy, snapshot_id }));
    expect(await read(instance, copy)).toBe(1n);

    const second = join(folder, 'again');
    await download(base64(snapshot_id), second, copy);
    const metadata = (at: string): object => JSON.parse(readFileSync(join(at, 'metadata.json'), 'utf8')) as object;
    expect(metadata(target)).toMatchObject({ source: { taken_from_canister: null } });
    expect(metadata(second)).toMatchObject({ source: { metadata_upload: null }, wasm_memory_size: 4 * 65_536 });
    for (const name of readdirSync(join(target, 'wasm_chunk_store'))) {
        expect(new Uint8Array(readFileSync(join(second, 'wasm_chunk_store', name)))).toEqual(chunk);
    }
    await instance.delete();
});
