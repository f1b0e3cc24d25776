import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import * as s from './support/script';
import {
    alice,
    assemble,
    codeOf,
    managementId,
    newNetwork,
    replied,
    repliedText,
    scripted,
    type TestNetwork
} from './support/network';
import { canisterIdOfIndex } from '../../../src/replica/state/principals';

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork({ dataCertificate: (id) => Buffer.concat([Buffer.from('certificate of '), Buffer.from(id)]) });
});

const compose = (canister: Uint8Array, script: Uint8Array): ReturnType<TestNetwork['ask']> =>
    network.ask(canister, script, 'compose');
const passOn = s.seq(s.appendArgument, s.reply());

test('query: missing methods and update methods are not found', () => {
    const a = network.deploy(wasm);
    expect(codeOf(network.ask(a, s.reply(), 'absent'))).toBe('IC0536');
    expect(codeOf(network.ask(a, s.reply(), 'run'))).toBe('IC0536');
});

test('query: traps and rejects are told', () => {
    const a = network.deploy(wasm);
    expect(codeOf(network.ask(a, s.trap('no')))).toBe('IC0503');
    expect(network.ask(a, s.rejectWith('no'))).toMatchObject({ rejection: { rejectCode: 4, message: 'no' } });
    expect(codeOf(network.ask(a, s.add(1)))).toBe('IC0506');
});

test('query: reads the data certificate, an update does not', () => {
    const a = network.deploy(wasm);
    const script = s.seq(s.appendCertificate, s.reply());
    expect(Buffer.from(replied(network.ask(a, script))).toString('latin1')).toBe(
        `certificate of ${Buffer.from(a).toString('latin1')}`
    );
    expect(repliedText(network.run(a, script))).toBe('');
});

test('query: the certificate is made only for who reads it', () => {
    let asked = 0;
    network = newNetwork({
        dataCertificate: () => {
            asked += 1;
            return new Uint8Array([1]);
        }
    });
    const a = network.deploy(wasm);
    replied(network.ask(a, s.reply()));
    expect(asked).toBe(0);
    replied(network.ask(a, s.seq(s.appendCertificate, s.appendCertificate, s.reply())));
    expect(asked).toBe(1);
});

test('composite query: asks others, which see it as their caller', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const script = s.call({ to: b, method: 'ask', argument: s.seq(s.appendCaller, s.reply()), onReply: passOn });
    expect(Buffer.from(replied(compose(a, script))).equals(a)).toBe(true);
});

test('composite query: keeps its own memory through its callbacks and forgets it afterwards', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const toB = s.call({
        to: b,
        method: 'ask',
        argument: s.seq(s.add(5), s.reply()),
        onReply: s.seq(s.add(2), s.appendCounter, s.reply())
    });
    const seen = Buffer.from(replied(compose(a, s.seq(s.add(1), toB))));
    expect(seen.readUInt32LE()).toBe(3);
    const after = s.seq(s.appendCounter, s.reply());
    expect(Buffer.from(replied(network.ask(a, after))).readUInt32LE()).toBe(0);
    expect(Buffer.from(replied(network.ask(b, after))).readUInt32LE()).toBe(0);
});

test('composite query: only the root reads a certificate, and not in callbacks', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const certificate = s.seq(s.appendCertificate, s.reply());
    expect(replied(compose(a, certificate)).length).toBeGreaterThan(0);
    const nested = s.call({ to: b, method: 'ask', argument: certificate, onReply: passOn });
    expect(replied(compose(a, nested)).length).toBe(0);
});

test('composite query: a canister that already waits is not asked again', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const onReject = s.seq(s.appendRejectMessage, s.reply());
    const back = s.call({ to: a, method: 'ask', argument: s.reply(), onReject });
    const text = repliedText(compose(a, s.call({ to: b, method: 'compose', argument: back, onReply: passOn })));
    expect(text).toMatch(/call stack/);
});

test('composite query: nests six deep, and no deeper', () => {
    const canisters = Array.from({ length: 8 }, () => network.deploy(wasm));
    const onReject = s.seq(s.append('refused'), s.reply());
    const chain = (length: number): Uint8Array =>
        canisters
            .slice(1, length + 1)
            .reverse()
            .reduce<Uint8Array>(
                (argument, to) => s.call({ to, method: 'compose', argument, onReply: passOn, onReject }),
                s.reply('bottom')
            );
    const [root] = canisters;
    expect(repliedText(compose(root ?? alice, chain(6)))).toBe('bottom');
    expect(repliedText(compose(root ?? alice, chain(7)))).toBe('refused');
});

test('composite query: update methods of others are not reached, plain queries cannot call', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const toUpdate = s.call({ to: b, argument: s.reply(), onReject: s.seq(s.appendRejectCode, s.reply()) });
    expect(Buffer.from(replied(compose(a, toUpdate))).readUInt32LE()).toBe(5);
    expect(codeOf(network.ask(a, toUpdate))).toBe('IC0504');
});

test('composite query: a trap in a callback is the answer, unless there was one before', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const toB = s.call({ to: b, method: 'ask', argument: s.reply(), onReply: s.trap('late') });
    expect(codeOf(compose(a, toB))).toBe('IC0503');
    expect(repliedText(compose(a, s.seq(toB, s.reply('early'))))).toBe('early');
});

test('composite query: is given up after ten seconds, at the next of its calls', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const toB = s.call({
        to: b,
        method: 'ask',
        argument: s.reply('in time'),
        onReply: passOn,
        onReject: s.seq(s.appendRejectMessage, s.reply())
    });
    expect(repliedText(compose(a, toB))).toBe('in time');
    let nowMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 10_001));
    expect(repliedText(compose(a, toB))).toMatch(/time limit of 10 seconds/);
    clock.mockRestore();
});

const boundary = 0xffff_ffff_fff0_0000n;

/** Two subnets; the second is a system subnet. */
function twoSubnets(): { readonly there: Uint8Array } {
    const there = canisterIdOfIndex(boundary);
    network = newNetwork({
        canisterRanges: [{ start: canisterIdOfIndex(0n), end: canisterIdOfIndex(boundary - 1n) }],
        otherSubnets: [
            {
                subnetId: new Uint8Array([...Buffer.alloc(28, 3), 2]),
                canisterRanges: [{ start: there, end: canisterIdOfIndex(2n ** 64n - 1n) }],
                firstCanisterIndex: boundary,
                costSchedule: 'Free',
                isSystem: true
            }
        ]
    });
    replied(network.createAt(there));
    return { there };
}

test('composite query: stays on its subnet', () => {
    const { there } = twoSubnets();
    const a = network.deploy(wasm);
    replied(network.install(there, wasm));
    const toOther = s.call({
        to: there,
        method: 'ask',
        argument: s.reply(),
        onReject: s.seq(s.appendRejectMessage, s.reply())
    });
    expect(repliedText(compose(a, toOther))).toMatch(/^Canister .* not found/);
    // Updates do not mind.
    const update = s.call({ to: there, method: 'ask', argument: s.reply('from there'), onReply: passOn });
    expect(repliedText(network.run(a, update))).toBe('from there');
});

test('list_canisters: names those of the subnet that is asked', () => {
    const { there } = twoSubnets();
    const here = [network.deploy(wasm), network.deploy(wasm)];
    const listed = (effectiveCanisterId?: Uint8Array): readonly string[] => {
        const argument = network.emptyRecord();
        const message = { sender: alice, canisterId: managementId, methodName: 'list_canisters', argument };
        const Range = IDL.Record({ start: IDL.Principal, end: IDL.Principal });
        const data = replied(network.ic.query({ ...message, effectiveCanisterId }));
        const [result] = IDL.decode([IDL.Record({ canisters: IDL.Vec(Range) })], data);
        const { canisters } = result as unknown as { canisters: { start: Principal }[] };
        return canisters.map(({ start }) => start.toText());
    };
    const texts = (ids: readonly Uint8Array[]): readonly string[] => ids.map((id) => network.principal(id).toText());
    expect(listed(there)).toEqual(texts([there]));
    expect(listed(here[0])).toEqual(texts(here));
    expect(listed()).toEqual(texts(here));
});

test('a system subnet executes 50 billion instructions of a message, others 40', async () => {
    const { there } = twoSubnets();
    const fills =
        await assemble(`(module (import "ic0" "msg_reply" (func $reply)) (memory 1600) (func (export "canister_update run")
        (local $times i32) (local.set $times (i32.const 450))
        (loop $again
            (memory.fill (i32.const 0) (i32.const 0) (i32.const 100000000))
            (local.set $times (i32.sub (local.get $times) (i32.const 1)))
            (br_if $again (local.get $times)))
        (call $reply)))`);
    const here = network.deploy(fills);
    replied(network.install(there, fills));
    expect(network.send({ to: here, method: 'run' })).toMatchObject({
        rejection: { errorCode: 'IC0522', message: expect.stringContaining('40000000000') }
    });
    expect(network.send({ to: there, method: 'run' })).toMatchObject({ kind: 'replied' });
});
