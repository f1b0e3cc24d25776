/** Canisters that mean harm: others are served all the same. */
import * as s from './support/script';
import { codeOf, newNetwork, replied, repliedText, scripted, trillion, type TestNetwork } from './support/network';

let network: TestNetwork;
let victim: Uint8Array;
let attacker: Uint8Array;
beforeEach(async () => {
    network = newNetwork();
    victim = network.deploy(await scripted());
    attacker = network.deploy(await scripted('heartbeat'), 1_000_000n * trillion);
});

/** Rounds until the victim has answered a call that is sent now. */
function roundsToServe(): number {
    const [result, requestId] = network.submit({ to: victim, method: 'run', argument: s.reply('served') });
    expect(result.kind).toBe('accepted');
    for (let round = 1; round <= 50; round += 1) {
        network.ic.runRound();
        const status = network.ic.ingressStatus(requestId);
        if (status.kind === 'replied') return round;
    }
    return Number.POSITIVE_INFINITY;
}

test('a storm of calls, hundreds with each heartbeat, does not keep others waiting', () => {
    const call = s.call({ to: victim, argument: s.reply(), onReply: s.add(1) });
    const storm = s.seq(...Array.from({ length: 400 }, () => call));
    replied(network.run(attacker, s.seq(s.onHeartbeat(storm), s.reply())));
    for (let round = 0; round < 5; round += 1) network.ic.runRound();
    expect(roundsToServe()).toBeLessThanOrEqual(3);
    // The storm is real: its replies have been counted.
    const counted = replied(network.ask(attacker, s.seq(s.appendCounter, s.reply())));
    expect(Buffer.from(counted).readUInt32LE(0)).toBeGreaterThan(400);
});

test('a queue to one canister ends at 500 calls, and the caller is told', () => {
    const call = s.call({ to: victim, argument: s.reply(), onReply: s.seq() });
    const many = Array.from({ length: 501 }, () => call);
    const result = replied(network.run(attacker, s.seq(...many, s.appendCallResult, s.reply())));
    expect(Buffer.from(result).readUInt32LE(0)).toBe(2);
});

test('loops that end at the limit, heaps that never end and failing cleanups leave others as they were', () => {
    replied(network.run(victim, s.seq(s.add(7), s.reply())));
    expect(codeOf(network.ask(attacker, s.loopForever))).toBe('IC0522');
    replied(network.run(attacker, s.seq(s.growHeap(40_000), s.reply())));
    expect(codeOf(network.run(attacker, s.seq(s.growHeap(60_000), s.trap('full'))))).toBe('IC0503');
    const failing = s.call({
        to: victim,
        argument: s.reply(),
        onReply: s.trap('callback'),
        onCleanup: s.trap('cleanup')
    });
    expect(codeOf(network.run(attacker, failing))).toBe('IC0503');
    expect(repliedText(network.run(victim, s.reply('alive')))).toBe('alive');
    expect(Buffer.from(replied(network.ask(victim, s.seq(s.appendCounter, s.reply())))).readUInt32LE(0)).toBe(7);
    expect(roundsToServe()).toBe(1);
});
