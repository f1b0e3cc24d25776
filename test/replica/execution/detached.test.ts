/** An execution on a copy of a canister changes the canister as one in its place does. */
import fc from 'fast-check';
import { attachSandbox, createSandbox, executeDetached, type ExecutionInput } from '../../../src/replica/execution';
import { INPUT, loadWat, runBracketed } from './support/canister';
import { bracket, CHANGES, STATEFUL, stateOf } from './support/stateful';

type Sandbox = ReturnType<typeof createSandbox>;

const inputOf = (name: string, input: Partial<ExecutionInput> = {}): ExecutionInput => ({
    ...INPUT,
    context: 'U',
    entry: { export: name },
    ...input
});

/** As in another thread: what goes there and comes back is cloned, but for the functions of the input. */
function elsewhere(sandbox: Sandbox, input: ExecutionInput): ReturnType<typeof executeDetached> {
    const state = sandbox.detach();
    if (state === undefined) throw new TypeError('cannot be detached');
    const result = structuredClone(executeDetached(structuredClone(state), input));
    sandbox.begin();
    if (result.changes === undefined) sandbox.rollback();
    else {
        expect(sandbox.adopt(result.changes)).toBe(true);
        sandbox.commit();
    }
    return result;
}

test('whatever changes where, in whichever order, and whatever is rolled back between', async () => {
    const module = await loadWat(STATEFUL);
    const step = fc.record({
        method: fc.constantFrom(...CHANGES.filter((change) => change !== 'drop')),
        where: fc.constantFrom('here', 'elsewhere', 'rolled back')
    });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
            const [mixed, direct] = [createSandbox(module), createSandbox(module)];
            for (const { method, where } of steps) {
                if (where === 'rolled back') bracket(mixed, [method], 'rollback');
                else bracket(direct, [method], 'commit');
                if (where === 'here') bracket(mixed, [method], 'commit');
                if (where === 'elsewhere') elsewhere(mixed, inputOf(`canister_update ${method}`));
            }
            expect(stateOf(mixed)).toEqual(stateOf(direct));
            bracket(mixed, CHANGES, 'rollback');
            expect(stateOf(mixed)).toEqual(stateOf(direct));
        }),
        { numRuns: 60 }
    );
});

test('a copy is of the state of its moment, whatever changes here before it is sent', async () => {
    const module = await loadWat(STATEFUL);
    const changes = fc.array(fc.constantFrom(...CHANGES.filter((change) => change !== 'drop')), { maxLength: 6 });
    fc.assert(
        fc.property(changes, fc.array(changes, { maxLength: 4 }), (before, after) => {
            const [changing, still] = [createSandbox(module), createSandbox(module)];
            bracket(changing, before, 'commit');
            bracket(still, before, 'commit');
            const state = changing.detach();
            expect(changing.detach()).toBe(state);
            for (const more of after) {
                bracket(changing, more, 'commit');
                bracket(changing, CHANGES, 'rollback');
            }
            if (state === undefined) throw new TypeError('cannot be detached');
            expect(stateOf(attachSandbox(structuredClone(state)))).toEqual(stateOf(still));
            for (const more of after) bracket(still, more, 'commit');
            expect(stateOf(changing)).toEqual(stateOf(still));
        }),
        { numRuns: 60 }
    );
});

test('outputs, traps and instructions are those of an execution in place; a trap and a replicated query change nothing', async () => {
    const module = await loadWat(`(module
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
        (memory 1) (global $sp (mut i32) (i32.const 500))
        (func (export "canister_update fail") (global.set $sp (i32.const 1)) (i32.store (i32.const 0) (i32.const 7)) unreachable)
        (func (export "canister_update loop") (loop $l (i32.store (i32.const 0) (i32.const 7)) (br $l)))
        (func (export "canister_query read")
            (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (global.get $sp)))
            (call $append (i32.const 0) (i32.const 8)) (call $reply)))`);
    const [copied, direct] = [createSandbox(module), createSandbox(module)];
    for (const [method, context] of [
        ['canister_update fail', 'U'],
        ['canister_update loop', 'U'],
        ['canister_query read', 'RQ'],
        ['canister_query read', 'U'],
        ['canister_query read', 'U']
    ] as const) {
        const result = elsewhere(copied, inputOf(method, { context }));
        direct.begin();
        const output = direct.execute(inputOf(method, { context }));
        if (output.trap !== undefined || context === 'RQ') direct.rollback();
        else direct.commit();
        expect(result.output).toEqual(structuredClone(output));
        expect(result.changes === undefined).toBe(output.trap !== undefined || context === 'RQ');
    }
});

test('stable memory of any extent goes and comes by its written pages', async () => {
    const module = await loadWat(`(module
        (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
        (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
        (memory 4) (data (i32.const 0) "abc")
        (func (export "canister_update grow") (drop (call $grow (i64.const 1000000))) (call $write (i64.const 65000000000) (i64.const 0) (i64.const 3)))
        (func (export "canister_update write")
            (call $write (i64.const 65530) (i64.const 0) (i64.const 200000))
            (call $write (i64.const 60000000000) (i64.const 0) (i64.const 3))))`);
    const sandbox = createSandbox(module);
    const grown = elsewhere(sandbox, inputOf('canister_update grow'));
    expect(grown.changes?.stable.written).toHaveLength(1);
    const written = elsewhere(sandbox, inputOf('canister_update write'));
    expect(written.changes?.stable.written.map(([offset, bytes]) => [offset, bytes.length])).toEqual([
        [61_440, 204_800],
        [59_999_997_952, 4_096]
    ]);
    const read = (offset: number): string => {
        const bytes = new Uint8Array(3);
        sandbox.stable.read(offset, bytes);
        return Buffer.from(bytes).toString();
    };
    expect([65_530, 60_000_000_000, 65_000_000_000].map(read)).toEqual(['abc', 'abc', 'abc']);
    expect(sandbox.stable.pages).toBe(1_000_000);
});

test('a reserved heap of gigabytes is copied by what was written to it', async () => {
    const sandbox = createSandbox(
        await loadWat(`(module (memory 1)
            (func (export "canister_update reserve") (drop (memory.grow (i32.const 30000))) (i32.store (i32.const 1966080000) (i32.const 7)))
            (func (export "canister_update check") (if (i32.ne (i32.load (i32.const 1966080000)) (i32.const 7)) (then unreachable))))`)
    );
    const before = process.memoryUsage().rss;
    elsewhere(sandbox, inputOf('canister_update reserve'));
    expect(runBracketed(sandbox, 'canister_update check').trap).toBeUndefined();
    expect(elsewhere(sandbox, inputOf('canister_update check')).output.trap).toBeUndefined();
    expect(sandbox.detach()?.heap.written.length).toBeLessThan(4);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
});
