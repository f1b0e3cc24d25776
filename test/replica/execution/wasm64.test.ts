/** Modules with a 64-bit memory: they run where V8 can load them (Node 24), and are refused with that reason elsewhere. */
import { Prices } from '../../../src/replica/cycles/prices';
import { createSandbox, loadModule } from '../../../src/replica/execution';
import { instrument } from '../../../src/replica/wasm/instrument';
import { parseModule } from '../../../src/replica/wasm/parse';
import { COSTS, replyNumbers, replyText, run, runBracketed } from './support/canister';
import { assemble } from './support/wat';

const MODULE = `(module
    (import "ic0" "msg_arg_data_size" (func $size (result i64)))
    (import "ic0" "msg_arg_data_copy" (func $copy (param i64 i64 i64)))
    (import "ic0" "msg_reply_data_append" (func $append (param i64 i64)))
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "call_new" (func $new (param i64 i64 i64 i64 i64 i64 i64 i64)))
    (import "ic0" "call_perform" (func $perform (result i32)))
    (memory i64 1 100) (table i64 2 funcref) (elem (i64.const 1) $callback)
    (func $callback (param i64) (i64.store (i64.const 0) (local.get 0)) (call $append (i64.const 0) (i64.const 8)) (call $reply))
    (func (export "canister_update echo")
        (call $copy (i64.const 9) (i64.const 0) (call $size)) (call $append (i64.const 9) (call $size)) (call $reply))
    (func (export "canister_update outside") (call $copy (i64.const -1) (i64.const 0) (call $size)))
    (func (export "canister_update grow") (drop (memory.grow (i64.const 3))) (i64.store (i64.const 100000) (i64.const 7)))
    (func (export "canister_update load") (drop (i64.load (i64.const 0))))
    (func (export "canister_update fill") (memory.fill (i64.const 0) (i32.const 1) (i64.const 1000)))
    (func (export "canister_update beyond") (drop (memory.grow (i64.const 100000))))
    (func (export "canister_update call")
        (call $new (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 1) (i64.const -2) (i64.const 1) (i64.const 0))
        (drop (call $perform))))`;

test('a module with a 64-bit memory', async () => {
    const loaded = loadModule(await assemble(MODULE));
    if (!loaded.ok) {
        expect(loaded.error.reason).toContain('Node 24');
        expect(Number(process.versions.node.split('.')[0])).toBeLessThan(24);
        return;
    }
    const sandbox = createSandbox(loaded.module);
    const argument = new TextEncoder().encode('hello');
    expect(replyText(runBracketed(sandbox, 'canister_update echo', { argument }))).toBe('hello');
    const outside = runBracketed(sandbox, 'canister_update outside', { argument });
    expect(outside.trap?.code).toBe('CanisterContractViolation');

    sandbox.begin();
    run(sandbox, 'canister_update grow');
    sandbox.rollback();
    expect(sandbox.heapBytes()).toBe(65_536);
    const limited = runBracketed(sandbox, 'canister_update grow', { wasmMemoryLimit: 65_536n });
    expect(limited.trap?.code).toBe('CanisterWasmMemoryLimitExceeded');

    // Loads cost 2 here: 1 + const + load 2 + drop.
    expect(runBracketed(sandbox, 'canister_update load').instructions).toBe(5n);
    expect(runBracketed(sandbox, 'canister_update fill').instructions).toBe(1_104n);

    // 100 000 more pages would pass the declared maximum of 100.
    expect(runBracketed(sandbox, 'canister_update beyond').trap).toBeUndefined();
    expect(sandbox.heapBytes()).toBeLessThanOrEqual(100 * 65_536);

    const costs = { ...COSTS, call: (_name: bigint, _payload: bigint, pointerBytes: 4 | 8) => BigInt(pointerBytes) };
    const [call] = runBracketed(sandbox, 'canister_update call', { costs }).calls;
    expect(call?.fee).toBe(8n);
    const onReply = { table: 1, env: 2n ** 64n - 2n };
    expect(call?.onReply).toEqual(onReply);
    expect(replyNumbers(runBracketed(sandbox, { closure: onReply }, { context: 'Ry' }))).toEqual([onReply.env]);
});

const SIX_GIB = 98_304;

/** The memory that the instrumented module declares. */
async function boundedMemory(memory: string): Promise<unknown> {
    const { bytes, layout } = instrument(parseModule(await assemble(`(module (memory ${memory}))`)));
    expect(layout.pointerBytes).toBe(8);
    return parseModule(bytes).memory;
}

test('a 64-bit heap ends at 6 GiB, whatever the module declares', async () => {
    expect(await boundedMemory('i64 1')).toEqual({ min: 1, max: SIX_GIB, is64: true });
    expect(await boundedMemory('i64 1 200000')).toEqual({ min: 1, max: SIX_GIB, is64: true });
    expect(await boundedMemory('i64 3 7')).toEqual({ min: 3, max: 7, is64: true });
    const tooLarge = loadModule(await assemble(`(module (memory i64 ${SIX_GIB + 1}))`));
    expect(tooLarge).toMatchObject({ ok: false, error: { reason: expect.stringContaining(`${SIX_GIB}`) } });
});

test('an instruction costs twice as much with a 64-bit memory, its message and its calls as much more', () => {
    const prices = new Prices({ nodes: 13, free: false, callbackInstructions: 40_000_000_000n });
    const wide = prices.forPointers(8);
    expect(prices.forPointers(4)).toBe(prices);
    expect(wide.execution(1_000n) - wide.execution(0n)).toBe(2_000n);
    expect(wide.execution(0n)).toBe(prices.execution(0n));
    expect(wide.callbackReserve()).toBe(5_000_000n + 80_000_000_000n);
    expect(prices.call(3n, 5n, 8) - prices.call(3n, 5n, 4)).toBe(40_000_000_000n);
    expect(wide.rent(1n << 30n, 1n, 1_000_000_000n)).toBe(prices.rent(1n << 30n, 1n, 1_000_000_000n));
});
