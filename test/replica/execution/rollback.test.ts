/** A rolled back bracket leaves nothing behind (replica.md h.3). */
import fc from 'fast-check';
import { createSandbox } from '../../../src/replica/execution';
import { loadWat, replyNumbers, run, runBracketed } from './support/canister';
import { bracket, CHANGES, STATEFUL, stateOf } from './support/stateful';

test.each(CHANGES.filter((change) => change !== 'drop'))('%s: kept by commit, undone by rollback', async (change) => {
    const sandbox = createSandbox(await loadWat(STATEFUL));
    const before = stateOf(sandbox);
    bracket(sandbox, [change], 'rollback');
    expect(stateOf(sandbox)).toEqual(before);
    bracket(sandbox, [change], 'commit');
    const after = stateOf(sandbox);
    expect(after).not.toEqual(before);
    bracket(sandbox, [change, change], 'rollback');
    expect(stateOf(sandbox)).toEqual(after);
});

test('dropped segments are back after a rollback', async () => {
    const sandbox = createSandbox(await loadWat(STATEFUL));
    bracket(sandbox, ['drop'], 'rollback');
    bracket(sandbox, ['init_dropped'], 'rollback');
    bracket(sandbox, ['drop'], 'commit');
    expect(runBracketed(sandbox, 'canister_update init_dropped').trap?.code).toBe('CanisterTrapped');
});

test('whatever the order of brackets, only committed ones count', async () => {
    const module = await loadWat(STATEFUL);
    const step = fc.record({
        methods: fc.array(fc.constantFrom(...CHANGES), { minLength: 1, maxLength: 4 }),
        end: fc.constantFrom('commit' as const, 'rollback' as const)
    });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
            const [mixed, committed] = [createSandbox(module), createSandbox(module)];
            for (const { methods, end } of steps) {
                bracket(mixed, methods, end);
                if (end === 'commit') bracket(committed, methods, 'commit');
            }
            expect(stateOf(mixed)).toEqual(stateOf(committed));
        }),
        { numRuns: 60 }
    );
});

test('several executions share a bracket', async () => {
    const sandbox = createSandbox(await loadWat(STATEFUL));
    const before = stateOf(sandbox);
    sandbox.begin();
    run(sandbox, 'canister_update heap');
    run(sandbox, 'canister_update heap');
    expect(replyNumbers(run(sandbox, 'canister_query state'))[0]).toBe(2n);
    sandbox.rollback();
    expect(stateOf(sandbox)).toEqual(before);
});

test('a trap in the middle is undone like a finished execution', async () => {
    const sandbox = createSandbox(
        await loadWat(`(module
            (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
            (memory 1) (global $sp (mut i32) (i32.const 500))
            (func (export "canister_update fail") (global.set $sp (i32.const 1)) (i32.store (i32.const 0) (i32.const 7)) unreachable)
            (func (export "canister_query read") (i32.store (i32.const 4) (global.get $sp))
                (call $append (i32.const 0) (i32.const 8)) (call $reply)))`)
    );
    expect(runBracketed(sandbox, 'canister_update fail').trap?.code).toBe('CanisterTrapped');
    expect(replyNumbers(runBracketed(sandbox, 'canister_query read'))).toEqual([500n << 32n]);
});

test('the protocol of brackets is enforced', async () => {
    const sandbox = createSandbox(await loadWat(STATEFUL));
    const misuse = expect.objectContaining({ name: 'SandboxMisuse' });
    expect(() => run(sandbox, 'canister_update heap')).toThrow(misuse);
    expect(() => sandbox.commit()).toThrow(misuse);
    sandbox.begin();
    expect(() => sandbox.begin()).toThrow(misuse);
    sandbox.rollback();
    sandbox.dispose();
    expect(() => sandbox.begin()).toThrow(misuse);
});

test('sizes are reported', async () => {
    const sandbox = createSandbox(await loadWat(STATEFUL));
    bracket(sandbox, ['grow', 'stable', 'stable_grow'], 'commit');
    expect([sandbox.heapBytes(), sandbox.stableBytes()]).toEqual([3 * 65_536, 2 * 65_536]);
});

test('reserved memory that nobody writes to costs the host next to nothing', async () => {
    const sandbox = createSandbox(
        await loadWat(`(module (memory 1)
            (func (export "canister_update reserve") (drop (memory.grow (i32.const 30000))) (i32.store (i32.const 1966080000) (i32.const 7)))
            (func (export "canister_update fail") (i32.store (i32.const 1966080000) (i32.const 8)) unreachable)
            (func (export "canister_update check") (if (i32.ne (i32.load (i32.const 1966080000)) (i32.const 7)) (then unreachable))))`)
    );
    const before = process.memoryUsage().rss;
    bracket(sandbox, ['reserve'], 'commit');
    expect(runBracketed(sandbox, 'canister_update fail').trap?.code).toBe('CanisterTrapped');
    expect(runBracketed(sandbox, 'canister_update check').trap).toBeUndefined();
    bracket(sandbox, ['reserve'], 'rollback');
    expect(runBracketed(sandbox, 'canister_update check').trap).toBeUndefined();
    expect(sandbox.heapBytes()).toBe(30_001 * 65_536);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
});
