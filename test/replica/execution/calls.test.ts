/** Outgoing calls. */
import type { ExecutionInput, ExecutionOutput } from '../../../src/replica/execution';
import { openWat, replyNumbers, run } from './support/canister';

const IMPORTS = `
    (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "ic0" "call_on_cleanup" (func $on_cleanup (param i32 i32)))
    (import "ic0" "call_data_append" (func $data (param i32 i32)))
    (import "ic0" "call_cycles_add" (func $cycles (param i64)))
    (import "ic0" "call_cycles_add128" (func $cycles128 (param i64 i64)))
    (import "ic0" "call_with_best_effort_response" (func $best_effort (param i32)))
    (import "ic0" "call_perform" (func $perform (result i32)))
    (import "ic0" "canister_cycle_balance" (func $balance (result i64)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))`;

/** The callee is the two bytes at 0, the method "ping" at 2. */
const NEW =
    '(call $new (i32.const 0) (i32.const 2) (i32.const 2) (i32.const 4) (i32.const 1) (i32.const 11) (i32.const 2) (i32.const -1))';
const REPORT = (value: string): string =>
    `(i64.store (i32.const 1000) ${value}) (call $append (i32.const 1000) (i32.const 8))`;
const PERFORM = REPORT('(i64.extend_i32_u (call $perform))');
const BALANCE = REPORT('(call $balance)');
const CALLEE = Uint8Array.of(7, 8);

async function method(body: string, input: Partial<ExecutionInput> = {}): Promise<ExecutionOutput> {
    const sandbox = await openWat(`(module ${IMPORTS} (memory 200) (data (i32.const 0) "\\07\\08ping" "payload")
        (func (export "canister_update m") ${body} (call $reply)))`);
    return run(sandbox, 'canister_update m', { instructionLimit: 10n ** 11n, ...input });
}

test('a call carries callee, method, argument, cycles and closures', async () => {
    const body = `${NEW} (call $data (i32.const 6) (i32.const 3)) (call $data (i32.const 9) (i32.const 4))
        (call $cycles (i64.const 5)) (call $cycles128 (i64.const 0) (i64.const 6)) (call $on_cleanup (i32.const 3) (i32.const 13)) ${PERFORM} ${BALANCE}`;
    const output = await method(body, { balance: 10_000n });
    // 1000 + 4 bytes of name + 7 of argument by the test's price table
    const fee = 1_011n;
    expect(output.calls).toEqual([
        {
            callee: CALLEE,
            method: 'ping',
            argument: new TextEncoder().encode('payload'),
            cycles: 11n,
            fee,
            onReply: { table: 1, env: 11n },
            onReject: { table: 2, env: 0xffff_ffffn },
            onCleanup: { table: 3, env: 13n }
        }
    ]);
    expect(replyNumbers(output)).toEqual([0n, 10_000n - 11n - fee]);
});

test('a call that is not performed is not sent, and its cycles come back', async () => {
    const output = await method(`${NEW} (call $cycles (i64.const 500)) ${NEW} ${BALANCE}`);
    expect(output.calls).toEqual([]);
    expect(replyNumbers(output)).toEqual([1_000_000n]);
});

test('several calls leave in the order of their performance', async () => {
    const output = await method(
        `${NEW} (call $data (i32.const 6) (i32.const 1)) ${PERFORM} ${NEW} (call $data (i32.const 7) (i32.const 1)) ${PERFORM}`
    );
    expect(output.calls.map((call) => new TextDecoder().decode(call.argument))).toEqual(['p', 'a']);
});

test('a trap sends nothing', async () => {
    expect((await method(`${NEW} ${PERFORM} unreachable`)).calls).toEqual([]);
});

test.each([
    '(drop (call $perform))',
    '(call $data (i32.const 0) (i32.const 1))',
    '(call $cycles (i64.const 1))',
    '(call $on_cleanup (i32.const 1) (i32.const 1))',
    '(call $best_effort (i32.const 1))'
])('without call_new: %s', async (body) => {
    expect((await method(body)).trap?.code).toBe('CanisterContractViolation');
    // Neither after the call left.
    expect((await method(`${NEW} ${PERFORM} ${body}`)).trap?.code).toBe('CanisterContractViolation');
});

test('one cleanup closure, one timeout', async () => {
    const cleanup = '(call $on_cleanup (i32.const 1) (i32.const 1))';
    expect((await method(`${NEW} ${cleanup} ${cleanup}`)).trap?.message).toContain('at most once');
    const timeout = '(call $best_effort (i32.const 9))';
    expect((await method(`${NEW} ${timeout} ${timeout}`)).trap?.message).toContain('timeout is already set');
});

test('best-effort timeouts are at most 300 s', async () => {
    const output = await method(
        `${NEW} (call $best_effort (i32.const 10)) ${PERFORM} ${NEW} (call $best_effort (i32.const 1000)) ${PERFORM} ${NEW} ${PERFORM}`
    );
    expect(output.calls.map((call) => call.timeoutSeconds)).toEqual([10, 300, undefined]);
});

test('too few cycles for the fee: result 2, attached cycles come back', async () => {
    const body = `${NEW} (call $cycles (i64.const 50)) ${PERFORM} ${BALANCE}`;
    const output = await method(body, { balance: 1_100n, freezingLimit: 47n });
    expect(replyNumbers(output)).toEqual([2n, 1_100n]);
    expect(output.calls).toEqual([]);
    expect(replyNumbers(await method(body, { balance: 1_100n, freezingLimit: 46n }))).toEqual([0n, 46n]);
});

test('cycles below the freezing limit cannot be attached', async () => {
    const input = { balance: 1_000n, freezingLimit: 900n };
    expect((await method(`${NEW} (call $cycles (i64.const 101))`, input)).trap?.message).toMatch(/is out of cycles/);
    expect((await method(`${NEW} (call $cycles (i64.const 100))`, input)).trap).toBeUndefined();
});

test('a full queue: result 2', async () => {
    const output = await method(`${NEW} ${PERFORM} ${NEW} ${PERFORM} ${BALANCE}`, { queueRoom: () => 1 });
    expect(replyNumbers(output)).toEqual([0n, 2n, 1_000_000n - 1_004n]);
    expect(output.calls.length).toBe(1);
});

test('composite queries call without fees', async () => {
    const output = await method(`${NEW} ${PERFORM}`, { context: 'CQ', balance: 0n, replicated: false });
    expect(replyNumbers(output)).toEqual([0n]);
    expect(output.calls[0]?.fee).toBe(0n);
});

test('limits on principal, method name and argument', async () => {
    const call = (calleeBytes: number, nameBytes: number): string =>
        `(call $new (i32.const 0) (i32.const ${calleeBytes}) (i32.const 2) (i32.const ${nameBytes}) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1))`;
    expect((await method(call(30, 4))).trap?.message).toMatch(/invalid principal id/);
    expect((await method(call(29, 20_000))).trap).toBeUndefined();
    expect((await method(call(29, 20_001))).trap?.message).toMatch(/Size of method_name 20001 exceeds/);
    const append = (bytes: number): string => `${NEW} (call $data (i32.const 0) (i32.const ${bytes}))`;
    expect((await method(append(10 * 1024 * 1024 - 4))).trap).toBeUndefined();
    expect((await method(append(10 * 1024 * 1024 - 3))).trap?.message).toMatch(/payload size of 10485761/);
    const elsewhere = { subnetRanges: [] };
    expect((await method(append(2 * 1024 * 1024 - 4), elsewhere)).trap).toBeUndefined();
    expect((await method(append(2 * 1024 * 1024 - 3), elsewhere)).trap?.message).toMatch(/allowed limit of 2097152/);
});
