/** How executions fail: engine traps, limits, missing functions (replica.md a.6). */
import { openWat, run } from './support/canister';

const METHOD = 'canister_update m';

async function failure(body: string, declarations = '(memory 1)'): Promise<string | undefined> {
    const sandbox = await openWat(`(module ${declarations} (func (export "${METHOD}") ${body}))`);
    const { trap } = run(sandbox, METHOD);
    expect(trap?.code).toBe('CanisterTrapped');
    expect(trap?.log).toMatch(/^\[TRAP\]: /);
    return trap?.message.split('.\n')[0]?.replace('Canister trapped: ', '');
}

test.each([
    ['unreachable', 'unreachable', ''],
    ['heap out of bounds', '(drop (i32.load (i32.const 65536)))', '(memory 1)'],
    ['heap out of bounds', '(memory.fill (i32.const 65530) (i32.const 0) (i32.const 7))', '(memory 1)'],
    ['integer division by 0', '(drop (i32.div_s (i32.const 1) (i32.const 0)))', ''],
    ['integer division by 0', '(drop (i64.rem_u (i64.const 1) (i64.const 0)))', ''],
    ['unknown', '(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))', ''],
    ['unknown', '(drop (i32.trunc_f64_s (f64.const 1e300)))', ''],
    ['table out of bounds', '(call_indirect (i32.const 9))', '(table 1 funcref)'],
    ['unknown', '(call_indirect (i32.const 0))', '(table 1 funcref)'],
    ['unknown', '(call_indirect (i32.const 0))', '(table 1 funcref) (elem (i32.const 0) $f) (func $f (param i32))'],
    ['stack overflow', 'call $deep', '(func $deep (param) (result) call $deep (drop (i32.const 1)))']
])('%s: %s', async (kind, body, declarations) => {
    // A limit far above the stack's depth, so that the stack is what ends it.
    expect(await failure(body, declarations)).toBe(kind);
});

test('a runaway loop ends at the limit, whatever it is', async () => {
    const sandbox = await openWat(`(module (func (export "${METHOD}") (loop br 0)))`);
    for (const limit of [1n, 1_000n, 50_000_000n]) {
        const { trap, instructions } = run(sandbox, METHOD, { instructionLimit: limit });
        expect(trap?.code).toBe('CanisterInstructionLimitExceeded');
        expect(trap?.message).toContain(
            `Canister exceeded the limit of ${limit} instructions for single message execution.`
        );
        expect(instructions).toBe(limit);
    }
});

test('runaway recursion, bulk operations and host calls end at the limit', async () => {
    const sandbox = await openWat(`(module (import "ic0" "time" (func $time (result i64))) (memory 10)
        (func $deep (export "canister_update deep") call $deep)
        (func (export "canister_update bulk") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 600000)) br 0))
        (func (export "canister_update host") (loop (drop (call $time)) br 0)))`);
    for (const name of ['deep', 'bulk', 'host']) {
        const { trap, instructions } = run(sandbox, `canister_update ${name}`, { instructionLimit: 50_000n });
        expect([name, trap?.code, instructions]).toEqual([name, 'CanisterInstructionLimitExceeded', 50_000n]);
    }
});

test('exactly enough instructions are enough', async () => {
    const sandbox = await openWat(`(module (func (export "${METHOD}") nop nop))`);
    expect(run(sandbox, METHOD, { instructionLimit: 3n }).trap).toBeUndefined();
    expect(run(sandbox, METHOD, { instructionLimit: 2n }).trap?.code).toBe('CanisterInstructionLimitExceeded');
});

test('a missing method', async () => {
    const sandbox = await openWat('(module)');
    const { trap } = run(sandbox, 'canister_query nope');
    expect(trap?.code).toBe('CanisterMethodNotFound');
    expect(trap?.message).toMatch(/^Canister has no query method 'nope'\.\n/);
});

test('callbacks are called by table index with their environment', async () => {
    const sandbox = await openWat(`(module
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
        (memory 1) (table 4 funcref) (elem (i32.const 1) $callback $wide $none)
        (func $callback (param i32) (i32.store (i32.const 0) (local.get 0)) (call $append (i32.const 0) (i32.const 4)) (call $reply))
        (func $wide (param i64)) (func $none))`);
    const callback = (table: number, env: bigint): ReturnType<typeof run> =>
        run(sandbox, { closure: { table, env } }, { context: 'Ry' });
    expect(callback(1, 0xffff_fffen).response).toEqual({ kind: 'reply', data: Uint8Array.of(254, 255, 255, 255) });
    expect(callback(0, 0n).trap?.code).toBe('CanisterFunctionNotFound');
    expect(callback(9, 0n).trap?.message).toMatch(/non-existent Wasm function 9 from table 0/);
    expect(callback(2, 0n).trap?.code).toBe('CanisterTrapped');
    expect(callback(3, 0n).trap?.code).toBe('CanisterTrapped');
});

const GROWING = `(module (memory 1 100) (func (export "${METHOD}") (drop (memory.grow (i32.const 2)))))`;

test('the heap limit stops updates that grow above it', async () => {
    const atLimit = run(await openWat(GROWING), METHOD, { wasmMemoryLimit: 3n * 65_536n });
    expect(atLimit.trap).toBeUndefined();
    const above = run(await openWat(GROWING), METHOD, { wasmMemoryLimit: 3n * 65_536n - 1n });
    expect(above.trap?.code).toBe('CanisterWasmMemoryLimitExceeded');
    expect(above.trap?.message).toContain('limit of 196607 bytes. The peak Wasm memory usage was 196608 bytes.');
});

test.each(['G', 'Ry', 'T', 'NRQ'] as const)('the heap limit does not apply in context %s', async (context) => {
    expect(run(await openWat(GROWING), METHOD, { context, wasmMemoryLimit: 1n }).trap).toBeUndefined();
});

test('growth beyond the declared maximum is -1, not a trap', async () => {
    const sandbox = await openWat(`(module (memory 1 2)
        (func (export "${METHOD}") (if (i32.ne (memory.grow (i32.const 5)) (i32.const -1)) (then unreachable))))`);
    expect(run(sandbox, METHOD, { wasmMemoryLimit: 65_536n }).trap).toBeUndefined();
});
