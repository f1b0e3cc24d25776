import { PocketIc, type Actor } from '@dfinity/pic';
import type { Principal } from '@icp-sdk/core/principal';
import { counterWasm, picCounterIdl, type Counter } from '../http/support/counter_canister';
import { startServer, type ServerProcess } from './support/server_process';
import { createPocketIc } from '../../support/pocket_ic';

/** Genesis of a PocketIC instance, 2021-05-06T19:17:10Z. */
const genesisMs = 1_620_328_630_000;

let server: ServerProcess;
let wasm: Uint8Array;

beforeAll(async () => {
    server = await startServer();
    wasm = await counterWasm();
});

afterAll(() => server.stop());

type Fixture = { readonly pic: PocketIc; readonly actor: Actor<Counter>; readonly canisterId: Principal };

async function withCounter(run: (fixture: Fixture) => Promise<void>): Promise<void> {
    const pic = await createPocketIc(server.url);
    try {
        const { actor, canisterId } = await pic.setupCanister<Counter>({ idlFactory: picCounterIdl, wasm });
        await run({ pic, actor, canisterId });
    } finally {
        await pic.tearDown();
    }
}

test('pic: a canister counts, forgets on reinstall, remembers through an upgrade', () =>
    withCounter(async ({ pic, actor, canisterId }) => {
        await actor.inc();
        await actor.inc();
        expect(await actor.read()).toBe(2n);
        await pic.upgradeCanister({ canisterId, wasm });
        expect(await actor.read()).toBe(2n);
        await pic.reinstallCode({ canisterId, wasm });
        expect(await actor.read()).toBe(0n);
    }));

test('pic: a trap changes nothing and names its code', () =>
    withCounter(async ({ actor }) => {
        await actor.inc();
        await expect(actor.fail()).rejects.toThrow(/Error code: CanisterCalledTrap\. Certified: true/);
        expect(await actor.read()).toBe(1n);
    }));

test('pic: queries see the time of the last round', () =>
    withCounter(async ({ pic, actor }) => {
        expect(Math.floor(await pic.getTime())).toBe(genesisMs);
        await pic.setTime(genesisMs + 1_000_000);
        expect(await pic.getTime()).toBe(genesisMs + 1_000_000);
        expect((await actor.now()) / 1_000_000_000n).toBe(BigInt(genesisMs) / 1000n);
        await pic.tick();
        expect(await actor.now()).toBe(BigInt(genesisMs + 1_000_000) * 1_000_000n);
        await pic.advanceCertifiedTime(5000);
        expect(await actor.now()).toBe(BigInt(genesisMs + 1_005_000) * 1_000_000n);
        await expect(pic.setTime(genesisMs)).rejects.toThrow(/SettingTimeIntoPast/);
    }));

test('pic: controllers, cycles, subnet and stable memory of a canister', () =>
    withCounter(async ({ pic, canisterId }) => {
        expect((await pic.getControllers(canisterId)).map((id) => id.toText())).toEqual(['2vxsx-fae']);
        const before = await pic.getCyclesBalance(canisterId);
        expect(await pic.addCycles(canisterId, 10n ** 20n)).toBe(before + 10n ** 20n);
        const subnet = await pic.getCanisterSubnetId(canisterId);
        const [application] = await pic.getApplicationSubnets();
        expect(subnet?.toText()).toBe(application?.id.toText());
        expect(await pic.getPubKey(application!.id)).toHaveLength(133);
        await pic.setStableMemory(canisterId, new Uint8Array(65_536).fill(7));
        expect(new Uint8Array(await pic.getStableMemory(canisterId)).subarray(0, 3)).toEqual(Uint8Array.of(7, 7, 7));
    }));

test('pic: instances are independent of each other, and equal from their start', async () => {
    const [a, b] = await Promise.all([createPocketIc(server.url), createPocketIc(server.url)]);
    const first = await Promise.all(
        [a, b].map((pic) => pic.setupCanister<Counter>({ idlFactory: picCounterIdl, wasm }))
    );
    expect(first[0]?.canisterId.toText()).toBe(first[1]?.canisterId.toText());
    await first[0]?.actor.inc();
    expect(await first[0]?.actor.read()).toBe(1n);
    expect(await first[1]?.actor.read()).toBe(0n);
    await Promise.all([a.tearDown(), b.tearDown()]);
});

test('pic: a deleted instance is gone for those who know its number', async () => {
    const pic = await createPocketIc(server.url);
    await pic.tearDown();
    const response = await fetch(`${server.url}/instances/0/read/get_time`);
    expect(response.status).toBe(404);
});

test('pic: a call that loops is awaited until it has trapped, as if there were no slices', () =>
    withCounter(async ({ pic, actor }) => {
        const before = await pic.getTime();
        await expect(actor.spin()).rejects.toThrow(/exceeded the limit of 40000000000 instructions/);
        expect(await pic.getTime()).toBe(before);
        await actor.inc();
        expect(await actor.read()).toBe(1n);
    }));
