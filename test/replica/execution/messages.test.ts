/** Arguments, callers, replies, rejections, inspection, environment. */
import type { ExecutionInput, ExecutionOutput } from '../../../src/replica/execution';
import { openWat, replyOf, replyText, run } from './support/canister';

const IMPORTS = `
    (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
    (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
    (import "ic0" "msg_caller_size" (func $caller_size (result i32)))
    (import "ic0" "msg_caller_copy" (func $caller_copy (param i32 i32 i32)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "msg_reject" (func $reject (param i32 i32)))
    (import "ic0" "msg_reject_code" (func $reject_code (result i32)))
    (import "ic0" "msg_reject_msg_size" (func $reject_size (result i32)))
    (import "ic0" "msg_reject_msg_copy" (func $reject_copy (param i32 i32 i32)))
    (import "ic0" "msg_method_name_size" (func $method_size (result i32)))
    (import "ic0" "msg_method_name_copy" (func $method_copy (param i32 i32 i32)))
    (import "ic0" "accept_message" (func $accept))
    (import "ic0" "msg_deadline" (func $deadline (result i64)))
    (import "ic0" "trap" (func $trap (param i32 i32)))
    (import "ic0" "debug_print" (func $print (param i32 i32)))
    (import "ic0" "env_var_count" (func $env_count (result i32)))
    (import "ic0" "env_var_name_size" (func $env_name_size (param i32) (result i32)))
    (import "ic0" "env_var_name_copy" (func $env_name_copy (param i32 i32 i32 i32)))
    (import "ic0" "env_var_name_exists" (func $env_exists (param i32 i32) (result i32)))
    (import "ic0" "env_var_value_size" (func $env_value_size (param i32 i32) (result i32)))
    (import "ic0" "env_var_value_copy" (func $env_value_copy (param i32 i32 i32 i32 i32)))`;

/** Runs one body with a memory that starts with "hello". */
async function method(body: string, input: Partial<ExecutionInput> = {}): Promise<ExecutionOutput> {
    const sandbox =
        await openWat(`(module ${IMPORTS} (memory 100) (data (i32.const 0) "hello") (data (i32.const 64) "\\ff\\fe")
        (func (export "canister_update m") ${body}))`);
    return run(sandbox, 'canister_update m', input);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test('the argument comes back through a reply', async () => {
    const body =
        '(call $arg_copy (i32.const 9) (i32.const 0) (call $arg_size)) (call $append (i32.const 9) (call $arg_size)) (call $reply)';
    const output = await method(body, { argument: utf8('some argument') });
    expect(replyText(output)).toBe('some argument');
});

test('a part of the argument can be copied, nothing behind its end', async () => {
    const part = await method(
        '(call $arg_copy (i32.const 9) (i32.const 2) (i32.const 3)) (call $append (i32.const 9) (i32.const 3)) (call $reply)',
        {
            argument: utf8('abcdef')
        }
    );
    expect(replyText(part)).toBe('cde');
    for (const [offset, size] of [
        [0, 7],
        [6, 1],
        [7, 0],
        [-1, 1]
    ]) {
        const { trap } = await method(`(call $arg_copy (i32.const 9) (i32.const ${offset}) (i32.const ${size}))`, {
            argument: utf8('abcdef')
        });
        expect(trap?.code).toBe('CanisterContractViolation');
    }
});

test('copying to an address outside of the heap is a contract violation', async () => {
    const { trap } = await method('(call $arg_copy (i32.const -2) (i32.const 0) (i32.const 3))', {
        argument: utf8('abc')
    });
    expect(trap?.code).toBe('CanisterContractViolation');
    expect(trap?.message).toContain('exceeds the slice size=6553600');
});

test('a module without a memory cannot copy', async () => {
    const sandbox = await openWat(`(module (import "ic0" "msg_arg_data_copy" (func $f (param i32 i32 i32)))
        (func (export "canister_update m") (call $f (i32.const 0) (i32.const 0) (i32.const 0))))`);
    expect(run(sandbox, 'canister_update m').trap?.message).toContain('WebAssembly module must define memory');
});

test('the caller', async () => {
    const body =
        '(call $caller_copy (i32.const 9) (i32.const 0) (call $caller_size)) (call $append (i32.const 9) (call $caller_size)) (call $reply)';
    expect(replyOf(await method(body, { caller: Uint8Array.of(1, 2, 3) }))).toEqual(Uint8Array.of(1, 2, 3));
});

test('replies are appended', async () => {
    const body = '(call $append (i32.const 0) (i32.const 2)) (call $append (i32.const 3) (i32.const 2)) (call $reply)';
    expect(replyText(await method(body))).toBe('helo');
});

test('a method answers once', async () => {
    const twice = [
        '(call $reply)',
        '(call $reject (i32.const 0) (i32.const 1))',
        '(call $append (i32.const 0) (i32.const 1))'
    ];
    for (const again of twice) {
        expect((await method(`(call $reply) ${again}`)).trap?.code).toBe('CanisterContractViolation');
        expect((await method(again, { responded: true })).trap?.code).toBe('CanisterContractViolation');
    }
});

test('data that is appended without a reply answers nothing', async () => {
    const output = await method('(call $append (i32.const 0) (i32.const 5))');
    expect([output.trap, output.response]).toEqual([undefined, undefined]);
});

test('a rejection carries its text, which must be UTF-8', async () => {
    const good = await method('(call $reject (i32.const 0) (i32.const 5))');
    expect(good.response).toEqual({ kind: 'reject', message: 'hello' });
    expect((await method('(call $reject (i32.const 64) (i32.const 2))')).trap?.message).toContain('invalid UTF-8');
});

test.each([
    ['U', 2],
    ['RQ', 2],
    ['NRQ', 3],
    ['CQ', 3]
] as const)('in context %s a reply holds %d MiB', async (context, mib) => {
    const bytes = mib * 1024 * 1024;
    const input = { context, instructionLimit: 10n ** 10n };
    const fits = await method(`(call $append (i32.const 0) (i32.const ${bytes})) (call $reply)`, input);
    expect(replyOf(fits)?.length).toBe(bytes);
    const body = `(call $append (i32.const 0) (i32.const ${bytes})) (call $append (i32.const 0) (i32.const 1))`;
    expect((await method(body, input)).trap?.message).toContain('application payload size');
});

test('reject callbacks see code and text', async () => {
    const body = `(i32.store8 (i32.const 9) (i32.add (call $reject_code) (i32.const 48)))
        (call $reject_copy (i32.const 10) (i32.const 0) (call $reject_size))
        (call $append (i32.const 9) (i32.add (i32.const 1) (call $reject_size))) (call $reply)`;
    const output = await method(body, { context: 'Rt', rejectCode: 4, rejectMessage: 'no way' });
    expect(replyText(output)).toBe('4no way');
});

test('inspection sees the method name and accepts once', async () => {
    const body =
        '(call $method_copy (i32.const 0) (i32.const 0) (call $method_size)) (call $print (i32.const 0) (call $method_size)) (call $accept)';
    const accepted = await method(body, { context: 'F', methodName: 'transfer' });
    expect(accepted.accepted).toBe(true);
    expect(accepted.logs.map((log) => new TextDecoder().decode(log))).toEqual(['transfer']);
    expect((await method('', { context: 'F' })).accepted).toBe(false);
    expect((await method('(call $accept) (call $accept)', { context: 'F' })).trap?.code).toBe(
        'CanisterContractViolation'
    );
});

test('trap ends the execution with the text; prints before it stay', async () => {
    const output = await method(
        '(call $print (i32.const 0) (i32.const 2)) (call $reply) (call $trap (i32.const 0) (i32.const 5))'
    );
    expect(output.trap?.code).toBe('CanisterCalledTrap');
    expect(output.trap?.message).toMatch(/^Canister called `ic0.trap` with message: 'hello'/);
    expect(output.trap?.log).toBe('[TRAP]: hello');
    expect(output.response).toBeUndefined();
    expect(output.logs).toEqual([utf8('he')]);
});

test('printing from outside of the heap prints a notice', async () => {
    const output = await method('(call $print (i32.const -1) (i32.const 5))');
    expect(output.trap).toBeUndefined();
    expect(new TextDecoder().decode(output.logs[0])).toContain('out of memory bounds');
});

const ENVIRONMENT: Partial<ExecutionInput> = {
    environmentVariables: [
        ['zeta', 'last'],
        ['hello', 'world'],
        ['Übung', 'ü']
    ]
};

test('environment variables are numbered in the order of their names', async () => {
    const body = (
        index: number
    ): string => `(call $env_name_copy (i32.const ${index}) (i32.const 9) (i32.const 0) (call $env_name_size (i32.const ${index})))
        (call $append (i32.const 9) (call $env_name_size (i32.const ${index}))) (call $reply)`;
    const names = await Promise.all([0, 1, 2].map(async (index) => replyText(await method(body(index), ENVIRONMENT))));
    expect(names).toEqual(['hello', 'zeta', 'Übung']);
    expect((await method(body(3), ENVIRONMENT)).trap?.message).toContain('index 3 is out of bounds');
});

test('environment variables are found by name', async () => {
    const value = `(call $env_value_copy (i32.const 0) (i32.const 5) (i32.const 9) (i32.const 0) (call $env_value_size (i32.const 0) (i32.const 5)))
        (call $append (i32.const 9) (call $env_value_size (i32.const 0) (i32.const 5))) (call $reply)`;
    expect(replyText(await method(value, ENVIRONMENT))).toBe('world');
    expect((await method(value)).trap?.message).toContain('Environment variable hello not found.');
    const exists = (size: number): string =>
        `(i32.store8 (i32.const 9) (i32.add (i32.const 48) (call $env_exists (i32.const 0) (i32.const ${size})))) (call $append (i32.const 9) (i32.const 1)) (call $reply)`;
    expect(replyText(await method(exists(5), ENVIRONMENT))).toBe('1');
    expect(replyText(await method(exists(4), ENVIRONMENT))).toBe('0');
    expect((await method(exists(129), ENVIRONMENT)).trap?.code).toBe('CanisterContractViolation');
});

test('millions of tiny pieces and prints do not pile up', async () => {
    const loop = (body: string): string =>
        `(local i32) (loop ${body} (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 300000))))`;
    const input = { instructionLimit: 10n ** 10n };
    const appended = await method(loop('(call $append (i32.const 1) (i32.const 1))') + '(call $reply)', input);
    expect(replyOf(appended)?.length).toBe(300_000);
    const printed = await method(loop('(call $print (i32.const 0) (i32.const 5))'), input);
    const kept = printed.logs.reduce((sum, log) => sum + log.length + 40, 0);
    expect(kept).toBeGreaterThan(2 * 1024 * 1024 - 100);
    expect(kept).toBeLessThanOrEqual(4 * 1024 * 1024);
});
