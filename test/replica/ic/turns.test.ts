/** In a network that follows the clock everybody has turns, however much others have to execute. */
import fc from 'fast-check';
import type { NetworkInput } from '../../../src/replica/ic';
import { carry } from './support/executor';
import * as s from './support/script';
import { newNetwork, replied, repliedText, scripted, trillion, type TestNetwork } from './support/network';
import { stateOf } from './support/state';

let wasm: Uint8Array;
let beating: Uint8Array;
beforeAll(async () => {
    wasm = await scripted();
    beating = await scripted('heartbeat');
});

const rich = 1_000_000n * trillion;
const billion = 1_000_000_000n;

function submitted(network: TestNetwork, to: Uint8Array, argument: Uint8Array): Uint8Array {
    const [result, requestId] = network.submit({ to, method: 'run', argument });
    expect(result.kind).toBe('accepted');
    return requestId;
}

const numberOf = (network: TestNetwork, requestId: Uint8Array): number =>
    Buffer.from(replied(network.ic.ingressStatus(requestId))).readUInt32LE(0);

test('who sends many messages just below a slice waits for those who send few, and no round is long', () => {
    const network = newNetwork();
    const attackers = [network.deploy(wasm, rich), network.deploy(wasm, rich)];
    const victim = network.deploy(wasm);
    const heavy = s.seq(s.work(400), s.add(1), s.appendCounter, s.reply());
    const storm = Array.from({ length: 20 }, () => attackers.map((id) => submitted(network, id, heavy)));
    const quick = submitted(network, victim, s.reply('quick'));
    const before = network.ic.instructionsExecuted();
    network.ic.runRound(true);
    expect(repliedText(network.ic.ingressStatus(quick))).toBe('quick');
    expect(network.ic.instructionsExecuted() - before).toBeLessThan(4n * billion);
    for (let round = 0; round < 20 && network.ic.hasWork(); round += 1) network.ic.runRound(true);
    for (const at of [0, 1]) {
        const counts = storm.map((both) => numberOf(network, both[at] ?? quick));
        expect(counts).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    }
});

test('calls of a canister to itself, hundreds and each heavy, leave room for the messages of others', () => {
    const network = newNetwork();
    const attacker = network.deploy(wasm, rich);
    const victim = network.deploy(wasm);
    const call = s.call({ to: attacker, argument: s.seq(s.work(300), s.reply()), onReply: s.work(300) });
    submitted(network, attacker, s.seq(...Array.from({ length: 200 }, () => call), s.reply()));
    for (let turn = 0; turn < 5; turn += 1) {
        network.ic.runRound(true);
        const quick = submitted(network, victim, s.reply('quick'));
        const before = network.ic.instructionsExecuted();
        for (let round = 0; round < 3 && network.ic.ingressStatus(quick).kind !== 'replied'; round += 1) {
            network.ic.runRound(true);
        }
        expect(repliedText(network.ic.ingressStatus(quick))).toBe('quick');
        expect(network.ic.instructionsExecuted() - before).toBeLessThan(8n * billion);
    }
});

test('heartbeats of many canisters take turns, and leave room for messages', () => {
    const network = newNetwork();
    const beaters = Array.from({ length: 12 }, () => network.deploy(beating, rich));
    for (const id of beaters) {
        replied(network.run(id, s.seq(s.onHeartbeat(s.seq(s.work(400), s.add(1))), s.reply())));
    }
    const victim = network.deploy(wasm);
    const before = beaters.map((id) => network.ic.instructionsOf(id));
    for (let round = 0; round < 8; round += 1) {
        const quick = submitted(network, victim, s.reply('quick'));
        const executed = network.ic.instructionsExecuted();
        network.ic.runRound(true);
        expect(network.ic.instructionsExecuted() - executed).toBeLessThan(2n * billion);
        expect(repliedText(network.ic.ingressStatus(quick))).toBe('quick');
    }
    const beats = beaters.map((id, i) => (network.ic.instructionsOf(id) - (before[i] ?? 0n)) / 400_000_000n);
    // Three of them in each round of one billion.
    expect(beats).toEqual(beaters.map(() => 2n));
});

test('whatever takes long when: each canister takes its messages in their order, and the journal tells it all', () => {
    const event = fc.oneof(
        { weight: 4, arbitrary: fc.record({ to: fc.nat(2), millions: fc.constantFrom(0, 0, 200, 400, 700) }) },
        { weight: 2, arbitrary: fc.constant('sliced' as const) },
        { weight: 2, arbitrary: fc.constant('carry' as const) },
        { weight: 1, arbitrary: fc.constant('whole' as const) }
    );
    fc.assert(
        fc.property(fc.array(event, { maxLength: 25 }), (events) => {
            const network = newNetwork();
            const inputs: NetworkInput[] = [];
            network.ic.recordInputs((input) => inputs.push(structuredClone(input)));
            const ids = [0, 1, 2].map(() => network.deploy(wasm, rich));
            const requests: Uint8Array[][] = [[], [], []];
            for (const happens of events) {
                if (happens === 'sliced') network.ic.runRound(true);
                else if (happens === 'whole') network.ic.runRound();
                else if (happens === 'carry') carryAll(network);
                else {
                    const script = s.seq(s.add(1), s.work(happens.millions), s.appendCounter, s.reply());
                    requests[happens.to]?.push(submitted(network, ids[happens.to] ?? new Uint8Array(), script));
                }
            }
            expect(network.ic.runUntilIdle()).toBe(true);
            for (const own of requests) {
                expect(own.map((id) => numberOf(network, id))).toEqual(own.map((_, i) => i + 1));
            }
            const replayed = newNetwork();
            for (const input of inputs) replayed.ic.replay(input);
            expect(stateOf(replayed)).toEqual(stateOf(network));
        }),
        { numRuns: 30 }
    );
});

/** The newest first: in which order threads are ready is nobody's choice. */
function carryAll({ ic }: TestNetwork): void {
    [...ic.longExecutions()].reverse().forEach((execution) => carry(ic, execution));
}
