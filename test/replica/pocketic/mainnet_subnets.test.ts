/** A canister with an id of the real network brings the subnet of that id into being. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { SubnetStateType } from '@dfinity/pic';
import { Principal as CorePrincipal } from '@icp-sdk/core/principal';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { canisterIdOfIndex } from '../../../src/replica/state/principals';
import { counterIdl, counterWasm, picCounterIdl, type Counter } from '../http/support/counter_canister';
import { officialInterface } from '../natives/support/interfaces';
import { base64, fresh, kindsOf, newInstance, send, type RestInstance } from './support/rest_client';
import { startServer, type ServerProcess } from './support/server_process';
import { createPocketIc } from '../../support/pocket_ic';

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
    server = await startServer();
});
afterAll(() => server.stop());
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-mainnet-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The first id of a block, as the subnets of the real network have them. */
const firstOf = (block: bigint): Uint8Array => canisterIdOfIndex(block << 20n);

test('clients: the new subnet has its ids, its key and its certificates, and is there for others', async () => {
    const state = { state: { type: SubnetStateType.New } } as const;
    const pic = await createPocketIc(server.url, { nns: state, application: [state] });
    const before = Object.values(await pic.getTopology());
    const id = CorePrincipal.fromText('v7pvf-xyaaa-aaaao-aaaaa-cai');
    expect(await pic.getCanisterSubnetId(id)).toBeNull();
    await pic.createCanister({ targetCanisterId: id });
    await pic.installCode({ canisterId: id, wasm: await counterWasm() });
    const after = Object.values(await pic.getTopology());
    expect(after).toHaveLength(before.length + 1);
    const added = after.find((subnet) => !before.some((known) => known.id.toText() === subnet.id.toText()));
    expect((await pic.getCanisterSubnetId(id))?.toText()).toBe(added?.id.toText());
    expect(added?.type).toBe('Application');
    expect(added?.canisterRanges[0]?.start.toText()).toBe(id.toText());
    // Its own canisters have ids of the test environment, like those of every subnet.
    const beside = await pic.createCanister({ targetSubnetId: (added as { id: CorePrincipal }).id });
    expect((await pic.getCanisterSubnetId(beside))?.toText()).toBe(added?.id.toText());
    await expect(pic.createActor<Counter>(picCounterIdl, id).read()).resolves.toBe(0n);

    const port = await pic.makeLive();
    try {
        const identity = Ed25519KeyIdentity.generate();
        const host = `http://127.0.0.1:${port}`;
        const agent = await HttpAgent.create({ host, identity, shouldFetchRootKey: true });
        const actor = Actor.createActor<Counter>(counterIdl, { agent, canisterId: id.toText() });
        await actor.inc();
        expect(await actor.read()).toBe(1n);
    } finally {
        await pic.stopLive();
        await pic.tearDown();
    }
});

const anonymous = base64(new Uint8Array([4]));
const argumentType = IDL.Record({ specified_id: IDL.Opt(IDL.Principal) });

async function createWithId({ url }: RestInstance, id: Uint8Array): Promise<void> {
    const submitted = await send(`${url}/update/submit_ingress_message`, {
        sender: anonymous,
        canister_id: '',
        effective_principal: { CanisterId: base64(id) },
        method: 'provisional_create_canister_with_cycles',
        payload: base64(new Uint8Array(IDL.encode([argumentType], [{ specified_id: [Principal.fromUint8Array(id)] }])))
    });
    const done = await send(`${url}/update/await_ingress_message`, submitted.body.get('Ok'));
    expect(done.text).toContain('"Ok"');
}

async function subnetOf({ url }: RestInstance, id: Uint8Array): Promise<string | undefined> {
    const answer = await send(`${url}/read/get_subnet`, { canister_id: base64(id) });
    const subnet = answer.text === 'null' ? undefined : answer.body.bytes('subnet_id');
    return subnet && Principal.fromUint8Array(subnet).toText();
}

/** What the minting canister and the registry know, asked as an agent does. */
async function known(port: bigint, canisterId: Uint8Array): Promise<unknown> {
    const agent = await HttpAgent.create({ host: `http://127.0.0.1:${port}`, shouldFetchRootKey: true });
    type Methods = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;
    const actor = (name: 'nns_registry' | 'nns_cycles_minting', id: string): Methods =>
        Actor.createActor(officialInterface(name), { agent, canisterId: id }) as Methods;
    const minting = actor('nns_cycles_minting', 'rkp4c-7iaaa-aaaaa-aaaca-cai');
    const registry = actor('nns_registry', 'rwlgt-iiaaa-aaaaa-aaaaa-cai');
    const defaults = (await minting.get_default_subnets?.()) as Principal[];
    const types = (await minting.get_subnet_types_to_subnets?.()) as { data: [string, Principal[]][] };
    const place = (await registry.get_subnet_for_canister?.({
        principal: [Principal.fromUint8Array(canisterId)]
    })) as { Ok: { subnet_id: [Principal] } };
    return {
        defaults: defaults.map((id) => id.toText()),
        types: types.data.map(([type, ids]) => [type, ids.map((id) => id.toText())]),
        place: place.Ok.subnet_id[0].toText()
    };
}

test('state: the subnets are there after a restart, with the same keys; minting canister and registry know them', async () => {
    const options = {
        state_dir: join(folder, 'instance'),
        icp_features: { registry: 'DefaultConfig', cycles_minting: 'DefaultConfig' },
        initial_time: { AutoProgress: {} },
        http_gateway_config: {}
    };
    const topologyOf = async ({ url }: RestInstance): Promise<ReadonlyMap<string, string>> => {
        const { body } = await send(`${url}/_/topology`);
        return kindsOf(body);
    };
    const first = await newInstance(server.url, { application: [fresh] }, options);
    const port = first.created.object('http_gateway_info').nat('port');
    const begun = await topologyOf(first);
    expect([...begun.values()]).toEqual(['Application', 'NNS']);
    const [block, fiduciary] = [firstOf(3n), firstOf(0x23n)];
    expect(await subnetOf(first, block)).toBeUndefined();
    for (const id of [block, fiduciary]) await createWithId(first, id);
    const grown = await topologyOf(first);
    expect([...grown.values()]).toEqual(['Application', 'NNS', 'Application', 'Fiduciary']);
    const [home, , added, guarded] = [...grown.keys()];
    expect([await subnetOf(first, block), await subnetOf(first, fiduciary)]).toEqual([added, guarded]);
    const expected = { defaults: [home, added], types: [['fiduciary', [guarded]]], place: added };
    expect(await known(port, block)).toEqual(expected);
    await first.delete();

    const { state_dir, initial_time, http_gateway_config } = options;
    const second = await newInstance(server.url, {}, { state_dir, initial_time, http_gateway_config });
    expect(await topologyOf(second)).toEqual(grown);
    expect(await subnetOf(second, block)).toBe(added);
    expect(await known(second.created.object('http_gateway_info').nat('port'), block)).toEqual(expected);
    await createWithId(second, firstOf(4n));
    expect((await topologyOf(second)).size).toBe(grown.size + 1);
    await second.delete();
});
