/** The rewritten module computes what the original computes. */
import fc from 'fast-check';
import { WriteMap } from '../../../src/replica/execution/write_map';
import { instrument, parseModule, Reserved } from '../../../src/replica/wasm';
import { assemble } from '../execution/support/wat';

const I32_BINARY = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_s', 'rotl', 'lt_s', 'ge_u', 'eq'];

const masked = (address: string, mask: number): string => `(i32.and ${address} (i32.const ${mask}))`;

/** Every other kind of store, of an i32 made fit. */
const WIDE_STORES: readonly ((offset: number, address: string, value: string) => string)[] = [
    (o, a, v) => `(i32.store8 offset=${o} ${a} ${v})`,
    (o, a, v) => `(i32.store16 offset=${o} ${a} ${v})`,
    (o, a, v) => `(i64.store offset=${o} ${a} (i64.extend_i32_s ${v}))`,
    (o, a, v) => `(i64.store8 offset=${o} ${a} (i64.extend_i32_s ${v}))`,
    (o, a, v) => `(i64.store32 offset=${o} ${a} (i64.extend_i32_s ${v}))`,
    (o, a, v) => `(f32.store offset=${o} ${a} (f32.convert_i32_s ${v}))`,
    (o, a, v) => `(f64.store offset=${o} ${a} (f64.convert_i32_s ${v}))`,
    (o, a, v) => `(v128.store offset=${o} ${a} (i32x4.splat ${v}))`,
    (o, a, v) => `(v128.store16_lane offset=${o} 3 ${a} (i32x4.splat ${v}))`
];

/** Expressions of type i32 over the locals 0..3. */
const expression: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((n) => `(i32.const ${n})`),
        fc.nat(3).map((local) => `(local.get ${local})`),
        fc.tuple(fc.constantFrom(...I32_BINARY), tie('node'), tie('node')).map(([op, a, b]) => `(i32.${op} ${a} ${b})`),
        fc.tuple(tie('node'), tie('node'), tie('node')).map(([a, b, c]) => `(select ${a} ${b} ${c})`),
        fc
            .tuple(tie('node'), tie('node'), tie('node'))
            .map(([a, b, c]) => `(if (result i32) ${a} (then ${b}) (else ${c}))`),
        tie('node').map((a) => `(i32.load (i32.and ${a} (i32.const 0xfff0)))`),
        fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(call $helper ${a} ${b})`)
    )
})).node;

const statement: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(fc.nat(3), expression).map(([local, value]) => `(local.set ${local} ${value})`),
        fc.tuple(expression, expression).map(([a, v]) => `(i32.store (i32.and ${a} (i32.const 0xfff0)) ${v})`),
        expression.map((value) => `(global.set $g (i32.add (global.get $g) ${value}))`),
        fc.tuple(expression, tie('node'), tie('node')).map(([c, a, b]) => `(if ${c} (then ${a}) (else ${b}))`),
        fc.tuple(expression, tie('node')).map(([c, a]) => `(block (br_if 0 ${c}) ${a})`),
        fc
            .tuple(expression, tie('node'), tie('node'))
            .map(([c, a, b]) => `(block (block (br_table 0 1 1 (i32.and ${c} (i32.const 3)))) ${a}) ${b}`),
        // Rounds are counted down in the fuel global, so that every loop ends.
        tie('node').map(
            (a) =>
                `(loop ${a} (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1))) ` +
                '(br_if 0 (i32.gt_s (global.get $fuel) (i32.const 0))))'
        ),
        expression.map((c) => `(if ${c} (then (return (local.get 0))))`),
        expression.map((v) => `(memory.fill (i32.and ${v} (i32.const 0xffff)) ${v} (i32.and ${v} (i32.const 0x3fff)))`),
        fc
            .tuple(fc.constantFrom(...WIDE_STORES), fc.constantFrom(0, 1, 4094, 4096, 16_383), expression, expression)
            .map(([store, offset, a, v]) => store(offset, `(i32.and ${a} (i32.const 0xffff))`, v)),
        fc
            .tuple(expression, expression, expression)
            .map(([a, b, n]) => `(memory.copy ${masked(a, 0xffff)} ${masked(b, 0xffff)} ${masked(n, 0x3fff)})`),
        expression.map((a) => `(memory.init $bytes ${masked(a, 0xffff)} ${masked(a, 3)} (i32.const 4))`),
        // At most three pages, so that the comparison stays small.
        expression.map((v) => `(global.set $g (i32.add (memory.grow (i32.and ${v} (i32.const 1))) (memory.size)))`)
    )
})).node;

function moduleText(statements: readonly string[], result: string): string {
    return `(module (memory (export "memory") 2 3) (data $bytes "some bytes") (data (i32.const 65530) "across pages")
        (global $g (mut i32) (i32.const 1)) (global $fuel (mut i32) (i32.const 40))
        (func $helper (param i32 i32) (result i32) (i32.add (local.get 0) (i32.rotr (local.get 1) (global.get $g))))
        (func (export "f") (param i32 i32) (result i32) (local i32 i32) ${statements.join('\n')} ${result})
        (func (export "g") (result i32) (global.get $g)))`;
}

type Numeric = (...args: number[]) => number;

/** A module as it is, or as the rewriter makes it. */
class Subject {
    private readonly exports: WebAssembly.Exports;
    private readonly memory: WebAssembly.Memory;

    constructor(
        bytes: Uint8Array,
        private readonly hiddenBytes = 0
    ) {
        this.exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
        this.memory = this.exports['memory'] as WebAssembly.Memory;
    }

    static rewritten(bytes: Uint8Array): Subject {
        const { bytes: rewritten, layout } = instrument(parseModule(bytes));
        const subject = new Subject(rewritten, layout.hiddenBytes);
        (subject.exports[Reserved.counter] as WebAssembly.Global).value = 10n ** 12n;
        return subject;
    }

    call(name: string, ...args: number[]): number | string {
        try {
            return (this.exports[name] as Numeric)(...args);
        } catch (error) {
            return error instanceof WebAssembly.RuntimeError ? error.message : 'no trap';
        }
    }

    heap(): Buffer {
        return Buffer.from(new Uint8Array(this.memory.buffer, this.hiddenBytes));
    }

    /** Whether each byte that differs from `before` was recorded. Clears the record. */
    recorded(before: Buffer): boolean {
        const now = this.heap();
        const guess = Buffer.concat([before, Buffer.alloc(now.length - before.length)]);
        new WriteMap(this.memory).take((from, to) => now.copy(guess, from, from, to));
        return guess.equals(now);
    }
}

test('rewritten code has the same results, traps, globals and memory as the original, and records what it writes', async () => {
    const program = fc.tuple(fc.array(statement, { maxLength: 6 }), expression, fc.integer(), fc.integer());
    await fc.assert(
        fc.asyncProperty(program, async ([statements, result, a, b]) => {
            const bytes = await assemble(moduleText(statements, result));
            const [original, rewritten] = [new Subject(bytes), Subject.rewritten(bytes)];
            for (const args of [
                [a, b],
                [b, a]
            ]) {
                const before = rewritten.heap();
                expect(rewritten.call('f', ...args)).toBe(original.call('f', ...args));
                expect(rewritten.call('g')).toBe(original.call('g'));
                expect(rewritten.heap().equals(original.heap())).toBe(true);
                expect(rewritten.recorded(before)).toBe(true);
            }
        }),
        { numRuns: 150 }
    );
});

const BORDERS = [0, 1, 4096, 2 ** 16, 2 ** 17, 2 ** 20, 2 ** 31, 2 ** 32 - 2 ** 20, 2 ** 32 - 2 ** 17, 2 ** 32 - 1];
const nearBorder = fc
    .tuple(fc.constantFrom(...BORDERS), fc.integer({ min: -17, max: 17 }))
    .map(([border, distance]) => Math.min(Math.max(border + distance, 0), 2 ** 32 - 1));

const ACCESSES: readonly ((offset: number) => string)[] = [
    ...WIDE_STORES.map((store) => (offset: number) => store(offset, '(local.get 0)', '(local.get 1)')),
    (o) => `(global.set $g (i32.load offset=${o} (local.get 0)))`,
    (o) => `(global.set $g (i32.load8_u offset=${o} (local.get 0)))`,
    (o) => `(global.set $g (i32.wrap_i64 (i64.load16_s offset=${o} (local.get 0))))`,
    (o) => `(global.set $g (i32x4.extract_lane 1 (v128.load offset=${o} (local.get 0))))`,
    (o) =>
        `(global.set $g (i32x4.extract_lane 1 (v128.load8_lane offset=${o} 4 (local.get 0) (i32x4.splat (local.get 1)))))`,
    () => '(memory.fill (local.get 0) (i32.const 7) (local.get 1))',
    () => '(memory.copy (local.get 0) (local.get 1) (i32.const 9))',
    () => '(memory.copy (local.get 1) (local.get 0) (i32.const 9))',
    () => '(memory.copy (i32.const 3) (local.get 0) (local.get 1))',
    () => '(memory.init $bytes (local.get 0) (i32.const 1) (i32.const 8))',
    () => '(memory.init $bytes (local.get 0) (local.get 1) (i32.const 1))'
];

test('an access at the borders of the memory and of the address space traps exactly where the original one does', async () => {
    const access = fc.tuple(fc.constantFrom(...ACCESSES), nearBorder).map(([write, offset]) => write(offset));
    await fc.assert(
        fc.asyncProperty(access, fc.array(fc.tuple(nearBorder, nearBorder), { minLength: 1 }), async (code, calls) => {
            const bytes = await assemble(moduleText([code], '(i32.const 1)'));
            const [original, rewritten] = [new Subject(bytes), Subject.rewritten(bytes)];
            for (const [a, b] of calls) {
                expect(rewritten.call('f', a, b)).toBe(original.call('f', a, b));
                expect(rewritten.call('g')).toBe(original.call('g'));
            }
            expect(rewritten.heap().equals(original.heap())).toBe(true);
        }),
        { numRuns: 300 }
    );
});

test('a data segment may end with the memory, and not behind it', async () => {
    const outside = await assemble('(module (memory (export "memory") 1) (data (i32.const -2) "abc"))');
    expect(() => Subject.rewritten(outside)).toThrow('out of bounds');
    const atEnd = await assemble('(module (memory (export "memory") 1) (data (i32.const 65533) "abc"))');
    expect(Subject.rewritten(atEnd).heap().subarray(65_533).toString()).toBe('abc');
});

test('the count does not depend on the limit that is left', async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(statement, { maxLength: 4 }), expression, async (statements, result) => {
            const { bytes } = instrument(parseModule(await assemble(moduleText(statements, result))));
            const used = (limit: bigint): bigint => {
                const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
                const counter = exports[Reserved.counter] as WebAssembly.Global;
                counter.value = limit;
                (exports['f'] as (a: number, b: number) => number)(1, 2);
                return limit - (counter.value as bigint);
            };
            expect(used(10n ** 9n)).toBe(used(10n ** 15n));
        }),
        { numRuns: 50 }
    );
});
