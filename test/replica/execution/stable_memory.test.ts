import fc from 'fast-check';
import { StableMemory } from '../../../src/replica/execution';
import { MAX_STABLE_PAGES, STABLE_PAGE_BYTES } from '../../../src/replica/execution/stable_memory';
import { openWat, run } from './support/canister';

const owner = {};

test('stable memory agrees with a plain array, through commits and rollbacks', () => {
    const size = 3 * STABLE_PAGE_BYTES;
    const operation = fc.oneof(
        fc.record({
            kind: fc.constant('write' as const),
            at: fc.nat(size - 1),
            bytes: fc.uint8Array({ maxLength: 9000 })
        }),
        fc.record({ kind: fc.constantFrom('begin' as const, 'commit' as const, 'rollback' as const) })
    );
    fc.assert(
        fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
            const memory = new StableMemory();
            memory.grow(3);
            let model = new Uint8Array(size);
            let saved: Uint8Array | undefined;
            for (const op of operations) {
                if (op.kind === 'write') {
                    const bytes = op.bytes.subarray(0, size - op.at);
                    memory.write(op.at, bytes);
                    model.set(bytes, op.at);
                } else {
                    memory[op.kind](owner);
                    if (op.kind === 'begin') saved ??= model.slice();
                    else if (op.kind === 'rollback' && saved !== undefined) model = new Uint8Array(saved);
                    if (op.kind !== 'begin') saved = undefined;
                }
                const contents = new Uint8Array(size);
                memory.read(0, contents);
                expect(Buffer.compare(contents, model)).toBe(0);
            }
        }),
        { numRuns: 60 }
    );
});

test('growth is undone, and what was written there is gone', () => {
    const memory = new StableMemory();
    memory.grow(1);
    memory.begin(owner);
    memory.grow(4);
    memory.write(4 * STABLE_PAGE_BYTES, Uint8Array.of(1));
    memory.rollback(owner);
    expect(memory.pages).toBe(1);
    memory.grow(4);
    const byte = new Uint8Array(1);
    memory.read(4 * STABLE_PAGE_BYTES, byte);
    expect(byte[0]).toBe(0);
});

test('the size is limited to 500 GiB, and empty space takes none', () => {
    const memory = new StableMemory();
    expect(memory.grow(MAX_STABLE_PAGES)).toBe(0);
    expect(memory.grow(1)).toBe(-1);
    memory.write(memory.bytes - 1, Uint8Array.of(5));
    expect([...memory.writtenPages()].length).toBe(1);
    expect(() => memory.write(memory.bytes, Uint8Array.of(5))).toThrow(
        expect.objectContaining({ name: 'StableRangeError' })
    );
});

test('a bracket belongs to who opened it', () => {
    const memory = new StableMemory();
    const guest = {};
    memory.grow(1);
    memory.begin(owner);
    memory.begin(guest);
    memory.write(0, Uint8Array.of(1));
    memory.commit(guest);
    memory.rollback(guest);
    memory.rollback(owner);
    const byte = new Uint8Array(1);
    memory.read(0, byte);
    expect(byte[0]).toBe(0);
});

const IMPORTS = `
    (import "ic0" "stable_size" (func $size (result i32)))
    (import "ic0" "stable_grow" (func $grow (param i32) (result i32)))
    (import "ic0" "stable_read" (func $read (param i32 i32 i32)))
    (import "ic0" "stable_write" (func $write (param i32 i32 i32)))
    (import "ic0" "stable64_size" (func $size64 (result i64)))
    (import "ic0" "stable64_grow" (func $grow64 (param i64) (result i64)))
    (import "ic0" "stable64_read" (func $read64 (param i64 i64 i64)))
    (import "ic0" "stable64_write" (func $write64 (param i64 i64 i64)))`;

async function failure(body: string): Promise<string | undefined> {
    const sandbox = await openWat(`(module ${IMPORTS} (memory 1) (func (export "canister_update m") ${body}))`);
    return run(sandbox, 'canister_update m').trap?.message.split('.\n')[0];
}

const STABLE_OOB = 'Canister trapped: stable memory out of bounds';
const HEAP_OOB = 'Canister trapped: heap out of bounds';
const TOO_BIG = 'Canister trapped: 32 bit stable memory api used on a memory larger than 4GB';

test.each([
    [undefined, '(call $write64 (i64.const 65535) (i64.const 0) (i64.const 1))'],
    [STABLE_OOB, '(call $write64 (i64.const 65535) (i64.const 0) (i64.const 2))'],
    [STABLE_OOB, '(call $read64 (i64.const 0) (i64.const -1) (i64.const 1))'],
    [STABLE_OOB, '(call $write (i32.const 65536) (i32.const 0) (i32.const 1))'],
    [HEAP_OOB, '(call $read64 (i64.const 65536) (i64.const 0) (i64.const 1))'],
    [HEAP_OOB, '(call $write (i32.const 0) (i32.const -1) (i32.const 1))'],
    // An empty range is never out of bounds.
    [undefined, '(call $write64 (i64.const -1) (i64.const -1) (i64.const 0))'],
    [undefined, '(if (i64.ne (call $size64) (i64.extend_i32_u (call $size))) (then unreachable))'],
    // 32-bit functions end at 4 GiB.
    [undefined, '(if (i32.ne (call $grow (i32.const 65536)) (i32.const -1)) (then unreachable))'],
    [undefined, '(if (i32.ne (call $grow (i32.const 65535)) (i32.const 1)) (then unreachable))'],
    [TOO_BIG, '(drop (call $grow64 (i64.const 65536))) (drop (call $size))'],
    [TOO_BIG, '(drop (call $grow64 (i64.const 65536))) (call $read (i32.const 0) (i32.const 0) (i32.const 1))'],
    [undefined, '(if (i64.ne (call $grow64 (i64.const -1)) (i64.const -1)) (then unreachable))'],
    [undefined, '(if (i64.ne (call $grow64 (i64.const 8192000)) (i64.const -1)) (then unreachable))'],
    [undefined, '(if (i64.ne (call $grow64 (i64.const 8191999)) (i64.const 1)) (then unreachable))']
])('%s: %s', async (expected, body) => {
    expect(await failure(`(drop (call $grow64 (i64.const 1))) ${body}`)).toBe(expected);
});

test('queries may touch 1 GiB, updates 2 GiB', async () => {
    const sandbox = await openWat(`(module ${IMPORTS} (memory 1)
        (func (export "canister_init") (drop (call $grow64 (i64.const 50000))))
        (func (export "canister_update m") (local $at i64)
            (loop (call $read64 (i64.const 0) (local.get $at) (i64.const 1))
                (local.set $at (i64.add (local.get $at) (i64.const 4096)))
                (br_if 0 (i64.lt_u (local.get $at) (i64.const 1073741825))))))`);
    run(sandbox, 'canister_init', { context: 'I' });
    const limit = { instructionLimit: 10n ** 9n };
    expect(run(sandbox, 'canister_update m', limit).trap).toBeUndefined();
    expect(run(sandbox, 'canister_update m', { ...limit, context: 'NRQ' }).trap?.code).toBe(
        'CanisterMemoryAccessLimitExceeded'
    );
});
