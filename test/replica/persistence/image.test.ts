/** A network that is written down and read again goes on as if nothing had happened. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { NetworkInput } from '../../../src/replica/ic';
import { counterWasm } from '../http/support/counter_canister';
import * as s from '../ic/support/script';
import { reopenedFrom, stateOf } from '../ic/support/state';
import {
    alice,
    assemble,
    managementId,
    newNetwork,
    replied,
    repliedText,
    scripted,
    type TestNetwork,
    trillion
} from '../ic/support/network';

let wasm: Uint8Array;
let folder: string;
beforeAll(async () => {
    wasm = await scripted('heartbeat');
});
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-image-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const reopened = (network: TestNetwork): TestNetwork => reopenedFrom(join(folder, 'checkpoint'), network);

test('images: code, heap, stable memory, timers, logs, history and certified data come back', () => {
    const before = newNetwork();
    const a = before.deploy(wasm);
    const script = s.seq(s.add(7), s.stableWrite('stable'), s.certify('data'), s.print('log'), s.reply());
    replied(before.run(a, script));
    replied(before.run(a, s.seq(s.onTimer(s.add(100)), s.setTimer(before.ic.currentTimeNs() + 1_000n), s.reply())));
    const after = reopened(before);
    expect(stateOf(after)).toEqual(stateOf(before));
    expect(after.logs(a)).toEqual(['log']);
    after.ic.setTime(after.ic.currentTimeNs() + 2_000n);
    after.ic.runUntilIdle();
    expect(Buffer.from(replied(after.run(a, s.seq(s.appendCounter, s.reply())))).readUInt32LE()).toBe(107);
    expect(repliedText(after.run(a, s.seq(s.appendStable, s.reply())))).toBe('stable\0\0');
});

test('images: calls under way, waiting stops, randomness and outcalls go on where they were', () => {
    const before = newNetwork();
    const [a, b] = [before.deploy(wasm), before.deploy(wasm)];
    const onReply = s.seq(s.appendArgument, s.reply());
    const random = s.call({ to: managementId, method: 'raw_rand', onReply });
    const [, outer] = before.submit({ to: a, method: 'run', argument: s.call({ to: b, argument: random, onReply }) });
    before.ic.runRound();
    const stop = before.manageLater('stop_canister', b);
    expect(before.ic.ingressStatus(outer).kind).toBe('processing');
    const after = reopened(before);
    for (const network of [before, after]) network.ic.runUntilIdle();
    expect(after.ic.ingressStatus(outer)).toEqual(before.ic.ingressStatus(outer));
    expect(after.ic.ingressStatus(outer).kind).toBe('replied');
    expect(after.ic.ingressStatus(stop).kind).toBe('replied');
    expect(stateOf(after)).toEqual(stateOf(before));
});

test('images: tables that a module has changed, and snapshots', async () => {
    const table = await assemble(`(module
        (import "ic0" "msg_reply" (func $reply))
        (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
        (memory 1) (data (i32.const 0) "onetwo") (table 2 funcref)
        (type $f (func))
        (func $one (call $append (i32.const 0) (i32.const 3)))
        (func $two (call $append (i32.const 3) (i32.const 3)))
        (elem (i32.const 0) $one $two)
        (func (export "canister_update swap")
            (table.set 0 (i32.const 0) (table.get 0 (i32.const 1))) (call $reply))
        (func (export "canister_query which") (call_indirect (type $f) (i32.const 0)) (call $reply)))`);
    const before = newNetwork();
    const a = before.deploy(table);
    replied(before.lifecycle('take_canister_snapshot', a));
    replied(before.send({ to: a, method: 'swap' }));
    const after = reopened(before);
    expect(stateOf(after)).toEqual(stateOf(before));
    expect(repliedText(after.ask(a, new Uint8Array(), 'which'))).toBe('two');
});

test('images: deleted ids stay deleted, requests stay known, the next id is the next', () => {
    const before = newNetwork();
    const a = before.create();
    replied(before.lifecycle('stop_canister', a));
    replied(before.lifecycle('delete_canister', a));
    const after = reopened(before);
    expect(after.ic.defaultEffectiveCanisterId()).toEqual(before.ic.defaultEffectiveCanisterId());
    expect(after.create()).not.toEqual(a);
    expect([...after.ic.requests()].length).toBeGreaterThan(2);
});

test('journals: the same inputs make the same state, through any number of checkpoints', async () => {
    const counter = await counterWasm();
    const step = fc.oneof(
        fc.record({ kind: fc.constant('run' as const), to: fc.nat(1), amount: fc.nat(50) }),
        fc.record({ kind: fc.constant('call' as const), to: fc.nat(1), amount: fc.nat(50) }),
        fc.record({ kind: fc.constant('trap' as const), to: fc.nat(1), amount: fc.nat(50) }),
        fc.record({ kind: fc.constant('time' as const), to: fc.nat(1), amount: fc.nat(5_000) }),
        fc.record({ kind: fc.constant('cycles' as const), to: fc.nat(1), amount: fc.nat(50) }),
        fc.record({ kind: fc.constant('install' as const), to: fc.nat(1), amount: fc.nat(1) }),
        fc.record({ kind: fc.constant('reopen' as const), to: fc.nat(1), amount: fc.nat(1) })
    );
    fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
            const inputs: NetworkInput[] = [];
            let network = newNetwork();
            network.ic.recordInputs((input) => inputs.push(structuredClone(input)));
            const ids = [network.deploy(wasm), network.deploy(wasm, 50n * trillion)];
            for (const { kind, to, amount } of steps) {
                const target = ids[to] ?? alice;
                const other = ids[1 - to] ?? alice;
                if (kind === 'run') network.run(target, s.seq(s.add(amount), s.stableWrite(`${amount}`), s.reply()));
                if (kind === 'call') network.run(target, s.call({ to: other, argument: s.add(amount), cycles: 5n }));
                if (kind === 'trap') network.run(target, s.seq(s.add(amount), s.trap('no')));
                if (kind === 'time') network.ic.setTime(network.ic.currentTimeNs() + BigInt(amount) * 1_000_000_000n);
                if (kind === 'time') network.ic.runRound();
                if (kind === 'cycles') network.ic.addCycles(target, BigInt(amount));
                if (kind === 'install') network.install(target, amount === 0 ? wasm : counter, { mode: 'reinstall' });
                if (kind === 'reopen') {
                    network = reopened(network);
                    network.ic.recordInputs((input) => inputs.push(structuredClone(input)));
                }
            }
            const replayed = newNetwork();
            for (const input of inputs) replayed.ic.replay(input);
            expect(stateOf(replayed)).toEqual(stateOf(network));
        }),
        { numRuns: 25 }
    );
});
