/** Instruction counts, computed by hand from the weights and injection points of the replica (replica.md d.1). */
import { openWat, run } from '../execution/support/canister';

const METHOD = 'canister_update m';

async function count(body: string, declarations = ''): Promise<bigint> {
    const sandbox = await openWat(`(module ${declarations} (func (export "${METHOD}") ${body}))`);
    const { trap, instructions } = run(sandbox, METHOD);
    expect(trap).toBeUndefined();
    return instructions;
}

test('an empty function costs its call: 1', async () => {
    expect(await count('')).toBe(1n);
});

test('straight-line code costs the sum of its weights', async () => {
    // 1 + const + const + add + drop
    expect(await count('i32.const 1 i32.const 2 i32.add drop')).toBe(5n);
    // 1 + const + const + div_s 10 + drop
    expect(await count('i32.const 1 i32.const 2 i32.div_s drop')).toBe(14n);
    // 1 + 2 consts + f64.div 5 + f64.sqrt 8 + trunc_sat 20 + drop
    expect(await count('f64.const 1 f64.const 2 f64.div f64.sqrt i32.trunc_sat_f64_u drop')).toBe(37n);
    // 1 + global.get 2 + global.set 2
    expect(await count('global.get 0 global.set 0', '(global (mut i32) (i32.const 0))')).toBe(5n);
});

test('a loop costs its body once per round', async () => {
    // Entry: 1 + const + local.set + loop 0 = 3. Round: get, const, sub, tee 1 each, br_if 2 = 6. Three rounds.
    const body = '(local i32) i32.const 3 local.set 0 (loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0)';
    expect(await count(body)).toBe(3n + 3n * 6n);
});

test('only the taken branch is charged', async () => {
    const body = (condition: number): string => `i32.const ${condition} (if (then nop nop nop) (else nop))`;
    // Entry: 1 + const + if 2 = 4.
    expect(await count(body(1))).toBe(4n + 3n);
    expect(await count(body(0))).toBe(4n + 1n);
});

test('code behind a return is not charged', async () => {
    // 1 + const + if 2, then return 1
    expect(await count('i32.const 1 (if (then return)) nop nop nop nop')).toBe(5n);
    // Not taken: 4, then the four nops behind `end`.
    expect(await count('i32.const 0 (if (then return)) nop nop nop nop')).toBe(8n);
});

test('br_table and nested blocks end blocks', async () => {
    // Entry: 1 + const + br_table 2 = 4; target 1 skips the nops of block 0 and lands behind the outer block: 2 nops.
    const body = '(block (block i32.const 1 br_table 0 1 1) nop nop nop) nop nop';
    expect(await count(body)).toBe(6n);
});

test('calls cost 5, indirect calls 10, each callee 1', async () => {
    expect(await count('call $f', '(func $f)')).toBe(1n + 5n + 1n);
    const table = '(type $t (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f nop)';
    expect(await count('i32.const 0 call_indirect (type $t)', table)).toBe(1n + 1n + 10n + 1n + 1n);
});

test('tail calls cost 3', async () => {
    expect(await count('return_call $f', '(func $f nop nop)')).toBe(1n + 3n + 1n + 2n);
});

test('bulk operations cost 100 plus their size', async () => {
    const memory = '(memory 1)';
    expect(await count('i32.const 0 i32.const 7 i32.const 1000 memory.fill', memory)).toBe(1n + 3n + 100n + 1000n);
    expect(await count('i32.const 0 i32.const 8 i32.const 500 memory.copy', memory)).toBe(1n + 3n + 100n + 500n);
    const data = '(memory 1) (data $d "abcdef")';
    expect(await count('i32.const 0 i32.const 1 i32.const 5 memory.init $d', data)).toBe(1n + 3n + 100n + 5n);
    const table = '(table 20 funcref)';
    expect(await count('i32.const 0 ref.null func i32.const 12 table.fill', table)).toBe(1n + 3n + 100n + 12n);
});

test('memory.size costs 20, memory.grow 300', async () => {
    expect(await count('memory.size drop', '(memory 1)')).toBe(1n + 20n + 1n);
    expect(await count('i32.const 1 memory.grow drop', '(memory 1)')).toBe(1n + 1n + 300n + 1n);
});

test('SIMD follows its own table', async () => {
    // v128.const 1 twice, i64x2.mul 4, f64x2.div 12 instead; drop 1
    const v = 'v128.const i64x2 1 2';
    expect(await count(`${v} ${v} i64x2.mul drop`)).toBe(1n + 2n + 4n + 1n);
    expect(await count(`${v} ${v} f64x2.div drop`)).toBe(1n + 2n + 12n + 1n);
    expect(await count(`${v} ${v} i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 drop`)).toBe(1n + 2n + 3n + 1n);
});

test('a host call costs 5, its overhead and its bytes', async () => {
    const time = '(import "ic0" "time" (func $time (result i64)))';
    expect(await count('call $time drop', time)).toBe(1n + 5n + 500n + 1n);
    const self = '(import "ic0" "canister_self_copy" (func $f (param i32 i32 i32))) (memory 1)';
    expect(await count('i32.const 0 i32.const 0 i32.const 10 call $f', self)).toBe(1n + 3n + 5n + 500n + 10n);
    const controller = '(import "ic0" "is_controller" (func $f (param i32 i32) (result i32))) (memory 1)';
    expect(await count('i32.const 0 i32.const 3 call $f drop', controller)).toBe(1n + 2n + 5n + 1000n + 3n + 1n);
});

test('replies cost 50 per byte', async () => {
    const reply =
        '(import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply)) (memory 1)';
    const expected = 1n + 2n + 5n + 500n + 50n * 8n + 5n + 500n;
    expect(await count('i32.const 0 i32.const 8 call $append call $reply', reply)).toBe(expected);
});

test('stable memory costs 1000 for each page of 4 KiB that is written first', async () => {
    const api =
        '(import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))' +
        '(import "ic0" "stable64_write" (func $write (param i64 i64 i64))) (memory 1)';
    const grow = 'i64.const 1 call $grow drop';
    const growCost = 1n + 5n + 100n + 1n;
    const write = (offset: number, size: number): string =>
        `i64.const ${offset} i64.const 0 i64.const ${size} call $write`;
    const writeCost = (size: bigint, pages: bigint): bigint => 3n + 5n + 20n + size + 1000n * pages;
    expect(await count(grow + ' ' + write(0, 1), api)).toBe(1n + growCost + writeCost(1n, 1n));
    // Across a page border: two pages; again: none.
    const twice = `${grow} ${write(4095, 2)} ${write(4095, 2)}`;
    expect(await count(twice, api)).toBe(1n + growCost + writeCost(2n, 2n) + writeCost(2n, 0n));
});

test('performance_counter(0) shows what was charged so far, (1) adds the call context', async () => {
    const sandbox = await openWat(`(module
        (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (import "ic0" "msg_reply" (func $reply))
        (memory 1)
        (func (export "${METHOD}")
            (i64.store (i32.const 0) (call $counter (i32.const 0)))
            (i64.store (i32.const 8) (call $counter (i32.const 1)))
            (call $append (i32.const 0) (i32.const 16))
            (call $reply)))`);
    const output = run(sandbox, METHOD, { contextInstructions: 7_000n });
    const bytes = output.response?.kind === 'reply' ? output.response.data : new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    // One block: 1 + (3 consts, 2 stores, ...) = const 4 + call 4*5 + store 2 + const 2 = 1 + 6 + 20 + 2
    const block = 1n + 4n + 2n + 20n + 2n;
    expect(view.getBigUint64(0, true)).toBe(block + 200n);
    expect(view.getBigUint64(8, true)).toBe(block + 400n + 7_000n);
});

const SEGMENTS = '(memory 1) (table $t 9 funcref) (elem $e func $f $f) (data $d "abc") (func $f)';

test.each([
    ['br, past what it skips', '(block br 0 nop nop)', 2n],
    ['return_call_indirect 60', 'i32.const 0 return_call_indirect $t (param)', 1n + 60n + 1n],
    ['select and nop', 'i32.const 1 i32.const 2 i32.const 3 select drop nop', 6n],
    ['ref.null 1, ref.is_null 5', 'ref.null func ref.is_null drop', 7n],
    ['ref.func 130', 'ref.func $f drop', 131n],
    ['table.get 5', 'i32.const 0 table.get $t drop', 7n],
    ['table.set 5', 'i32.const 0 ref.null func table.set $t', 7n],
    ['table.size 100', 'table.size $t drop', 101n],
    ['table.grow 300', 'ref.null func i32.const 4 table.grow $t drop', 303n],
    ['table.copy 100 and each element', 'i32.const 0 i32.const 4 i32.const 3 table.copy $t $t', 3n + 100n + 3n],
    ['table.init 100 and each element', 'i32.const 0 i32.const 0 i32.const 2 table.init $t $e', 3n + 100n + 2n],
    ['elem.drop 300', 'elem.drop $e', 300n],
    ['data.drop 300', 'data.drop $d', 300n]
])('%s', async (_, body, cost) => {
    const declarations = SEGMENTS.replace('funcref)', 'funcref) (elem (table $t) (i32.const 0) func $f)');
    expect(await count(body, declarations)).toBe(1n + cost);
});

test('loads and stores cost 1, of every width', async () => {
    const at = '(i32.const 8)';
    const names = (type: string, parts: string): readonly string[] => parts.split(' ').map((part) => `${type}.${part}`);
    const loads = [
        ...names('i32', 'load load8_s load8_u load16_s load16_u'),
        ...names('i64', 'load load8_s load8_u load16_s load16_u load32_s load32_u'),
        'f32.load',
        'f64.load',
        'v128.load'
    ];
    for (const load of loads) expect([load, await count(`${at} ${load} drop`, '(memory 1)')]).toEqual([load, 4n]);
    const stores = [
        ...names('i32', 'store store8 store16'),
        ...names('i64', 'store store8 store16 store32'),
        'f32.store',
        'f64.store'
    ];
    for (const store of stores) {
        const value = `(${store.slice(0, 3)}.const 1)`;
        expect([store, await count(`${at} ${value} ${store}`, '(memory 1)')]).toEqual([store, 4n]);
    }
});

const imported = (name: string, type: string): string => `(import "ic0" "${name}" (func $${name} ${type}))`;

test('calls of other canisters: call_new 1 500, call_perform 5 000, arguments 50 per byte', async () => {
    const api =
        imported('call_new', '(param i32 i32 i32 i32 i32 i32 i32 i32)') +
        imported('call_data_append', '(param i32 i32)') +
        imported('call_perform', '(result i32)');
    const begin = `${'i32.const 0 i32.const 10 i32.const 0 i32.const 4'} ${'i32.const 0 '.repeat(4)} call $call_new`;
    const begun = 8n + 5n + 1_500n + 10n + 4n;
    expect(await count(begin, `${api} (memory 1)`)).toBe(1n + begun);
    const appended = 2n + 5n + 500n + 50n * 7n;
    const whole = `${begin} i32.const 0 i32.const 7 call $call_data_append call $call_perform drop`;
    expect(await count(whole, `${api} (memory 1)`)).toBe(1n + begun + appended + 5n + 5_000n + 1n);
});

test('printing 100, and its bytes to store and to send; sizes of stable memory are free, growth 100', async () => {
    const print = `${imported('debug_print', '(param i32 i32)')} (memory 1)`;
    expect(await count('i32.const 0 i32.const 9 call $debug_print', print)).toBe(1n + 2n + 5n + 100n + (2n + 50n) * 9n);
    const size = `${imported('stable64_size', '(result i64)')} (memory 1)`;
    expect(await count('call $stable64_size drop', size)).toBe(1n + 5n + 1n);
});
