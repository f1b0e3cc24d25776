/** Installing and upgrading: start function, shared stable memory, kept heap. */
import { installModule, type Installation, type LoadedModule } from '../../../src/replica/execution';
import { INPUT, loadWat, replyNumbers, run, runBracketed } from './support/canister';

type Installed = Extract<Installation, { ok: true }>;

const IMPORTS = `
    (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
    (import "ic0" "stable64_size" (func $stable_size (result i64)))
    (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
    (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))`;

/** Keeps a number on the heap and one in stable memory; `hook` is the body of canister_post_upgrade. */
function counter(pages: number, hook = ''): string {
    return `(module ${IMPORTS} (memory ${pages})
        (func (export "canister_init") (drop (call $stable_grow (i64.const 1))) (call $put (i64.const 1)))
        (func $put (param i64) (i64.store (i32.const 8) (local.get 0)) (call $stable_write (i64.const 0) (i64.const 8) (i64.const 8)))
        (func (export "canister_pre_upgrade") (call $put (i64.const 77)) (i64.store (i32.const 0) (i64.const 77)))
        (func (export "canister_post_upgrade") ${hook})
        (func (export "canister_query state")
            (call $stable_read (i64.const 8) (i64.const 0) (i64.const 8)) (i64.store (i32.const 16) (call $stable_size))
            (call $append (i32.const 0) (i32.const 24)) (call $reply))
        (func (export "canister_update set") (i64.store (i32.const 0) (i64.const 5))))`;
}

function install(module: LoadedModule): Installed {
    const installation = installModule({ module, start: INPUT });
    if (!installation.ok) throw new TypeError(installation.trap.message);
    return installation;
}

async function installedCounter(): Promise<Installed['sandbox']> {
    const { sandbox } = install(await loadWat(counter(1)));
    run(sandbox, 'canister_init', { context: 'I' });
    sandbox.commit();
    runBracketed(sandbox, 'canister_update set');
    return sandbox;
}

const stateOf = (sandbox: Installed['sandbox']): bigint[] =>
    replyNumbers(runBracketed(sandbox, 'canister_query state', { context: 'NRQ' }));

test('the start function runs once, in its own context and metered', async () => {
    const { sandbox, start } = install(
        await loadWat(`(module ${IMPORTS} (memory 1) (global $runs (mut i64) (i64.const 0)) (start $s)
            (func $s (global.set $runs (i64.add (global.get $runs) (i64.const 1))))
            (func (export "canister_query runs") (i64.store (i32.const 0) (global.get $runs)) (call $append (i32.const 0) (i32.const 8)) (call $reply)))`)
    );
    // 1 + global.get 2 + const 1 + add 1 + global.set 2
    expect(start?.instructions).toBe(7n);
    sandbox.commit();
    expect(replyNumbers(runBracketed(sandbox, 'canister_query runs'))).toEqual([1n]);
});

test('a start function that traps or calls what it may not fails the installation', async () => {
    const trapping = installModule({ module: await loadWat('(module (start 0) (func unreachable))'), start: INPUT });
    expect(!trapping.ok && trapping.trap.code).toBe('CanisterTrapped');
    const text = '(module (import "ic0" "time" (func $t (result i64))) (start 1) (func (drop (call $t))))';
    const calling = installModule({ module: await loadWat(text), start: INPUT });
    expect(!calling.ok && calling.trap.message).toContain('cannot be executed in start mode');
    const endless = installModule({ module: await loadWat('(module (start 0) (func (loop br 0)))'), start: INPUT });
    expect(!endless.ok && [endless.trap.code, endless.instructions]).toEqual([
        'CanisterInstructionLimitExceeded',
        INPUT.instructionLimit
    ]);
});

test('segments that do not fit make the module invalid', async () => {
    const text = '(module (memory 1) (data (i32.const 65536) "x"))';
    const installation = installModule({ module: await loadWat(text), start: INPUT });
    expect(!installation.ok && installation.trap.code).toBe('CanisterInvalidWasm');
});

test('an upgrade keeps stable memory and starts with a fresh heap', async () => {
    const old = await installedCounter();
    old.begin();
    expect(run(old, 'canister_pre_upgrade', { context: 'G' }).trap).toBeUndefined();
    const next = installModule({ module: await loadWat(counter(2)), upgradeOf: old, start: INPUT });
    if (!next.ok) throw new TypeError(next.trap.message);
    expect(run(next.sandbox, 'canister_post_upgrade', { context: 'I' }).trap).toBeUndefined();
    next.sandbox.commit();
    old.commit();
    old.dispose();
    expect(stateOf(next.sandbox)).toEqual([0n, 77n, 1n]);
    // The new one owns its brackets now.
    next.sandbox.begin();
    run(next.sandbox, 'canister_pre_upgrade', { context: 'G' });
    next.sandbox.rollback();
    expect(stateOf(next.sandbox)).toEqual([0n, 77n, 1n]);
});

test('a failed upgrade leaves the old canister as it was, stable memory included', async () => {
    const old = await installedCounter();
    const before = stateOf(old);
    const spoil = `(drop (call $stable_grow (i64.const 3))) (i64.store (i32.const 64) (i64.const 9))
        (call $stable_write (i64.const 0) (i64.const 64) (i64.const 8)) (call $stable_write (i64.const 70000) (i64.const 64) (i64.const 8)) unreachable`;
    old.begin();
    run(old, 'canister_pre_upgrade', { context: 'G' });
    const next = installModule({ module: await loadWat(counter(1, spoil)), upgradeOf: old, start: INPUT });
    if (!next.ok) throw new TypeError(next.trap.message);
    expect(run(next.sandbox, 'canister_post_upgrade', { context: 'I' }).trap?.code).toBe('CanisterTrapped');
    next.sandbox.dispose();
    old.rollback();
    expect(stateOf(old)).toEqual(before);
    expect(before).toEqual([5n, 1n, 1n]);
});

test('an upgrade that keeps the heap carries it on', async () => {
    const old = await installedCounter();
    old.begin();
    const next = installModule({ module: await loadWat(counter(3)), upgradeOf: old, keepsHeap: true, start: INPUT });
    if (!next.ok) throw new TypeError(next.trap.message);
    next.sandbox.commit();
    old.commit();
    expect(stateOf(next.sandbox)).toEqual([5n, 1n, 1n]);
    expect(next.sandbox.heapBytes()).toBe(3 * 65_536);
});

test('instances of one module do not share anything', async () => {
    const module = await loadWat(counter(1));
    const [first, second] = [install(module).sandbox, install(module).sandbox];
    for (const sandbox of [first, second]) run(sandbox, 'canister_init', { context: 'I' });
    run(first, 'canister_update set');
    first.commit();
    second.commit();
    expect([stateOf(first)[0], stateOf(second)[0]]).toEqual([5n, 0n]);
});

test('a machine without memory for another instance makes the installation fail, and with its own code', async () => {
    const module = await loadWat(counter(1));
    const { Instance } = WebAssembly;
    const full = jest.spyOn(WebAssembly, 'Instance').mockImplementation(() => {
        throw new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance');
    });
    const failed = installModule({ module, start: INPUT });
    full.mockRestore();
    expect(WebAssembly.Instance).toBe(Instance);
    expect(!failed.ok && failed.trap).toMatchObject({
        code: 'CanisterOutOfMemory',
        message: expect.stringMatching(/^Canister cannot grow its memory usage\./)
    });
    expect(installModule({ module, start: INPUT }).ok).toBe(true);
});
