/** The rewritten module computes what the original computes. */
import fc from 'fast-check';
import { instrument, parseModule, Reserved } from '../../../src/replica/wasm';
import { assemble } from '../execution/support/wat';

const I32_BINARY = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_s', 'rotl', 'lt_s', 'ge_u', 'eq'];

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
        expression.map((v) => `(memory.fill (i32.and ${v} (i32.const 0xff)) ${v} (i32.and ${v} (i32.const 0x3f)))`)
    )
})).node;

function moduleText(statements: readonly string[], result: string): string {
    return `(module (memory (export "memory") 1)
        (global $g (mut i32) (i32.const 1)) (global $fuel (mut i32) (i32.const 40))
        (func $helper (param i32 i32) (result i32) (i32.add (local.get 0) (i32.rotr (local.get 1) (global.get $g))))
        (func (export "f") (param i32 i32) (result i32) (local i32 i32) ${statements.join('\n')} ${result})
        (func (export "g") (result i32) (global.get $g)))`;
}

function observe(bytes: Uint8Array, a: number, b: number, counter?: bigint): unknown {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    if (counter !== undefined) (exports[Reserved.counter] as WebAssembly.Global).value = counter;
    const f = exports['f'] as (a: number, b: number) => number;
    const results = [f(a, b), f(b, a)];
    const memory = new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer);
    return { results, g: (exports['g'] as () => number)(), memory: Buffer.from(memory).toString('hex') };
}

test('instrumented code has the same results, globals and memory as the original', async () => {
    const program = fc.tuple(fc.array(statement, { maxLength: 5 }), expression, fc.integer(), fc.integer());
    await fc.assert(
        fc.asyncProperty(program, async ([statements, result, a, b]) => {
            const bytes = await assemble(moduleText(statements, result));
            const { bytes: metered } = instrument(parseModule(bytes));
            expect(observe(metered, a, b, 10n ** 12n)).toEqual(observe(bytes, a, b));
        }),
        { numRuns: 150 }
    );
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
