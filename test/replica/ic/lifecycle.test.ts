import * as s from './support/script';
import { alice, bob, codeOf, newNetwork, replied, repliedText, scripted, type TestNetwork } from './support/network';

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

const management = new Uint8Array(0);
const statusKind = (canister: Uint8Array): string | undefined => Object.keys(network.status(canister).status)[0];
const counterOf = (canister: Uint8Array): number =>
    Buffer.from(replied(network.ask(canister, s.seq(s.appendCounter, s.reply())))).readUInt32LE();
/** Answered one round later, so that a call stays open in between. */
const slowly = (then: Uint8Array): Uint8Array => s.call({ to: management, method: 'raw_rand', onReply: then });

test('lifecycle: a canister with open calls stops when they are answered, and takes no new ones meanwhile', () => {
    const a = network.deploy(wasm);
    const [, open] = network.submit({ to: a, method: 'run', argument: slowly(s.reply('answered')) });
    network.ic.runRound();
    const stopping = network.manageLater('stop_canister', a);
    // Everything of this round comes after the answer of raw_rand, so the call is over before the stop.
    network.ic.runRound();
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0508');
    expect(repliedText(network.ic.ingressStatus(open))).toBe('answered');
    expect(network.ic.ingressStatus(stopping).kind).toBe('replied');
    expect(statusKind(a)).toBe('stopped');
});

test('lifecycle: a canister that waits for itself keeps stopping until the request times out', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    // While a waits for its own stop, its call stays open, and so it cannot stop.
    replied(network.update(a, { controllers: [[network.principal(alice), network.principal(a)]] }));
    const stopSelf = s.call({
        to: management,
        method: 'stop_canister',
        argument: network.canisterArgument(a),
        onReject: s.seq(s.appendRejectCode, s.reply())
    });
    const [, open] = network.submit({ to: a, method: 'run', argument: stopSelf });
    network.ic.runUntilIdle();
    expect(statusKind(a)).toBe('stopping');
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0509');
    const toStopping = s.call({ to: a, onReject: s.seq(s.appendRejectMessage, s.reply()) });
    expect(repliedText(network.run(b, toStopping))).toMatch(/is stopping$/);
    network.ic.setTime(network.ic.currentTimeNs() + 301_000_000_000n);
    network.ic.runUntilIdle();
    expect(Buffer.from(replied(network.ic.ingressStatus(open))).readUInt32LE()).toBe(2);
    expect(statusKind(a)).toBe('stopped');
});

test('lifecycle: starting a stopping canister cancels the stop', () => {
    const a = network.deploy(wasm);
    replied(network.update(a, { controllers: [[network.principal(alice), network.principal(a)]] }));
    const stopSelf = s.call({
        to: management,
        method: 'stop_canister',
        argument: network.canisterArgument(a),
        onReject: s.seq(s.appendRejectMessage, s.reply())
    });
    const [, open] = network.submit({ to: a, method: 'run', argument: stopSelf });
    network.ic.runUntilIdle();
    replied(network.lifecycle('start_canister', a));
    network.ic.runUntilIdle();
    expect(repliedText(network.ic.ingressStatus(open))).toMatch(/cancelled/);
    expect(statusKind(a)).toBe('running');
});

test('lifecycle: a stopped canister answers neither updates nor queries, and runs again after a start', () => {
    const a = network.deploy(wasm);
    replied(network.lifecycle('stop_canister', a));
    replied(network.lifecycle('stop_canister', a));
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0508');
    expect(codeOf(network.ask(a, s.reply()))).toBe('IC0508');
    replied(network.lifecycle('start_canister', a));
    expect(repliedText(network.run(a, s.reply('back')))).toBe('back');
});

test('lifecycle: uninstalling rejects the open calls and keeps balance and controllers', () => {
    const a = network.deploy(wasm);
    const [, open] = network.submit({ to: a, method: 'run', argument: slowly(s.reply('never')) });
    network.ic.runRound();
    replied(network.lifecycle('uninstall_code', a));
    expect(network.ic.ingressStatus(open)).toMatchObject({
        rejection: { rejectCode: 4, message: 'Canister has been uninstalled.' }
    });
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0537');
    const status = network.status(a);
    expect(status.module_hash).toEqual([]);
    expect(status.cycles).toBeGreaterThan(0n);
    replied(network.install(a, wasm));
    expect(counterOf(a)).toBe(0);
});

test('lifecycle: only a stopped canister is deleted, and its id never comes back', () => {
    const a = network.deploy(wasm);
    expect(codeOf(network.lifecycle('delete_canister', a))).toBe('IC0510');
    replied(network.lifecycle('stop_canister', a));
    replied(network.lifecycle('delete_canister', a));
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0301');
    expect(codeOf(network.createAt(a))).toBe('IC0538');
});

test('lifecycle: only controllers control', () => {
    const a = network.deploy(wasm);
    for (const method of ['start_canister', 'stop_canister', 'uninstall_code', 'delete_canister', 'canister_status']) {
        expect(codeOf(network.lifecycle(method, a, bob))).toBe('IC0512');
    }
    expect(codeOf(network.install(a, wasm, { mode: 'reinstall', from: bob }))).toBe('IC0512');
    expect(codeOf(network.update(a, {}, bob))).toBe('IC0512');
});

test('lifecycle: installing over code is refused, reinstalling wipes heap, stable memory and certified data', () => {
    const a = network.deploy(wasm);
    replied(network.run(a, s.seq(s.add(3), s.stableWrite('12345678'), s.certify('tip'), s.reply())));
    expect(codeOf(network.install(a, wasm))).toBe('IC0514');
    replied(network.install(a, wasm, { mode: 'reinstall' }));
    expect(counterOf(a)).toBe(0);
    expect(network.ic.stableMemory(a)?.length).toBe(0);
    expect(network.ic.canister(a)?.certifiedData.length).toBe(0);
});

test('lifecycle: an upgrade keeps stable memory and certified data and drops heap and timer', () => {
    const a = network.deploy(wasm);
    const onUpgrade = s.onPreUpgrade(s.stableWrite('upgraded'));
    const later = network.ic.currentTimeNs() + 10_000_000_000n;
    replied(network.run(a, s.seq(s.add(3), s.certify('tip'), onUpgrade, s.setTimer(later), s.reply())));
    const versionBefore = network.status(a).version;
    replied(network.install(a, wasm, { mode: 'upgrade', argument: s.add(40) }));
    expect(counterOf(a)).toBe(40);
    expect(repliedText(network.ask(a, s.seq(s.appendStable, s.reply())))).toBe('upgraded');
    expect(Buffer.from(network.ic.canister(a)?.certifiedData ?? []).toString()).toBe('tip');
    expect(network.ic.nextTimerNs()).toBeUndefined();
    expect(network.status(a).version).toBe(versionBefore + 1n);
});

test.each([
    ['pre_upgrade', s.onPreUpgrade(s.seq(s.stableWrite('bad mem!'), s.trap('pre'))), s.seq()],
    ['post_upgrade', s.onPreUpgrade(s.stableWrite('bad mem!')), s.seq(s.stableWrite('worse...'), s.trap('post'))]
])(
    'lifecycle: a trap in %s leaves code, heap, stable memory, timer and version as they were',
    (_, before, argument) => {
        const a = network.deploy(wasm);
        const later = network.ic.currentTimeNs() + 10_000_000_000n;
        replied(network.run(a, s.seq(s.add(3), s.stableWrite('kept....'), before, s.setTimer(later), s.reply())));
        const view = network.ic.canister(a);
        const { version } = network.status(a);
        expect(codeOf(network.install(a, wasm, { mode: 'upgrade', argument }))).toBe('IC0503');
        expect(counterOf(a)).toBe(3);
        expect(repliedText(network.ask(a, s.seq(s.appendStable, s.reply())))).toBe('kept....');
        expect(network.ic.nextTimerNs()).toBe(later);
        expect(network.status(a).version).toBe(version);
        expect(network.ic.canister(a)).toEqual(view);
    }
);

test('lifecycle: a trap in init leaves the canister empty', () => {
    const a = network.create();
    expect(codeOf(network.install(a, wasm, { argument: s.trap('init') }))).toBe('IC0503');
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0537');
});

test('lifecycle: bytes that are no module are refused', () => {
    const a = network.create();
    expect(codeOf(network.install(a, new Uint8Array([1, 2, 3])))).toBe('IC0505');
});

test('lifecycle: a canister that cannot pay its rent loses its code', () => {
    const a = network.deploy(wasm, 2_000_000_000_000n);
    replied(network.update(a, { freezing_threshold: [0n], compute_allocation: [100n] }));
    network.ic.setTime(network.ic.currentTimeNs() + 86_400_000_000_000n);
    network.ic.runUntilIdle();
    network.ic.runRound();
    expect(network.ic.cycles(a)).toBe(0n);
    expect(network.ic.canister(a)?.moduleHash).toBeUndefined();
});
