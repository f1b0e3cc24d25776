import * as s from './support/script';
import { codeOf, newNetwork, replied, repliedText, scripted, type TestNetwork } from './support/network';

let plain: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    plain = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

const counterOf = (canister: Uint8Array): number =>
    Buffer.from(replied(network.ask(canister, s.seq(s.appendCounter, s.reply())))).readUInt32LE();
const second = 1_000_000_000n;

test('time: a round at an unmoved clock advances it by one nanosecond', () => {
    const start = network.ic.currentTimeNs();
    expect(network.ic.certifiedTimeNs()).toBe(start);
    network.ic.runRound();
    expect([network.ic.currentTimeNs(), network.ic.certifiedTimeNs()]).toEqual([start + 1n, start + 1n]);
});

test('time: setTime is invisible to queries until a round, setCertifiedTime is visible at once', () => {
    const a = network.deploy(plain);
    const timeSeen = (): bigint =>
        Buffer.from(replied(network.ask(a, s.seq(s.appendTime, s.reply())))).readBigUInt64LE();
    const last = network.ic.certifiedTimeNs();
    expect(network.ic.setTime(last + second)).toBe(true);
    expect(timeSeen()).toBe(last);
    network.ic.runRound();
    expect(timeSeen()).toBe(last + second);
    expect(network.ic.setCertifiedTime(last + 2n * second)).toBe(true);
    expect([timeSeen(), network.ic.currentTimeNs()]).toEqual([last + 2n * second, last + 2n * second]);
});

test('time: the clock does not go back', () => {
    const now = network.ic.currentTimeNs();
    expect(network.ic.setTime(now - 1n)).toBe(false);
    expect(network.ic.setCertifiedTime(now - 1n)).toBe(false);
    expect(network.ic.currentTimeNs()).toBe(now);
});

test('timer: fires once, when its time has come', () => {
    const a = network.deploy(plain);
    const at = network.ic.currentTimeNs() + 10n * second;
    replied(network.run(a, s.seq(s.onTimer(s.add(1)), s.setTimer(at), s.reply())));
    expect(network.ic.nextTimerNs()).toBe(at);
    network.ic.setTime(at - 1n);
    network.ic.runRound();
    expect(counterOf(a)).toBe(0);
    network.ic.setTime(at);
    expect(network.ic.hasWork()).toBe(true);
    network.ic.runRound();
    network.ic.runRound();
    expect(counterOf(a)).toBe(1);
    expect(network.ic.nextTimerNs()).toBeUndefined();
});

test('timer: may call, and may arm itself again', () => {
    const [a, b] = [network.deploy(plain), network.deploy(plain)];
    const start = network.ic.currentTimeNs() + second;
    const work = s.seq(
        s.call({ to: b, argument: s.seq(s.add(1), s.reply()), onReply: s.add(1) }),
        s.setTimer(start + second)
    );
    replied(network.run(a, s.seq(s.onTimer(work), s.setTimer(start), s.reply())));
    network.ic.setTime(start);
    network.ic.runUntilIdle();
    expect([counterOf(a), counterOf(b)]).toEqual([1, 1]);
    expect(network.ic.nextTimerNs()).toBe(start + second);
});

test('timer: waits while the canister is stopped', () => {
    const a = network.deploy(plain);
    const at = network.ic.currentTimeNs() + second;
    replied(network.run(a, s.seq(s.onTimer(s.add(1)), s.setTimer(at), s.reply())));
    replied(network.lifecycle('stop_canister', a));
    network.ic.setTime(at);
    network.ic.runRound();
    replied(network.lifecycle('start_canister', a));
    network.ic.runUntilIdle();
    expect(counterOf(a)).toBe(1);
});

test('heartbeat: every round, and a trap in it is only logged', async () => {
    const a = network.deploy(await scripted('heartbeat'));
    expect(network.ic.hasHeartbeat()).toBe(true);
    replied(network.run(a, s.seq(s.onHeartbeat(s.add(1)), s.reply())));
    const before = counterOf(a);
    network.ic.runRound();
    network.ic.runRound();
    expect(counterOf(a)).toBe(before + 2);
    replied(network.run(a, s.seq(s.onHeartbeat(s.seq(s.add(1), s.trap('beat'))), s.reply())));
    const trapped = counterOf(a);
    network.ic.runRound();
    expect(counterOf(a)).toBe(trapped);
    expect(network.logs(a)).toContain('[TRAP]: beat');
});

test('low memory hook: runs once when free heap falls below the threshold', async () => {
    const a = network.deploy(await scripted('lowMemory'));
    const page = 65_536n;
    replied(network.update(a, { wasm_memory_limit: [20n * page], wasm_memory_threshold: [10n * page] }));
    replied(network.run(a, s.seq(s.onHeartbeat(s.add(1)), s.growHeap(8), s.reply())));
    network.ic.runUntilIdle();
    expect(counterOf(a)).toBe(1);
    replied(network.run(a, s.seq(s.growHeap(1), s.reply())));
    network.ic.runUntilIdle();
    expect(counterOf(a)).toBe(1);
});

test('inspect_message: decides on ingress, and nothing that it does stays', async () => {
    const a = network.deploy(await scripted('inspect'));
    // The same script is run by the inspection and by the method; `accept_message` traps in the method.
    expect(codeOf(network.run(a, s.add(1)))).toBe('IC0406');
    expect(codeOf(network.run(a, s.trap('inspected')))).toBe('IC0503');
    expect(codeOf(network.run(a, s.seq(s.add(1), s.acceptMessage)))).toBe('IC0504');
    expect(counterOf(a)).toBe(0);
});

test('inspect_message: is not asked for calls of canisters', async () => {
    const [a, b] = [network.deploy(plain), network.deploy(await scripted('inspect'))];
    const call = s.call({ to: b, argument: s.reply('inside'), onReply: s.seq(s.appendArgument, s.reply()) });
    expect(repliedText(network.run(a, call))).toBe('inside');
});

test('raw_rand: 32 bytes in the next round, the same for the same seed', () => {
    const ask = s.call({ to: new Uint8Array(0), method: 'raw_rand', onReply: s.seq(s.appendArgument, s.reply()) });
    const bytesWith = (seed: number): string => {
        const seeded = newNetwork({ seed: new Uint8Array(32).fill(seed) });
        return Buffer.from(replied(seeded.run(seeded.deploy(plain), ask))).toString('hex');
    };
    expect(bytesWith(1)).toBe(bytesWith(1));
    expect(bytesWith(1)).not.toBe(bytesWith(2));
    // `DIDL`, the type `vec nat8`, one value, its length.
    expect(bytesWith(1)).toMatch(/^4449444c016d7b010020[0-9a-f]{64}$/);
});
