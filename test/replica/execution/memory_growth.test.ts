/** Memories grow only as far as the canister can pay for them (IC0532), at one cycle for a byte. */
import { openWat, run } from './support/canister';
import type { ExecutionInput, ExecutionOutput } from '../../../src/replica/execution';

const PAGE = 65_536n;
const MODULE = `(module
    (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
    (import "ic0" "msg_cycles_accept" (func $accept (param i64) (result i64)))
    (import "ic0" "cycles_burn128" (func $burn (param i64 i64 i32)))
    (memory 1 100)
    (func (export "canister_update heap") (drop (memory.grow (i32.const 2))))
    (func (export "canister_update nothing") (drop (memory.grow (i32.const 0))))
    (func (export "canister_update stable") (drop (call $stable_grow (i64.const 2))))
    (func (export "canister_update too_much") (if (i64.ne (call $stable_grow (i64.const 9000000)) (i64.const -1)) (then unreachable)))
    (func (export "canister_update both") (drop (call $stable_grow (i64.const 1))) (drop (memory.grow (i32.const 1))))
    (func (export "canister_update accept") (drop (call $accept (i64.const 1))) (drop (memory.grow (i32.const 2))))
    (func (export "canister_update burn") (call $burn (i64.const 0) (i64.const 1) (i32.const 0)) (drop (memory.grow (i32.const 2)))))`;

/** One page of heap, and a thousand bytes of other things. */
const used = PAGE + 1_000n;
const keeping = { bytes: used, allocation: 0n, computeAllocation: 0n, freezingThreshold: 1n };

async function grow(
    method: string,
    balance: bigint,
    input: Partial<ExecutionInput> = {}
): Promise<ExecutionOutput['trap']> {
    const sandbox = await openWat(MODULE);
    return run(sandbox, `canister_update ${method}`, { memoryUse: keeping, balance, ...input }).trap;
}

test.each(['heap', 'stable', 'both'])('growth that can be paid for: %s', async (method) => {
    expect(await grow(method, used + 2n * PAGE)).toBeUndefined();
    expect(await grow(method, used + 2n * PAGE - 1n)).toMatchObject({ code: 'InsufficientCyclesInMemoryGrow' });
});

test('the text tells controllers what is missing, and nobody else', async () => {
    const controllers = [Uint8Array.of(4)];
    const told = await grow('heap', used + 2n * PAGE - 70_000n, { controllers });
    expect(told?.message).toMatch(
        /^Canister cannot grow memory by 131072 bytes due to insufficient cycles\. At least 70_000 additional cycles are required\./
    );
    const stranger = await grow('stable', used);
    expect(stranger?.message).toMatch(
        /^Canister cannot grow memory by 131072 bytes due to insufficient cycles\.\nTry topping up/
    );
});

test('what the message brings counts, and what it burns', async () => {
    const exact = used + 2n * PAGE;
    expect(await grow('accept', exact - 1n, { cyclesAvailable: 1n })).toBeUndefined();
    expect(await grow('accept', exact - 1n)).toMatchObject({ code: 'InsufficientCyclesInMemoryGrow' });
    expect(await grow('burn', exact)).toMatchObject({ code: 'InsufficientCyclesInMemoryGrow' });
    expect(await grow('burn', exact + 1n)).toBeUndefined();
});

test('an allocation is paid for already', async () => {
    expect(await grow('heap', 0n, { memoryUse: { ...keeping, allocation: used + 2n * PAGE } })).toBeUndefined();
    expect(await grow('heap', 0n, { memoryUse: { ...keeping, allocation: used + 2n * PAGE - 1n } })).toBeDefined();
});

test('a frozen canister may ask for nothing, and gets -1 for what no canister has', async () => {
    expect(await grow('nothing', 0n)).toBeUndefined();
    expect(await grow('too_much', 0n)).toBeUndefined();
});

test.each(['I', 'G', 'Ry', 'Rt', 'C', 'NRQ', 'RQ'] as const)('context %s is not held back', async (context) => {
    expect(await grow('heap', 0n, { context })).toBeUndefined();
    expect(await grow('stable', 0n, { context })).toBeUndefined();
});

test('timers and heartbeats are', async () => {
    expect(await grow('heap', 0n, { context: 'T' })).toMatchObject({ code: 'InsufficientCyclesInMemoryGrow' });
});

test('the smaller of both limits stops the heap, and names itself', async () => {
    const limit = { wasmMemoryLimit: 2n * PAGE };
    expect(await grow('heap', used + 2n * PAGE, limit)).toMatchObject({ code: 'CanisterWasmMemoryLimitExceeded' });
    expect(await grow('heap', used, { wasmMemoryLimit: 3n * PAGE })).toMatchObject({
        code: 'InsufficientCyclesInMemoryGrow'
    });
});

test('the machine has no room: the heap, which is held twice, and what is written to stable memory (IC0507)', async () => {
    const enough = { roomBytes: 4n * PAGE, memoryUse: undefined };
    const output = run(await openWat(MODULE), 'canister_update heap', enough);
    expect([output.trap, output.roomTaken]).toEqual([undefined, 4n * PAGE]);
    const short = { roomBytes: 4n * PAGE - 1n, memoryUse: undefined };
    expect(await grow('heap', 0n, short)).toMatchObject({
        code: 'CanisterOutOfMemory',
        message: expect.stringMatching(/^Canister cannot grow its memory usage\.\n/)
    });
    // In any context: queries take room, too, as long as they last.
    expect(await grow('heap', 0n, { ...short, context: 'NRQ' })).toMatchObject({ code: 'CanisterOutOfMemory' });
    expect(await grow('nothing', 0n, { ...short, roomBytes: 0n })).toBeUndefined();
    const stable = `(module (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
        (import "ic0" "stable64_write" (func $write (param i64 i64 i64))) (memory 1)
        (func (export "canister_update m") (drop (call $grow (i64.const 1000)))
            (call $write (i64.const 0) (i64.const 0) (i64.const 65536))
            (call $write (i64.const 655360) (i64.const 0) (i64.const 65536))))`;
    const written = run(await openWat(stable), 'canister_update m', { roomBytes: 2n * PAGE });
    expect([written.trap, written.roomTaken]).toEqual([undefined, 2n * PAGE]);
    const tooMuch = run(await openWat(stable), 'canister_update m', { roomBytes: 2n * PAGE - 1n });
    expect(tooMuch.trap?.code).toBe('CanisterOutOfMemory');
});
