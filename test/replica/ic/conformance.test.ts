/** Corners that the acceptance tests of the interface specification look into. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { canisterIdOfIndex } from '../../../src/replica/state/principals';
import { selfAuthenticating } from '../../../src/replica/wire/der';
import * as s from './support/script';
import { scriptedWat } from './support/scripted_wat';
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
    // No id of a canister, though it lies between the first and the last one.
    expect(codeOf(network.createAt(Uint8Array.of(0xde, 0xad, 0xbe, 0xef)))).toBe('IC0405');
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

/** A root subnet with the ids below 1000, and another one with those from 2000 to 3000. */
function twoSubnets(): { readonly here: Uint8Array; readonly there: Uint8Array } {
    const rootKeyDer = new Uint8Array(133).fill(3);
    const [here, there] = [selfAuthenticating(rootKeyDer), Uint8Array.of(5, 2)];
    const range = (start: bigint, end: bigint) => [{ start: canisterIdOfIndex(start), end: canisterIdOfIndex(end) }];
    const others = [{ subnetId: there, canisterRanges: range(2000n, 3000n), firstCanisterIndex: 2000n }];
    const canisterRanges = range(0n, 1000n);
    network = newNetwork({ rootKeyDer, subnetId: here, canisterRanges, firstCanisterIndex: 1n, otherSubnets: others });
    return { here, there };
}

/** What a canister is told that calls a method of a subnet's management canister. */
function subnetCall(from: Uint8Array, to: Uint8Array, method: string, argument: Uint8Array): Uint8Array {
    const onReply = s.seq(s.appendArgument, s.reply());
    const onReject = s.seq(s.appendRejectMessage, s.reply());
    const script = s.call({ to, method, cycles: 2n * 10n ** 12n, argument, onReply, onReject });
    return replied(network.run(from, script));
}

test('subnets: a canister of the root subnet calls the management canister of any subnet by its id', () => {
    const { here, there } = twoSubnets();
    const root = network.deploy(wasm);
    const [{ canister_id: made }] = IDL.decode(
        [IDL.Record({ canister_id: IDL.Principal })],
        subnetCall(root, there, 'create_canister', network.emptyRecord())
    ) as unknown as [{ canister_id: Principal }];
    expect(made.toUint8Array()).toEqual(canisterIdOfIndex(2000n));
    expect(network.ic.controllers(made.toUint8Array())).toEqual([root]);
    const start = network.canisterArgument(made.toUint8Array());
    expect(IDL.decode([], subnetCall(root, there, 'start_canister', start))).toEqual([]);
    // It is not on that one.
    expect(Buffer.from(subnetCall(root, here, 'start_canister', start)).toString()).toMatch(/^Canister .* not found/);
});

test('subnets: a canister of another subnet finds no canister at the id of a subnet', () => {
    const { here, there } = twoSubnets();
    replied(network.createAt(canisterIdOfIndex(2500n)));
    replied(network.install(canisterIdOfIndex(2500n), wasm));
    for (const id of [here, there]) {
        const told = subnetCall(canisterIdOfIndex(2500n), id, 'create_canister', network.emptyRecord());
        expect(Buffer.from(told).toString()).toMatch(/^No route to canister|^Canister .* not found/);
    }
});

test('cycles: a module at the id of the minting canister mints them, another one does not', async () => {
    const minting = await assemble(`(module
        (import "ic0" "mint_cycles128" (func $mint (param i64 i64 i32)))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (import "ic0" "msg_reply" (func $reply))
        (memory 1)
        (func (export "canister_update run")
          (call $mint (i64.const 0) (i64.const 1000000000000000) (i32.const 0))
          (call $append (i32.const 0) (i32.const 8))
          (call $reply)))`);
    const mintingId = canisterIdOfIndex(4n);
    replied(network.createAt(mintingId));
    replied(network.install(mintingId, minting));
    const cyclesNow = (): bigint => network.status(mintingId).cycles;
    const [before, flows] = [cyclesNow(), network.ic.cyclesInExistence()];
    expect(Buffer.from(replied(network.run(mintingId, managementId))).readBigUInt64LE()).toBe(10n ** 15n);
    expect(cyclesNow()).toBeGreaterThan(before + 10n ** 15n - 10n ** 12n);
    expect(network.ic.cyclesInExistence().minted - flows.minted).toBe(10n ** 15n);
    expect(codeOf(network.run(network.deploy(minting), managementId))).toBe('IC0504');
});

const headerType = IDL.Record({ name: IDL.Text, value: IDL.Text });
const responseType = IDL.Record({ status: IDL.Nat, headers: IDL.Vec(headerType), body: IDL.Vec(IDL.Nat8) });
const transformType = IDL.Record({ response: responseType, context: IDL.Vec(IDL.Nat8) });
const outcallType = IDL.Record({
    url: IDL.Text,
    max_response_bytes: IDL.Opt(IDL.Nat64),
    method: IDL.Variant({ get: IDL.Null, post: IDL.Null, delete: IDL.Null }),
    headers: IDL.Vec(headerType),
    body: IDL.Opt(IDL.Vec(IDL.Nat8)),
    transform: IDL.Opt(
        IDL.Record({
            function: IDL.Func([transformType], [responseType], ['query']),
            context: IDL.Vec(IDL.Nat8)
        })
    ),
    is_replicated: IDL.Opt(IDL.Bool)
});
const plain = { url: 'https://example.org', max_response_bytes: [], method: { get: null }, headers: [], body: [] };
const attached = 10n ** 12n;

/** Makes an outcall and, if it gets so far, answers it: what the canister is told, and the cycles that it gets back. */
function outcall(
    given: Readonly<Record<string, unknown>>,
    answer: { readonly headers?: readonly [string, string][]; readonly body?: Uint8Array } = {},
    cycles = attached
): { readonly text: string; readonly refund: bigint } {
    const told = s.seq(s.appendRefund, s.appendRejectMessage, s.reply());
    const script = s.call({
        to: managementId,
        method: 'http_request',
        cycles,
        argument: IDL.encode([outcallType], [{ ...plain, transform: [], is_replicated: [], ...given }]),
        onReply: s.seq(s.appendRefund, s.reply('answered')),
        onReject: told
    });
    const [, requestId] = network.submit({ to: canister, method: 'run', argument: script });
    network.ic.runUntilIdle();
    for (const { id } of network.ic.pendingHttpOutcalls()) {
        network.ic.answerHttpOutcall(id, {
            kind: 'reply',
            status: 200,
            headers: [],
            body: new Uint8Array(),
            ...answer
        });
    }
    network.ic.runUntilIdle();
    const bytes = Buffer.from(replied(network.ic.ingressStatus(requestId)));
    return { text: bytes.subarray(16).toString(), refund: bytes.readBigUInt64LE(0) };
}

const header = (name: number, value: number): unknown => ({ name: 'n'.repeat(name), value: 'v'.repeat(value) });
const many = (count: number, name: number, value: number): unknown[] =>
    Array.from({ length: count }, () => header(name, value));

test.each([
    [{ headers: many(65, 1, 1) }, 'number of all http headers 65 exceeds 64'],
    [{ headers: [header(8193, 0)] }, 'number of bytes to represent some http header name 8193 exceeds 8192'],
    [{ headers: [header(1, 8193)] }, 'number of bytes to represent some http header value 8193 exceeds 8192'],
    [
        { headers: [header(1, 0), ...many(3, 8192, 8192)] },
        'total number of bytes to represent all http header names and values 49153 exceeds 49152'
    ],
    [
        { headers: [header(1, 1)], body: [new Uint8Array(1_999_999)] },
        'total number of bytes to represent all http header names and values and http body 2000001 exceeds 2000000'
    ],
    [{ url: `https://${'x'.repeat(8185)}` }, 'url size 8193 exceeds 8192'],
    [{ max_response_bytes: [2_000_001n] }, 'max_response_bytes expected to be in the range [0..2000000], got 2000001'],
    [
        { transform: [{ function: [Principal.fromUint8Array(alice), 'ask'], context: [] }] },
        `transform principal id expected to be lxzze-o7777-77777-aaaaa-cai, got ${Principal.fromUint8Array(alice).toText()}`
    ],
    [{ method: { delete: null } }, 'The requested HTTP method is only allowed for non-replicated requests.']
])('http outcalls: a request out of bounds is refused and costs nothing', (given, message) => {
    expect(outcall(given)).toEqual({ text: message, refund: attached });
});

test('http outcalls: what is missing of the fee is written as the replica writes cycles', () => {
    const { text } = outcall({ max_response_bytes: [1000n] }, {}, 1_234_567n);
    expect(text).toMatch(
        /^http_request request sent with 1_234_567 cycles, but \d{1,3}(_\d{3})+ cycles are required\.$/
    );
});

test('http outcalls: requests at their bounds are made, a DELETE by one node only', () => {
    const heads = { headers: many(3, 8192, 8192), body: [new Uint8Array(2_000_000 - 49_152)] };
    expect(outcall(heads).text).toBe('answered');
    expect(outcall({ headers: many(64, 1, 1) }).text).toBe('answered');
    expect(outcall({ method: { delete: null }, is_replicated: [false] }).text).toBe('answered');
});

test('http outcalls: answers out of bounds are rejected', () => {
    const headers = (count: number, name: number, value: number): readonly [string, string][] =>
        Array.from({ length: count }, () => ['n'.repeat(name), 'v'.repeat(value)] as [string, string]);
    expect(outcall({}, { headers: headers(64, 1, 1) }).text).toBe('answered');
    expect(outcall({}, { headers: headers(65, 1, 1) }).text).toBe('number of all http headers 65 exceeds 64');
    expect(outcall({}, { headers: headers(1, 1, 8193) }).text).toContain('http header value 8193 exceeds 8192');
    expect(outcall({ max_response_bytes: [5n] }, { body: new Uint8Array(6) }).text).toBe(
        'Http body exceeds size limit of 5 bytes.'
    );
});

test('http outcalls: what a transform makes of an answer is bounded, too', async () => {
    const transform = `(func (export "canister_query transform")
        (call $append (i32.const 0) (i32.const 100)) (call $reply))`;
    canister = network.deploy(await assemble(scriptedWat.replace('EXTRA_EXPORTS', transform)));
    const given = { transform: [{ function: [Principal.fromUint8Array(canister), 'transform'], context: [] }] };
    expect(outcall({ ...given, max_response_bytes: [100n] }).text).toBe('answered');
    expect(outcall({ ...given, max_response_bytes: [99n] }).text).toBe('Transformed http response exceeds limit: 99');
});
