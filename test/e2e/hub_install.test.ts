/** Installing the hub: what it refuses, and what an upgrade keeps of it. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { PocketIc } from '@dfinity/pic';
import { readFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { idlFactory, init, type _SERVICE } from '../../src/declarations/hub';
import { BY_FORCE, fromPicPrincipal, picActor } from '../support/pic_actor';
import { principalNamed } from '../support/suite';
import { createPocketIc } from '../support/pocket_ic';

type PicCanister = Parameters<PocketIc['installCode']>[0]['canisterId'];

const NOTHING = {
    peers: [],
    governance: [],
    grace_s: [],
    credit_price_e8s: [],
    max_keys_per_owner: [],
    allow_self_trade: [],
    online_window_s: [],
    probe_min_s: [],
    probe_max_s: []
};

let pic: PocketIc;
let wasm: Uint8Array;
let canisterId: PicCanister;

beforeAll(async () => {
    const [build] = await buildCanisters(['hub']);
    wasm = await readFile(build?.wasmGzPath ?? '');
});
beforeEach(async () => {
    pic = await createPocketIc();
    canisterId = await pic.createCanister();
});
afterEach(() => pic.tearDown());

const argument = (fields: object): Uint8Array =>
    new Uint8Array(IDL.encode(init({ IDL }), [[{ ...NOTHING, ...fields }]]));
const install = (fields: object) => pic.installCode({ canisterId, wasm, arg: argument(fields) });
const upgrade = (fields: object) =>
    pic.upgradeCanister({ canisterId, wasm, arg: argument(fields), upgradeModeOptions: BY_FORCE });
const interval = async (): Promise<readonly bigint[]> => {
    const hub = picActor<_SERVICE>(pic, idlFactory, fromPicPrincipal(canisterId), Principal.anonymous());
    const { min_s, max_s } = await hub.probe_plan();
    return [min_s, max_s];
};

test('P2: a probe interval that ends before it begins is refused by install and by upgrade, which change nothing', async () => {
    await expect(install({ probe_min_s: [61n], probe_max_s: [60n] })).rejects.toThrow(/P2/);
    await expect(install({ probe_min_s: [7_201n] })).rejects.toThrow(/P2/);
    await install({ probe_min_s: [60n], probe_max_s: [60n] });
    expect(await interval()).toEqual([60n, 60n]);
    await expect(upgrade({ probe_max_s: [59n] })).rejects.toThrow(/P2/);
    expect(await interval()).toEqual([60n, 60n]);
    await upgrade({ probe_max_s: [90n] });
    expect(await interval()).toEqual([60n, 90n]);
});

test('a price of nothing is refused: credits would be backed by nothing', async () => {
    await expect(install({ credit_price_e8s: [0n] })).rejects.toThrow(/H2/);
    await install({});
    expect(await interval()).toEqual([3_600n, 7_200n]);
});

test('ingress: what is larger than its method can mean is dropped before the hub pays for it', async () => {
    await install({});
    const buyer = picActor<_SERVICE>(pic, idlFactory, fromPicPrincipal(canisterId), principalNamed('buyer'));
    const dispute = (length: number) => buyer.dispute_order({ order: 0n, why: 'x'.repeat(length) });
    expect(await dispute(500)).toEqual({ Err: { NotFound: null } });
    await expect(dispute(3_000)).rejects.toThrow(/CanisterRejectedMessage/);
});

test('it is not installed under a governor who could be anybody, or nobody', async () => {
    for (const nobody of [Principal.anonymous(), Principal.managementCanister()]) {
        await expect(install({ governance: [nobody] })).rejects.toThrow(/cannot govern/);
    }
    await install({ governance: [principalNamed('sns')] });
});
