import fc from 'fast-check';
import * as s from './support/script';
import { codeOf, newNetwork, replied, repliedText, scripted, trillion, type TestNetwork } from './support/network';

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

const billion = 1_000_000_000n;
const refundOf = (bytes: Uint8Array): bigint => Buffer.from(bytes).readBigUInt64LE();
const held = (canisters: readonly Uint8Array[]): bigint =>
    canisters.reduce((sum, canister) => sum + (network.ic.cycles(canister) ?? 0n), 0n);

test('cycles: what the callee accepts is its, the rest comes back before the callback', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const before = network.ic.cycles(b) ?? 0n;
    const script = s.call({
        to: b,
        cycles: 10n * trillion,
        argument: s.seq(s.acceptCycles(4n * trillion), s.reply()),
        onReply: s.seq(s.appendRefund, s.reply())
    });
    expect(refundOf(replied(network.run(a, script)))).toBe(6n * trillion);
    const gained = (network.ic.cycles(b) ?? 0n) - before;
    expect(gained).toBeGreaterThan(4n * trillion - billion);
    expect(gained).toBeLessThanOrEqual(4n * trillion);
});

test('cycles: a callee that traps gives everything back', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const script = s.call({
        to: b,
        cycles: 10n * trillion,
        argument: s.seq(s.acceptCycles(4n * trillion), s.trap('no')),
        onReject: s.seq(s.appendRefund, s.reply())
    });
    expect(refundOf(replied(network.run(a, script)))).toBe(10n * trillion);
});

test('cycles: calls that cannot be paid for are not performed', () => {
    const [a, b] = [network.deploy(wasm, trillion), network.deploy(wasm)];
    expect(codeOf(network.run(a, s.call({ to: b, cycles: 2n * trillion })))).toBe('IC0504');
    // What is left beside the attached cycles does not cover the reserves for response and callback.
    const attached = (network.ic.cycles(a) ?? 0n) - 60n * billion;
    const script = s.seq(s.call({ to: b, cycles: attached }), s.appendCallResult, s.reply());
    expect(Buffer.from(replied(network.run(a, script))).readUInt32LE()).toBe(2);
    expect(network.ic.cycles(a)).toBeGreaterThan(attached + 59n * billion);
});

test('cycles: an update costs its base and its instructions, and ingress its bytes', () => {
    const a = network.deploy(wasm);
    const before = network.ic.cycles(a) ?? 0n;
    const script = s.reply();
    replied(network.run(a, script));
    const spent = before - (network.ic.cycles(a) ?? 0n);
    const ingress = 1_200_000n + 2_000n * BigInt('run'.length + script.length);
    const instructions = spent - ingress - 5_000_000n;
    expect(instructions).toBeGreaterThan(500n);
    expect(instructions).toBeLessThan(10_000n);
});

test('cycles: the reserve of a call is given back with the response', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const before = network.ic.cycles(a) ?? 0n;
    replied(network.run(a, s.call({ to: b, argument: s.reply(), onReply: s.reply() })));
    expect(before - (network.ic.cycles(a) ?? 0n)).toBeLessThan(15_000_000n);
});

test('cycles: nothing costs anything under the free schedule', () => {
    network = newNetwork({ costSchedule: 'Free' });
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    replied(network.run(a, s.call({ to: b, argument: s.reply(), onReply: s.reply() })));
    network.ic.setTime(network.ic.currentTimeNs() + 86_400n * billion);
    network.ic.runRound();
    expect([network.ic.cycles(a), network.ic.cycles(b)]).toEqual([100n * trillion, 100n * trillion]);
});

test('cycles: a frozen canister refuses messages but can be topped up', () => {
    const a = network.deploy(wasm, 2n * trillion);
    replied(network.update(a, { freezing_threshold: [10n ** 15n] }));
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0207');
    expect(codeOf(network.ask(a, s.reply()))).toBe('IC0207');
    network.ic.addCycles(a, 10n ** 18n);
    expect(repliedText(network.run(a, s.reply('thawed')))).toBe('thawed');
});

test('cycles: a frozen canister is not asked whether it takes a message', async () => {
    const a = network.deploy(await scripted('inspect'), 2n * trillion);
    expect(codeOf(network.run(a, s.trap('inspected')))).toBe('IC0503');
    replied(network.update(a, { freezing_threshold: [10n ** 15n] }));
    expect(codeOf(network.run(a, s.trap('inspected')))).toBe('IC0207');
});

test('cycles: time costs rent in proportion to memory', () => {
    const a = network.deploy(wasm);
    const day = 86_400n * billion;
    network.ic.runRound();
    const before = network.ic.cycles(a) ?? 0n;
    network.ic.setTime(network.ic.currentTimeNs() + day);
    network.ic.runRound();
    const spent = before - (network.ic.cycles(a) ?? 0n);
    // Four pages of heap and a few kilobytes of module, at 127 000 cycles per GiB and second.
    const heapOnly = (4n * 65_536n * 127_000n * 86_400n) / (1n << 30n);
    expect(spent).toBeGreaterThanOrEqual(heapOnly);
    expect(spent).toBeLessThan(2n * heapOnly);
});

test('cycles: canisters that ask for cycles with each call refuse poorer calls', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    replied(network.update(b, { minimum_incoming_canister_call_cycles: [1000n] }));
    const toB = (cycles: bigint): Uint8Array =>
        s.call({ to: b, cycles, argument: s.reply(), onReply: s.reply('taken'), onReject: s.reply('refused') });
    expect(repliedText(network.run(a, toB(999n)))).toBe('refused');
    expect(repliedText(network.run(a, toB(1000n)))).toBe('taken');
    expect(repliedText(network.run(b, s.reply('from users')))).toBe('from users');
});

test('cycles: a canister creates another, pays the fee and controls it', () => {
    const a = network.deploy(wasm);
    const management = new Uint8Array(0);
    const empty = network.emptyRecord();
    const create = (cycles: bigint): Uint8Array =>
        s.call({
            to: management,
            method: 'create_canister',
            cycles,
            argument: empty,
            onReply: s.reply('created'),
            onReject: s.seq(s.appendRejectCode, s.reply())
        });
    const id = network.ic.defaultEffectiveCanisterId();
    expect(Buffer.from(replied(network.run(a, create(499n * billion)))).readUInt32LE()).toBe(4);
    expect(repliedText(network.run(a, create(trillion)))).toBe('created');
    expect(network.ic.cycles(id)).toBe(500n * billion);
    expect(network.ic.controllers(id)).toEqual([a]);
});

interface Step {
    readonly from: number;
    readonly to: number;
    readonly cycles: number;
    readonly accept: number;
    readonly burn: number;
    readonly end: 'reply' | 'reject' | 'trap' | 'silence' | 'callback trap' | 'randomness';
}

const step: fc.Arbitrary<Step> = fc.record({
    from: fc.nat(2),
    to: fc.nat(2),
    cycles: fc.nat(1_000_000_000),
    accept: fc.nat(1_500_000_000),
    burn: fc.nat(1_000_000),
    end: fc.constantFrom('reply', 'reject', 'trap', 'silence', 'callback trap', 'randomness')
});

function scriptOf({ accept, burn, end }: Step): Uint8Array {
    const work = s.seq(s.acceptCycles(BigInt(accept)), s.burn(BigInt(burn)));
    if (end === 'randomness')
        return s.seq(work, s.call({ to: new Uint8Array(0), method: 'raw_rand', onReply: s.reply() }));
    const ends = { reply: s.reply(), reject: s.rejectWith('no'), trap: s.trap('no'), silence: s.seq() };
    return s.seq(work, end === 'callback trap' ? s.reply() : ends[end]);
}

test('cycles: none appear and none vanish, whatever canisters do to one another', () => {
    fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean(), (steps, uninstall) => {
            network = newNetwork();
            const canisters = [0, 1, 2].map(() => network.deploy(wasm, 5n * trillion));
            for (const one of steps) {
                const [from, to] = [canisters[one.from], canisters[one.to]];
                if (from === undefined || to === undefined) continue;
                const after = one.end === 'callback trap' ? s.trap('after') : s.reply();
                const call = s.call({
                    to,
                    cycles: BigInt(one.cycles),
                    argument: scriptOf(one),
                    onReply: after,
                    onReject: after
                });
                network.submit({ to: from, method: 'run', argument: call });
            }
            network.ic.runRound();
            const [first] = canisters;
            if (uninstall && first !== undefined) replied(network.lifecycle('uninstall_code', first));
            expect(network.ic.runUntilIdle()).toBe(true);
            const { minted, consumed } = network.ic.cyclesInExistence();
            expect(held(canisters)).toBe(minted - consumed);
        }),
        { numRuns: 60 }
    );
});
