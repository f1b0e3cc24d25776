/** Rules for canister modules beyond WebAssembly's own (replica.md b.1). */
import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { loadModule, type LoadResult } from '../../../src/replica/execution';
import { assemble } from '../execution/support/wat';

async function load(text: string): Promise<LoadResult> {
    return loadModule(await assemble(text));
}

async function reasonOf(text: string): Promise<string | undefined> {
    const result = await load(text);
    if (result.ok) return undefined;
    expect(result.error.code).toBe('CanisterInvalidWasm');
    return result.error.reason;
}

/** Appends a custom section to a binary. */
function withCustom(bytes: Uint8Array, name: string, data = new Uint8Array(0)): Uint8Array {
    const encoded = new TextEncoder().encode(name);
    const leb = (n: number): number[] => (n < 128 ? [n] : [(n % 128) | 0x80, ...leb(Math.floor(n / 128))]);
    const content = [...leb(encoded.length), ...encoded];
    return new Uint8Array([...bytes, 0, ...leb(content.length + data.length), ...content, ...data]);
}

test('a plain module loads and names its functions', async () => {
    const result = await load('(module (func (export "canister_init")) (func (export "canister_query q")))');
    expect(result.ok && [...result.module.exportedFunctions]).toEqual(['canister_init', 'canister_query q']);
});

test('gzip is accepted and the hash is over the bytes as uploaded', async () => {
    const packed = new Uint8Array(gzipSync(await assemble('(module (func (export "canister_update u")))')));
    const result = loadModule(packed);
    expect(result.ok && result.module.exportedFunctions.has('canister_update u')).toBe(true);
    expect(result.ok && Buffer.from(result.module.hash).toString('hex')).toBe(
        createHash('sha256').update(packed).digest('hex')
    );
});

test('the same bytes are compiled once', async () => {
    const bytes = await assemble('(module (func (export "canister_update cached")))');
    const [first, second] = [loadModule(bytes), loadModule(bytes.slice())];
    expect(first.ok && second.ok && first.module === second.module).toBe(true);
});

test.each([
    ['no wasm', new Uint8Array([1, 2, 3])],
    ['empty', new Uint8Array(0)],
    ['truncated gzip', new Uint8Array([0x1f, 0x8b, 0x08, 0, 0])],
    ['component model version', new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])],
    ['section longer than the module', new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 200, 1])]
])('bytes that are no module are refused: %s', (_name, bytes) => {
    const result = loadModule(bytes);
    expect(!result.ok && result.error.code).toBe('CanisterInvalidWasm');
});

test('code that does not type-check is refused', async () => {
    // (func (result i32)) with an empty body; wabt would refuse the text.
    const bytes = new Uint8Array([
        0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b
    ]);
    const result = loadModule(bytes);
    expect(!result.ok && result.error.reason).toMatch(/failed to validate/);
});

test('imports: only ic0, only known names, only the right types', async () => {
    expect(await reasonOf('(module (import "env" "f" (func)))')).toMatch(/'f' from 'env' that is not exported/);
    expect(await reasonOf('(module (import "ic0" "nonsense" (func)))')).toMatch(/'nonsense' from 'ic0'/);
    expect(await reasonOf('(module (import "env" "time" (func (result i64))))')).toMatch(
        /expected to be imported from/
    );
    expect(await reasonOf('(module (import "ic0" "time" (func (result i32))))')).toMatch(/invalid function signature/);
    expect(await reasonOf('(module (import "ic0" "time" (func (param i32) (result i64))))')).toMatch(/signature/);
    expect(await reasonOf('(module (import "ic0" "toString" (func)))')).toMatch(/not exported by the runtime/);
});

test.each(['memory (memory 1)', 'table (table 1 funcref)', 'global (global i32)'])('imports: no %s', async (what) => {
    const [name, type] = [what.split(' ')[0], what.slice(what.indexOf('('))];
    expect(await reasonOf(`(module (import "env" "${name}" ${type}))`)).toMatch(/invalid import section/);
});

test('exports: a method has one kind', async () => {
    const reason = await reasonOf('(module (func (export "canister_update a") (export "canister_query a")))');
    expect(reason).toMatch(/Duplicate function 'a' exported multiple times/);
});

test('exports: canister_ is reserved', async () => {
    expect(await reasonOf('(module (func (export "canister_foo")))')).toMatch(/reserved function 'canister_foo'/);
    expect(await reasonOf('(module (func (export "canister_update")))')).toMatch(/reserved function/);
    expect(await reasonOf('(module (func (export "canister_on_low_wasm_memory")))')).toBeUndefined();
    expect(await reasonOf('(module (func (export "canister_update ")))')).toBeUndefined();
});

test('exports: entry points take and return nothing', async () => {
    expect(await reasonOf('(module (func (export "canister_init") (param i32)))')).toMatch(/signature/);
    expect(await reasonOf('(module (func (export "canister_query q") (result i32) i32.const 0))')).toMatch(/signature/);
    expect(await reasonOf('(module (func (export "helper") (param i32)))')).toBeUndefined();
});

test('exports: names of the rewriter are refused', async () => {
    expect(await reasonOf('(module (func (export "\\01counter")))')).toMatch(/reserved symbol/);
});

test('exports: at most 1000 methods with 20000 bytes of names', async () => {
    const methods = (count: number, suffix = ''): string =>
        `(module (func $f) ${Array.from({ length: count }, (_, i) => `(export "canister_query ${i}${suffix}" (func $f))`).join('')})`;
    expect(await reasonOf(methods(1000))).toBeUndefined();
    expect(await reasonOf(methods(1001))).toMatch(/is 1001 which exceeds 1000/);
    expect(await reasonOf(methods(1000, 'x'.repeat(20)))).toMatch(/exceeds the allowed limit of 20000/);
});

test('globals: at most 1000', async () => {
    const globals = (count: number): string => `(module ${'(global i32 (i32.const 0))'.repeat(count)})`;
    expect(await reasonOf(globals(1000))).toBeUndefined();
    expect(await reasonOf(globals(1001))).toMatch(/1001 globals which exceeds the maximum number allowed 1000/);
});

test('functions: at most 50000, each at most a million instructions', async () => {
    const functions = (count: number): Uint8Array => {
        const leb = [(count & 0x7f) | 0x80, ((count >> 7) & 0x7f) | 0x80, count >> 14];
        const section = (id: number, body: number[]): number[] => {
            const size = body.length;
            return [id, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14, ...body];
        };
        const declared = new Array<number>(count).fill(0);
        const bodies = new Array<number[]>(count).fill([2, 0, 0x0b]).flat();
        const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0];
        return new Uint8Array([...header, ...section(3, [...leb, ...declared]), ...section(10, [...leb, ...bodies])]);
    };
    expect(loadModule(functions(50_000)).ok).toBe(true);
    const tooMany = loadModule(functions(50_001));
    expect(!tooMany.ok && tooMany.error.reason).toMatch(/50001 functions/);
    expect(await reasonOf(`(module (func ${'nop '.repeat(999_999)}))`)).toBeUndefined();
    expect(await reasonOf(`(module (func ${'nop '.repeat(1_000_000)}))`)).toMatch(/of size 1000001 that exceeds/);
});

test('features that the replica lacks are refused', async () => {
    // A shared memory, two memories, and an exception tag, which V8 itself would take.
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    for (const section of [
        [5, 4, 1, 3, 1, 1],
        [5, 5, 2, 0, 1, 0, 1],
        [13, 3, 1, 0, 0]
    ]) {
        expect(loadModule(new Uint8Array([...header, ...section])).ok).toBe(false);
    }
});

test('metadata: icp sections are collected by name, with their visibility', async () => {
    const base = await assemble('(module)');
    const bytes = withCustom(withCustom(base, 'icp:public candid:service', Uint8Array.of(1, 2)), 'icp:private notes');
    const result = loadModule(withCustom(bytes, 'name of something else'));
    expect(result.ok && [...result.module.metadata]).toEqual([
        ['candid:service', { visibility: 'public', data: Uint8Array.of(1, 2) }],
        ['notes', { visibility: 'private', data: new Uint8Array(0) }]
    ]);
    expect(result.ok && result.module.hasEnhancedOrthogonalPersistence).toBe(false);
});

test('metadata: enhanced orthogonal persistence is seen', async () => {
    const result = loadModule(withCustom(await assemble('(module)'), 'icp:private enhanced-orthogonal-persistence'));
    expect(result.ok && result.module.hasEnhancedOrthogonalPersistence).toBe(true);
});

test.each(['icp:publicname', 'icp:public', 'icp:secret x', 'icp:'])('metadata: %s is refused', async (name) => {
    const result = loadModule(withCustom(await assemble('(module)'), name));
    expect(!result.ok && result.error.reason).toMatch(/invalid custom section/);
});

test('metadata: a name is public or private, at most 16 sections, at most 1 MiB', async () => {
    const base = await assemble('(module)');
    const both = loadModule(withCustom(withCustom(base, 'icp:public x'), 'icp:private x'));
    expect(!both.ok && both.error.reason).toMatch(/name x already exists/);
    let many = base;
    for (let i = 0; i < 17; i += 1) many = withCustom(many, `icp:public ${i}`);
    const tooMany = loadModule(many);
    expect(!tooMany.ok && tooMany.error.reason).toMatch(/17 custom sections/);
    const large = loadModule(withCustom(base, 'icp:public x', new Uint8Array(1024 * 1024)));
    expect(!large.ok && large.error.reason).toMatch(/total size/);
});

test('data segments must lie at constant offsets', async () => {
    expect(await reasonOf('(module (global $g i32 (i32.const 0)) (memory 1) (data (global.get $g) "x"))')).toMatch(
        /invalid data section/
    );
});

test('a 64-bit memory loads where V8 knows it, and else the error names Node 24', async () => {
    const supported = WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0]));
    const reason = await reasonOf('(module (memory i64 1) (func (export "canister_init") i64.const 0 i32.load drop))');
    if (supported) expect(reason).toBeUndefined();
    else expect(reason).toMatch(/Node 24/);
});
