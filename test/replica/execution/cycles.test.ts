/** Cycles, prices, time, identity, certified data. */
import { IDL } from '@dfinity/candid';
import { Prices } from '../../../src/replica/cycles/prices';
import type { ExecutionInput, ExecutionOutput, Sandbox } from '../../../src/replica/execution';
import { openWat, replyNumbers, replyOf, run } from './support/canister';

const IMPORTS = `
    (import "ic0" "msg_cycles_available" (func $available (result i64)))
    (import "ic0" "msg_cycles_available128" (func $available128 (param i32)))
    (import "ic0" "msg_cycles_refunded128" (func $refunded128 (param i32)))
    (import "ic0" "msg_cycles_accept" (func $accept (param i64) (result i64)))
    (import "ic0" "msg_cycles_accept128" (func $accept128 (param i64 i64 i32)))
    (import "ic0" "cycles_burn128" (func $burn128 (param i64 i64 i32)))
    (import "ic0" "canister_cycle_balance" (func $balance (result i64)))
    (import "ic0" "canister_cycle_balance128" (func $balance128 (param i32)))
    (import "ic0" "canister_liquid_cycle_balance128" (func $liquid128 (param i32)))
    (import "ic0" "canister_status" (func $status (result i32)))
    (import "ic0" "canister_version" (func $version (result i64)))
    (import "ic0" "subnet_self_size" (func $subnet_size (result i32)))
    (import "ic0" "subnet_self_copy" (func $subnet_copy (param i32 i32 i32)))
    (import "ic0" "root_key_size" (func $key_size (result i32)))
    (import "ic0" "root_key_copy" (func $key_copy (param i32 i32 i32)))
    (import "ic0" "is_controller" (func $is_controller (param i32 i32) (result i32)))
    (import "ic0" "in_replicated_execution" (func $replicated (result i32)))
    (import "ic0" "time" (func $time (result i64)))
    (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
    (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
    (import "ic0" "cost_call" (func $cost_call (param i64 i64 i32)))
    (import "ic0" "cost_create_canister" (func $cost_create (param i32)))
    (import "ic0" "cost_http_request" (func $cost_http (param i64 i64 i32)))
    (import "ic0" "cost_sign_with_ecdsa" (func $cost_ecdsa (param i32 i32 i32 i32) (result i32)))
    (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
    (import "ic0" "data_certificate_present" (func $present (result i32)))
    (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
    (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))`;

/** Runs a body that leaves its results at address 0; `bytes` of them are the reply. */
async function method(body: string, bytes: number, input: Partial<ExecutionInput> = {}): Promise<ExecutionOutput> {
    const sandbox = await openWat(`(module ${IMPORTS} (memory 1) (data (i32.const 100) "key_1\\01\\02\\03")
        (func (export "canister_update m") ${body} (call $append (i32.const 0) (i32.const ${bytes})) (call $reply)))`);
    return run(sandbox, 'canister_update m', input);
}

const LARGE = 2n ** 70n + 5n;
const [LARGE_LOW, LARGE_HIGH] = [5n, 2n ** 6n];

test('128-bit values are written with the low half first', async () => {
    const output = await method('(call $balance128 (i32.const 0))', 16, { balance: LARGE });
    expect(replyNumbers(output)).toEqual([LARGE_LOW, LARGE_HIGH]);
});

test('64-bit functions trap for larger values', async () => {
    const { trap } = await method('(drop (call $balance))', 0, { balance: 2n ** 64n });
    expect(trap?.code).toBe('CanisterTrapped');
    expect(trap?.message).toContain('cycles amount exceeds 64-bit representation');
    expect(
        replyNumbers(await method('(i64.store (i32.const 0) (call $balance))', 8, { balance: 2n ** 64n - 1n }))
    ).toEqual([2n ** 64n - 1n]);
});

test('a 128-bit result must fit the heap', async () => {
    expect((await method('(call $balance128 (i32.const 65521))', 0)).trap?.code).toBe('CanisterContractViolation');
    expect((await method('(call $balance128 (i32.const 65520))', 0)).trap).toBeUndefined();
});

test('accepting takes what is available, lowers it and raises the balance', async () => {
    const body = `(call $accept128 (i64.const 0) (i64.const 70) (i32.const 0))
        (i64.store (i32.const 16) (call $accept (i64.const 1000)))
        (call $available128 (i32.const 24)) (i64.store (i32.const 40) (call $balance))`;
    const output = await method(body, 48, { cyclesAvailable: 100n, balance: 5n });
    expect(replyNumbers(output)).toEqual([70n, 0n, 30n, 0n, 0n, 105n]);
    expect(output.cyclesAccepted).toBe(100n);
});

test('burning takes at most the liquid balance', async () => {
    const body =
        '(call $burn128 (i64.const 1) (i64.const 0) (i32.const 0)) (call $liquid128 (i32.const 16)) (call $balance128 (i32.const 32))';
    const output = await method(body, 48, { balance: 1_000n, freezingLimit: 400n });
    expect(replyNumbers(output)).toEqual([600n, 0n, 0n, 0n, 400n, 0n]);
    expect(output.cyclesBurned).toBe(600n);
});

test('the refund is visible in callbacks', async () => {
    const output = await method('(call $refunded128 (i32.const 0))', 16, { context: 'Ry', cyclesRefunded: LARGE });
    expect(replyNumbers(output)).toEqual([LARGE_LOW, LARGE_HIGH]);
});

test('a trap gives back what was accepted and burned', async () => {
    const body =
        '(drop (call $accept (i64.const 9))) (call $burn128 (i64.const 0) (i64.const 3) (i32.const 0)) unreachable';
    const output = await method(body, 0, { cyclesAvailable: 10n });
    expect([output.cyclesAccepted, output.cyclesBurned]).toEqual([0n, 0n]);
});

test('time, version, status, subnet, root key', async () => {
    const body = `(i64.store (i32.const 0) (call $time)) (i64.store (i32.const 8) (call $version))
        (i64.store (i32.const 16) (i64.extend_i32_u (call $status)))
        (i64.store (i32.const 24) (i64.extend_i32_u (call $replicated)))`;
    const input = { timeNs: 77n, canisterVersion: 2n ** 63n, status: 2, replicated: false } as const;
    expect(replyNumbers(await method(body, 32, input))).toEqual([77n, 2n ** 63n, 2n, 0n]);
    const copies =
        '(call $subnet_copy (i32.const 0) (i32.const 0) (call $subnet_size)) (call $key_copy (i32.const 3) (i32.const 0) (call $key_size))';
    expect(replyOf(await method(copies, 6))).toEqual(Uint8Array.of(9, 9, 9, 48, 129, 130));
});

test('controllers are recognised', async () => {
    const ask = (address: number, size: number): string =>
        `(i64.store (i32.const 0) (i64.extend_i32_u (call $is_controller (i32.const ${address}) (i32.const ${size}))))`;
    expect(replyNumbers(await method(ask(105, 3), 8))).toEqual([1n]);
    expect(replyNumbers(await method(ask(105, 2), 8))).toEqual([0n]);
    expect((await method(ask(105, 30), 8)).trap?.message).toMatch(/^Canister provided invalid principal id/);
});

test('setting the timer returns the setting before', async () => {
    const body =
        '(i64.store (i32.const 0) (call $timer (i64.const 50))) (i64.store (i32.const 8) (call $timer (i64.const 60)))';
    const output = await method(body, 16, { globalTimerNs: 7n });
    expect(replyNumbers(output)).toEqual([7n, 50n]);
    expect(output.globalTimerNs).toBe(60n);
});

test('there are two performance counters', async () => {
    expect((await method('(drop (call $counter (i32.const 2)))', 0)).trap?.code).toBe('CanisterContractViolation');
});

test('prices come from the price table', async () => {
    const body = `(call $cost_call (i64.const 10) (i64.const 20) (i32.const 0)) (call $cost_create (i32.const 16))
        (call $cost_http (i64.const 3) (i64.const 4) (i32.const 32))`;
    expect(replyNumbers(await method(body, 48))).toEqual([1_030n, 0n, 500n, 0n, 34n, 0n]);
});

test('signature prices: 0 with a price, 1 for an unknown curve, 2 for an unknown key', async () => {
    const ask = (size: number, curve: number): string =>
        `(i64.store (i32.const 0) (i64.extend_i32_u (call $cost_ecdsa (i32.const 100) (i32.const ${size}) (i32.const ${curve}) (i32.const 8))))`;
    expect(replyNumbers(await method(ask(5, 0), 24))).toEqual([0n, 26_153_846_153n, 0n]);
    expect(replyNumbers(await method(ask(5, 1), 24))).toEqual([1n, 0n, 0n]);
    expect(replyNumbers(await method(ask(4, 0), 24))).toEqual([2n, 0n, 0n]);
});

test('certified data has at most 32 bytes', async () => {
    const set = (size: number): string => `(call $certify (i32.const 100) (i32.const ${size}))`;
    expect((await method(set(8), 0)).certifiedData).toEqual(Uint8Array.of(...Buffer.from('key_1'), 1, 2, 3));
    expect((await method(set(32), 0)).certifiedData?.length).toBe(32);
    expect((await method(set(33), 0)).trap?.code).toBe('CanisterContractViolation');
    expect((await method(`${set(8)} unreachable`, 0)).certifiedData).toBeUndefined();
});

test('queries see the certificate, updates do not', async () => {
    const dataCertificate = Uint8Array.of(1, 2, 3, 4);
    const copy = '(call $certificate_copy (i32.const 0) (i32.const 1) (i32.const 3))';
    expect(replyOf(await method(copy, 3, { context: 'NRQ', dataCertificate }))).toEqual(Uint8Array.of(2, 3, 4));
    expect((await method(copy, 3, { context: 'NRQ' })).trap?.code).toBe('CanisterContractViolation');
    const ask = '(i64.store (i32.const 0) (i64.extend_i32_u (call $present)))';
    expect(replyNumbers(await method(ask, 8, { context: 'NRQ', dataCertificate }))).toEqual([1n]);
    expect(replyNumbers(await method(ask, 8, { context: 'U', dataCertificate }))).toEqual([0n]);
    const tooFar = '(call $certificate_copy (i32.const 0) (i32.const 2) (i32.const 3))';
    expect((await method(tooFar, 3, { context: 'NRQ', dataCertificate })).trap?.code).toBe('CanisterContractViolation');
});

test('the price of an outcall by usage takes Candid', async () => {
    const names = ['request_bytes', 'http_roundtrip_time_ms', 'raw_response_bytes', 'transformed_response_bytes'];
    const fields = [...names, 'transform_instructions'];
    const type = IDL.Record(Object.fromEntries(fields.map((name) => [name, IDL.Nat64])));
    const usage = Object.fromEntries(fields.map((name, i) => [name, 10n ** BigInt(i)]));
    const candid = Buffer.from(IDL.encode([type], [usage]));
    const data = [...candid].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    const ask = (size: number): Promise<Sandbox> =>
        openWat(`(module (import "ic0" "cost_http_request_v2" (func $cost (param i32 i32 i32)))
            (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
            (memory 1) (data (i32.const 100) "${data}")
            (func (export "canister_update m") (call $cost (i32.const 100) (i32.const ${size}) (i32.const 0))
                (call $append (i32.const 0) (i32.const 16)) (call $reply)))`);
    const prices = new Prices({ nodes: 13, free: false, callbackInstructions: 0n });
    const asked = (sandbox: Sandbox): ReturnType<typeof run> => run(sandbox, 'canister_update m', { costs: prices });
    // 13 · (1 000 000 + 50 + 140 000 · 13 + 800 · 169 + 50 · 100 + 300 · 10 + 10 000 / 13 + (10 · 13 + 600) · 1000)
    const expected = 13n * (1_000_000n + 50n + 1_820_000n + 135_200n + 5_000n + 3_000n + 769n + 730_000n);
    expect(replyNumbers(asked(await ask(candid.length)))).toEqual([expected, 0n]);
    expect(asked(await ask(candid.length - 1)).trap?.code).toBe('CanisterContractViolation');
});
