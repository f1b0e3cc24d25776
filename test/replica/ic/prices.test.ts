/** What everything costs, to the cycle (replica.md d.3). */
import { IDL } from '@dfinity/candid';
import { Prices } from '../../../src/replica/cycles/prices';
import { managementId } from '../../../src/replica/state/principals';
import * as s from './support/script';
import {
    assemble,
    codeOf,
    newNetwork,
    replied,
    repliedText,
    scripted,
    trillion,
    type TestNetwork
} from './support/network';

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

const million = 1_000_000n;
const billion = 1_000n * million;
const balance = (canister: Uint8Array): bigint => network.ic.cycles(canister) ?? 0n;
const ingress = (payload: Uint8Array): bigint => 1_200_000n + 2_000n * BigInt('run'.length + payload.length);

/** Cycles and instructions that the canister has used meanwhile. */
function meter(canister: Uint8Array): () => { cycles: bigint; instructions: bigint } {
    const before = { cycles: balance(canister), instructions: network.ic.instructionsOf(canister) };
    return () => ({
        cycles: before.cycles - balance(canister),
        instructions: network.ic.instructionsOf(canister) - before.instructions
    });
}

test('a call: request and response by the byte, each execution by its base and its instructions', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const [ofA, ofB] = [meter(a), meter(b)];
    const argument = s.reply('five!');
    const script = s.call({ to: b, argument, onReply: s.reply() });
    replied(network.run(a, script));
    const [usedA, usedB] = [ofA(), ofB()];
    expect(usedB.cycles).toBe(5n * million + usedB.instructions);
    const sent = 260_000n + 1_000n * BigInt('run'.length + argument.length) + 1_000n * BigInt('five!'.length);
    expect(usedA.cycles).toBe(ingress(script) + 2n * 5n * million + usedA.instructions + sent);
});

test('a message needs its whole limit beforehand, and gets back what it did not use', () => {
    const a = network.deploy(wasm, 2n * trillion);
    replied(network.update(a, { freezing_threshold: [0n] }));
    const limit = 40n * billion + 5n * million;
    const leave = (rest: bigint): void => void replied(network.run(a, s.seq(s.burn(balance(a) - rest), s.reply())));
    // While it burns, its own limit is withdrawn, and comes back.
    leave(2n * limit);
    expect(balance(a)).toBeLessThan(2n * limit + 1n * billion);
    replied(network.run(a, s.seq(s.burn(10n * trillion), s.reply())));
    expect(balance(a)).toBeLessThan(limit);
    expect(codeOf(network.run(a, s.reply()))).toBe('IC0207');
    network.ic.addCycles(a, limit + ingress(s.reply()) - balance(a));
    expect(codeOf(network.run(a, s.reply()))).toBe('replied');
    expect(balance(a)).toBeGreaterThan(39n * billion);
});

test('installing: 6 000 instructions for each one of the code', async () => {
    const costOf = async (nops: number): Promise<bigint> => {
        const code = await assemble(`(module (func ${'nop '.repeat(nops)}))`);
        const a = network.create();
        const used = meter(a);
        replied(network.install(a, code));
        return used().cycles - 2_000n * BigInt(code.length);
    };
    expect((await costOf(300)) - (await costOf(200))).toBe(100n * 6_000n);
});

test('small changes of the settings are free, so that a frozen canister can be saved', () => {
    const a = network.create();
    const used = meter(a);
    replied(network.update(a, { freezing_threshold: [7n] }));
    expect(used().cycles).toBe(0n);
    const large = Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, value: 'x'.repeat(100) }));
    replied(network.update(a, { environment_variables: [large] }));
    expect(used().cycles).toBeGreaterThan(1_200_000n + 2_000_000n);
});

test('storage and compute allocation by the second, and what a day of both burns', () => {
    const a = network.create();
    const change = { memory_allocation: [2n ** 31n], compute_allocation: [10n], freezing_threshold: [0n] };
    replied(network.update(a, change));
    const perSecond = 2n * 127_000n + 10n * 10n * million;
    network.ic.runRound();
    const used = meter(a);
    network.ic.setTime(network.ic.certifiedTimeNs() + 1_000n * billion);
    network.ic.runRound();
    expect(used().cycles).toBe(1_000n * perSecond);
    const type = IDL.Record({ idle_cycles_burned_per_day: IDL.Nat });
    const [status] = IDL.decode([type], replied(network.lifecycle('canister_status', a)));
    expect(status).toEqual({ idle_cycles_burned_per_day: 86_400n * perSecond });
});

test('an outcall by nodes, request and largest response', () => {
    const a = network.deploy(wasm);
    const type = IDL.Record({
        url: IDL.Text,
        method: IDL.Variant({ get: IDL.Null }),
        headers: IDL.Vec(IDL.Record({ name: IDL.Text, value: IDL.Text })),
        max_response_bytes: IDL.Opt(IDL.Nat64)
    });
    const url = 'https://example.org/x';
    const argument = IDL.encode([type], [{ url, method: { get: null }, headers: [], max_response_bytes: [1000n] }]);
    const price = (3n * million + 60_000n * 13n + 400n * BigInt(url.length) + 800n * 1000n) * 13n;
    expect(price).toBe(59_649_200n);
    const asked = (cycles: bigint): Uint8Array =>
        s.call({
            to: managementId,
            method: 'http_request',
            cycles,
            argument,
            onReject: s.seq(s.appendRejectMessage, s.reply())
        });
    expect(repliedText(network.run(a, asked(price - 1n)))).toContain('59_649_200 cycles are required');
    network.submit({ to: a, method: 'run', argument: asked(price) });
    network.ic.runUntilIdle();
    expect(network.ic.pendingHttpOutcalls()).toHaveLength(1);
});

test('prices grow with the nodes of a subnet, and cost_call is the sum of what call_perform takes', () => {
    const of = (nodes: number): Prices => new Prices({ nodes, free: false, callbackInstructions: 40n * billion });
    const [small, large] = [of(13), of(34)];
    expect(small.call(3n, 7n, 4)).toBe(260_000n + 1_000n * 10n + 1_000n * 2_097_152n + 5n * million + 40n * billion);
    expect(small.createCanister()).toBe(500n * billion);
    expect(large.createCanister()).toBe((500n * billion * 34n) / 13n);
    expect(large.execution(1_300n)).toBe(((5n * million + 1_300n) * 34n) / 13n);
    for (const scheme of ['ecdsa', 'schnorr', 'vetkd'] as const) {
        expect(small.sign(scheme, 'test_key_1', 0)).toBe(10n * billion);
        expect(small.sign(scheme, 'dfx_test_key', 0)).toBe(10n * billion);
        expect(small.sign(scheme, 'key_1', 0)).toBe(26_153_846_153n);
        expect(large.sign(scheme, 'key_1', 0)).toBe((26_153_846_153n * 34n) / 13n);
    }
    const free = new Prices({ nodes: 13, free: true, callbackInstructions: 40n * billion });
    expect([free.call(3n, 7n, 4), free.createCanister(), free.execution(9n), free.ingress(9)]).toEqual([
        0n,
        0n,
        0n,
        0n
    ]);
    expect([free.rent(2n ** 40n, 100n, billion), free.httpRequest(9n, 9n), free.compilation(9n)]).toEqual([0n, 0n, 0n]);
});
