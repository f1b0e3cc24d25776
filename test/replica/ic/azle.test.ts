import { IDL } from '@dfinity/candid';
import { buildAzleCanister } from './support/azle_canister';
import { codeOf, newNetwork, replied, type TestNetwork } from './support/network';

let wasm: Uint8Array;
let network: TestNetwork;
let canister: Uint8Array;
beforeAll(async () => {
    wasm = await buildAzleCanister();
});
beforeEach(() => {
    network = newNetwork();
    canister = network.create();
    replied(network.install(canister, wasm, { argument: IDL.encode([IDL.Nat], [40n]) }));
    network.ic.runUntilIdle();
});

const nothing = IDL.encode([], []);
const read = <T>(type: IDL.Type<T>, bytes: Uint8Array): unknown => IDL.decode([type], bytes)[0];
const ask = (method: string, type: IDL.Type): unknown => read(type, replied(network.ask(canister, nothing, method)));
const update = (method: string, type: IDL.Type): unknown =>
    read(type, replied(network.send({ to: canister, method, argument: nothing })));
const note = (method: string, text: string): ReturnType<TestNetwork['send']> =>
    network.send({ to: canister, method, argument: IDL.encode([IDL.Text], [text]) });

test('azle: init takes its argument, updates change, queries read', () => {
    expect(ask('read', IDL.Nat)).toBe(40n);
    expect(update('increment', IDL.Nat)).toBe(41n);
    expect(ask('read', IDL.Nat)).toBe(41n);
});

test('azle: timers fire when their time comes', () => {
    expect(ask('read_ticks', IDL.Nat)).toBe(0n);
    network.ic.setTime(network.ic.currentTimeNs() + 6_000_000_000n);
    network.ic.runUntilIdle();
    expect(ask('read_ticks', IDL.Nat)).toBe(1n);
});

test('azle: calls the management canister and itself', () => {
    expect(update('random', IDL.Vec(IDL.Nat8))).toHaveLength(32);
    expect(update('increment_by_self_call', IDL.Nat)).toBe(41n);
});

test('azle: an exception rolls heap and stable memory back', () => {
    replied(note('note', 'kept'));
    expect(codeOf(note('note_and_trap', 'lost'))).toBe('IC0503');
    expect(ask('read_note', IDL.Text)).toBe('kept');
    expect(ask('read', IDL.Nat)).toBe(40n);
    expect(update('increment', IDL.Nat)).toBe(41n);
});

test('azle: an upgrade keeps stable memory, and a failed one changes nothing', () => {
    replied(note('note', 'kept'));
    const upgrade = (start: bigint): string =>
        codeOf(network.install(canister, wasm, { mode: 'upgrade', argument: IDL.encode([IDL.Nat], [start]) }));
    update('increment', IDL.Nat);
    expect(upgrade(13n)).toBe('IC0503');
    expect(ask('read', IDL.Nat)).toBe(41n);
    expect(upgrade(7n)).toBe('replied');
    network.ic.runUntilIdle();
    expect([ask('read', IDL.Nat), ask('read_note', IDL.Text)]).toEqual([7n, 'kept']);
    expect(update('increment', IDL.Nat)).toBe(8n);
});
