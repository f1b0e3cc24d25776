/** Corners that the acceptance tests of the interface specification look into. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { canisterIdOfIndex } from '../../../src/replica/state/principals';
import * as s from './support/script';
import { alice, assemble, codeOf, managementId, newNetwork, replied, repliedText, scripted } from './support/network';

let wasm: Uint8Array;
let network: ReturnType<typeof newNetwork>;
let canister: Uint8Array;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
    canister = network.deploy(wasm);
});

const settings = IDL.Record({
    controllers: IDL.Opt(IDL.Vec(IDL.Principal)),
    compute_allocation: IDL.Opt(IDL.Nat)
});
const createType = IDL.Record({ settings: IDL.Opt(settings), sender_canister_version: IDL.Opt(IDL.Nat64) });
const manyTimes = Array.from({ length: 11 }, () => Principal.fromUint8Array(alice));

/** What a canister is told when it creates another: the reject code's byte and the message, or `created`. */
function creation(cycles: bigint, given: Readonly<Record<string, unknown>>): string {
    const { version = [], ...change } = { controllers: [], compute_allocation: [], ...given };
    const argument = IDL.encode([createType], [{ settings: [change], sender_canister_version: version }]);
    const script = s.call({
        to: managementId,
        method: 'create_canister',
        cycles,
        argument,
        onReply: s.reply('created'),
        onReject: s.seq(s.appendRejectMessage, s.reply())
    });
    return repliedText(network.run(canister, script));
}

test('create: settings are looked at before the fee', () => {
    expect(creation(0n, { compute_allocation: [101n] })).toContain('compute allocation');
    expect(creation(0n, {})).toContain('requires a fee');
});

test('create: controllers are counted as they are given', () => {
    expect(creation(10n ** 12n, { controllers: [manyTimes] })).toContain('must be at most 10, got 11');
    expect(codeOf(network.update(canister, { controllers: [manyTimes] }))).toBe('IC0504');
});

test('settings: controllers are a set in the order of principals, shorter ones first', () => {
    const ids = [Uint8Array.of(9, 9, 2), Uint8Array.of(8), Uint8Array.of(7, 1, 2), Uint8Array.of(8), alice];
    replied(network.update(canister, { controllers: [ids.map((id) => Principal.fromUint8Array(id))] }));
    const expected = [Uint8Array.of(8), Uint8Array.of(7, 1, 2), Uint8Array.of(9, 9, 2), alice];
    expect(network.ic.controllers(canister)).toEqual(expected);
    const listed = network.status(canister).settings.controllers.map((id) => id.toUint8Array());
    expect(listed).toEqual(expected);
});

test('management: a canister that states its version must not be wrong, what a user states is ignored', () => {
    const version = network.status(canister).version;
    expect(creation(10n ** 12n, { version: [666n] })).toContain(
        `includes sender canister version 666 that does not match the actual sender canister version ${version}.`
    );
    // The call before has changed the version twice: by the message and by its callback.
    expect(creation(10n ** 12n, { version: [version + 2n] })).toBe('created');
    const type = IDL.Record({ sender_canister_version: IDL.Opt(IDL.Nat64) });
    const effective = network.ic.defaultEffectiveCanisterId();
    const method = 'provisional_create_canister_with_cycles';
    replied(network.manage(method, type, { sender_canister_version: [666n] }, effective));
});

test('create: ids that the network gives out itself cannot be chosen', () => {
    const allocation = { start: canisterIdOfIndex(100n), end: canisterIdOfIndex(200n) };
    network = newNetwork({ allocation });
    expect(codeOf(network.createAt(canisterIdOfIndex(150n)))).toBe('IC0408');
    replied(network.createAt(canisterIdOfIndex(201n)));
});

test('timer: the new code of an upgrade finds none set, the old code still does', async () => {
    const timed = await assemble(`(module
        (import "ic0" "global_timer_set" (func $set (param i64) (result i64)))
        (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
        (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
        (memory 1)
        (func $remember (param $at i32) (param $timer i64)
          (i64.store (local.get $at) (call $set (local.get $timer)))
          (call $write (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $at)) (i64.const 8)))
        (func (export "canister_init")
          (drop (call $grow (i64.const 1)))
          (drop (call $set (i64.const 4000000000000000000))))
        (func (export "canister_pre_upgrade") (call $remember (i32.const 0) (i64.const 4100000000000000000)))
        (func (export "canister_post_upgrade") (call $remember (i32.const 8) (i64.const 4200000000000000000))))`);
    const id = network.deploy(timed);
    replied(network.install(id, timed, { mode: 'upgrade' }));
    const seen = new BigUint64Array(new Uint8Array(network.ic.stableMemory(id) ?? []).slice(0, 16).buffer);
    expect([...seen]).toEqual([4_000_000_000_000_000_000n, 0n]);
});
