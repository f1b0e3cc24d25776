/** Canisters of Motoko's own compiler, unchanged, on the network: another toolchain's idea of the System API. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PocketIc, type Actor } from '@dfinity/pic';
import { IDL } from '@icp-sdk/core/candid';
import type { Principal } from '@icp-sdk/core/principal';
import motoko from 'motoko';
import { startServer, type ServerProcess } from '../pocketic/support/server_process';
import { counterIdl, type MotokoCounter } from './counter_idl';
import { createPocketIc } from '../../support/pocket_ic';

let server: ServerProcess;
let wasm: Uint8Array;
let pic: PocketIc;

beforeAll(async () => {
    motoko.write('Counter.mo', readFileSync(join(__dirname, 'counter.mo'), 'utf8'));
    wasm = motoko.wasm('Counter.mo', 'ic').wasm;
    server = await startServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
    pic = await createPocketIc(server.url);
});
afterEach(() => pic.tearDown());

type Deployed = { readonly actor: Actor<MotokoCounter>; readonly canisterId: Principal };

const start = (count: bigint): Uint8Array => IDL.encode([IDL.Nat], [count]);

const deploy = (count = 0n): Promise<Deployed> =>
    pic.setupCanister<MotokoCounter>({ idlFactory: counterIdl, wasm, arg: start(count) });

test('calls, queries and the identity of the caller', async () => {
    const { actor } = await deploy(40n);
    expect(await actor.increment()).toBe(41n);
    expect(await actor.get()).toBe(41n);
    expect((await actor.whoami()).isAnonymous()).toBe(true);
    expect(await actor.guarded('anything')).toBeNull();
});

test('a trap rolls one message back: what an await committed stays', async () => {
    const { actor } = await deploy();
    await expect(actor.incrementAndTrap()).rejects.toThrow(/CanisterCalledTrap/);
    expect(await actor.get()).toBe(0n);
    await expect(actor.trapAfterAwait()).rejects.toThrow(/CanisterCalledTrap/);
    expect(await actor.get()).toBe(1n);
});

test('calls between canisters, and a trap of the callee caught by the caller', async () => {
    const [first, second] = [await deploy(), await deploy(10n)];
    expect(await first.actor.incrementTwice(second.canisterId)).toBe(12n);
    expect(await first.actor.get()).toBe(1n);
    const [code, message] = await first.actor.caught(second.canisterId);
    expect([code, message.includes('assertion failed')]).toEqual(['canister_error', true]);
    expect([await first.actor.get(), await second.actor.get()]).toEqual([11n, 12n]);
});

test('a composite query reads another canister', async () => {
    const [first, second] = [await deploy(), await deploy(77n)];
    expect(await first.actor.getThrough(second.canisterId)).toBe(77n);
});

test('stable variables live through upgrades, with both hooks; a reinstallation forgets', async () => {
    const { actor, canisterId } = await deploy(5n);
    await actor.increment();
    await pic.upgradeCanister({ canisterId, wasm, arg: start(900n) });
    expect([await actor.get(), await actor.upgradeCount()]).toEqual([6n, 2n]);
    await pic.reinstallCode({ canisterId, wasm, arg: start(900n) });
    expect([await actor.get(), await actor.upgradeCount()]).toEqual([900n, 0n]);
});

test('a recurring timer ticks with the time of the network', async () => {
    const { actor } = await deploy();
    await actor.startTicking();
    for (const expected of [1n, 2n, 3n]) {
        await pic.advanceTime(1_000);
        await pic.tick(2);
        expect(await actor.tickCount()).toBe(expected);
    }
});

test('cycles travel with a call, and what is not accepted comes back', async () => {
    const [first, second] = [await deploy(), await deploy()];
    const before = await pic.getCyclesBalance(second.canisterId);
    expect(await first.actor.pay(second.canisterId)).toEqual([1_000_000n, 4_000_000n]);
    expect(before - (await pic.getCyclesBalance(second.canisterId))).toBeLessThan(1_000_000_000);
});

test('the heap grows by a garbage collector of its own and survives its collections', async () => {
    const { actor } = await deploy();
    for (let round = 0; round < 20; round += 1) expect(await actor.allocate(500_000n)).toBe(500_000n);
    expect(await actor.increment()).toBe(1n);
});

test('randomness from the management canister', async () => {
    const { actor } = await deploy();
    const [one, two] = [await actor.entropy(), await actor.entropy()];
    expect([one.length, Buffer.compare(one, two) === 0]).toEqual([32, false]);
});
