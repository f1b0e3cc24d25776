import { idText, managementId } from '../../../src/replica/state/principals';
import * as s from './support/script';
import { alice, codeOf, newNetwork, replied, repliedText, scripted, type TestNetwork } from './support/network';

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork();
});

const counterOf = (canister: Uint8Array): number =>
    Buffer.from(replied(network.ask(canister, s.seq(s.appendCounter, s.reply())))).readUInt32LE();

test('calls: an update changes the state, a query does not', () => {
    const canister = network.deploy(wasm);
    replied(network.run(canister, s.seq(s.add(5), s.reply())));
    replied(network.ask(canister, s.seq(s.add(7), s.reply())));
    expect(counterOf(canister)).toBe(5);
});

test('calls: the caller is told to the canister, the reply to the caller', () => {
    const canister = network.deploy(wasm);
    const data = replied(network.run(canister, s.seq(s.appendCaller, s.reply())));
    expect(Buffer.from(data).equals(alice)).toBe(true);
});

test('calls: a canister calls another and replies in the callback', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const script = s.call({
        to: b,
        argument: s.reply('hello'),
        onReply: s.seq(s.append('got '), s.appendArgument, s.reply())
    });
    expect(repliedText(network.run(a, script))).toBe('got hello');
});

test('calls: a canister calls itself', () => {
    const a = network.deploy(wasm);
    const inner = s.seq(s.add(1), s.reply('inner'));
    const script = s.seq(s.add(10), s.call({ to: a, argument: inner, onReply: s.seq(s.appendArgument, s.reply()) }));
    expect(repliedText(network.run(a, script))).toBe('inner');
    expect(counterOf(a)).toBe(11);
});

test('calls: after its reply a canister may still work in a callback, and may not reply again', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const again = s.call({ to: b, argument: s.reply(), onReply: s.seq(s.add(1), s.reply('twice')) });
    expect(repliedText(network.run(a, s.seq(again, s.reply('once'))))).toBe('once');
    expect(counterOf(a)).toBe(0);
    const work = s.call({ to: b, argument: s.reply(), onReply: s.add(1) });
    expect(repliedText(network.run(a, s.seq(work, s.reply('once'))))).toBe('once');
    expect(counterOf(a)).toBe(1);
});

test('calls: a trap undoes its own execution only, and takes its calls with it', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const toB = s.call({ to: b, argument: s.seq(s.add(1), s.reply()), onReply: s.seq(s.add(100), s.trap('late')) });
    expect(codeOf(network.run(a, s.seq(s.add(1), toB)))).toBe('IC0503');
    expect([counterOf(a), counterOf(b)]).toEqual([1, 1]);
    expect(codeOf(network.run(a, s.seq(s.add(1), toB, s.trap('early'))))).toBe('IC0503');
    expect([counterOf(a), counterOf(b)]).toEqual([1, 1]);
});

test('calls: a trap in the middle of a call tree reaches the caller as a reject and leaves nothing in the callee', () => {
    const [a, b, c] = [network.deploy(wasm), network.deploy(wasm), network.deploy(wasm)];
    const toC = s.call({
        to: c,
        argument: s.seq(s.add(1), s.stableWrite('lost'), s.trap('c')),
        onReject: s.seq(s.add(2), s.trap('b'))
    });
    const onReject = s.seq(s.appendRejectCode, s.appendRejectMessage, s.reply());
    const answer = replied(network.run(a, s.call({ to: b, argument: s.seq(s.add(1), toC), onReject })));
    expect(Buffer.from(answer).readUInt32LE()).toBe(5);
    expect(Buffer.from(answer).toString('utf8', 4)).toMatch(
        /^Error from Canister .*: Canister called `ic0.trap` with message: 'b'/
    );
    expect([counterOf(b), counterOf(c)]).toEqual([1, 0]);
});

test('calls: heap growth and stable memory of a trapped execution are undone', () => {
    const a = network.deploy(wasm);
    const before = network.status(a).memory_metrics.wasm_memory_size;
    expect(codeOf(network.run(a, s.seq(s.growHeap(10), s.stableWrite('12345678'), s.trap('no'))))).toBe('IC0503');
    expect(network.status(a).memory_metrics.wasm_memory_size).toBe(before);
    expect(network.ic.stableMemory(a)?.length).toBe(0);
});

test('calls: cleanup runs after a trapped callback and keeps its changes', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const onReply = s.seq(s.add(100), s.trap('callback'));
    const toB = s.call({ to: b, argument: s.reply(), onReply, onCleanup: s.add(7) });
    expect(codeOf(network.run(a, toB))).toBe('IC0503');
    expect(counterOf(a)).toBe(7);
});

test('calls: when cleanup traps too, its changes are undone and both texts are told', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    const onCleanup = s.seq(s.add(7), s.trap('second'));
    const status = network.run(a, s.call({ to: b, argument: s.reply(), onReply: s.trap('first'), onCleanup }));
    expect(status).toMatchObject({ kind: 'rejected', rejection: { rejectCode: 5 } });
    expect(status.kind === 'rejected' && status.rejection.message).toMatch(
        /first[^]*call_on_cleanup also failed:[^]*second/
    );
    expect(counterOf(a)).toBe(0);
});

test('calls: who never replies is reported, once all its calls are back', () => {
    const [a, b] = [network.deploy(wasm), network.deploy(wasm)];
    expect(codeOf(network.run(a, s.add(1)))).toBe('IC0506');
    expect(codeOf(network.run(a, s.call({ to: b, argument: s.reply() })))).toBe('IC0506');
});

test('calls: a reject carries the text of the canister', () => {
    const a = network.deploy(wasm);
    expect(network.run(a, s.rejectWith('not today'))).toMatchObject({
        rejection: { rejectCode: 4, errorCode: 'IC0406', message: 'not today' }
    });
});

test('calls: a missing canister, a missing method and a composite query are refused with their codes', () => {
    const a = network.deploy(wasm);
    const nobody = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9, 1, 1]);
    const onReject = s.seq(s.appendRejectCode, s.reply());
    const codeFor = (to: Uint8Array, method: string): number =>
        Buffer.from(replied(network.run(a, s.call({ to, method, onReject })))).readUInt32LE();
    expect([codeFor(nobody, 'run'), codeFor(a, 'absent'), codeFor(a, 'compose')]).toEqual([3, 5, 5]);
    expect(codeOf(network.send({ to: nobody, method: 'run' }))).toBe('IC0301');
    expect(codeOf(network.send({ to: a, method: 'absent' }))).toBe('IC0536');
    expect(codeOf(network.send({ to: a, method: 'compose' }))).toBe('IC0527');
});

test('calls: canisters read who is not there, who cannot be, and what the network does not have', () => {
    const [a, gone] = [network.deploy(wasm), network.create()];
    replied(network.lifecycle('stop_canister', gone));
    replied(network.lifecycle('delete_canister', gone));
    const onReject = s.seq(s.appendRejectMessage, s.reply());
    const refusal = (to: Uint8Array, method = 'run'): string =>
        repliedText(network.run(a, s.call({ to, method, onReject })));
    expect(refusal(gone)).toBe(`Canister ${idText(gone)} not found.`);
    const ofTheRealNetwork = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9, 1, 1]);
    for (const id of [ofTheRealNetwork, alice]) expect(refusal(id)).toBe(`No route to canister ${idText(id)}`);
    expect(refusal(managementId, 'absent')).toBe("IC0536: Management canister has no method 'absent'");
});

test('calls: a query method called as an update replies, and its changes are dropped', () => {
    const a = network.deploy(wasm);
    const script = s.seq(s.add(3), s.appendCounter, s.reply());
    expect(Buffer.from(replied(network.send({ to: a, method: 'ask', argument: script }))).readUInt32LE()).toBe(3);
    expect(counterOf(a)).toBe(0);
});

test('calls: at most 500 calls from one canister to another may wait', () => {
    const [a, b] = [network.deploy(wasm, 10n ** 17n), network.deploy(wasm)];
    const one = s.call({ to: b, argument: s.reply() });
    const full = s.seq(
        ...Array.from({ length: 500 }, () => one),
        s.appendCallResult,
        one,
        s.appendCallResult,
        s.reply()
    );
    const results = Buffer.from(replied(network.run(a, full)));
    expect([results.readUInt32LE(0), results.readUInt32LE(4)]).toEqual([0, 2]);
    // All are answered by now, so there is room again.
    const again = s.seq(one, s.appendCallResult, s.reply());
    expect(Buffer.from(replied(network.run(a, again))).readUInt32LE()).toBe(0);
});

test('calls: an endless loop ends at the instruction limit', () => {
    const a = network.deploy(wasm);
    const status = network.ask(a, s.seq(s.add(1), s.loopForever));
    expect(codeOf(status)).toBe('IC0522');
    expect(counterOf(a)).toBe(0);
});

test('calls: a request id is executed once', () => {
    const a = network.deploy(wasm);
    const message = {
        requestId: new Uint8Array(32).fill(9),
        sender: alice,
        canisterId: a,
        effectiveCanisterId: a,
        methodName: 'run',
        argument: s.seq(s.add(1), s.reply('done')),
        ingressExpiryNs: network.ic.currentTimeNs() + 1_000_000_000n
    };
    expect(network.ic.submitIngress(message).kind).toBe('accepted');
    expect(network.ic.submitIngress(message).kind).toBe('known');
    network.ic.runUntilIdle();
    expect(network.ic.submitIngress(message)).toMatchObject({ kind: 'known', status: { kind: 'replied' } });
    network.ic.runUntilIdle();
    expect(counterOf(a)).toBe(1);
});

test('calls: a finished request is forgotten some minutes after its expiry', () => {
    const a = network.deploy(wasm);
    const [, requestId] = network.submit({ to: a, method: 'run', argument: s.reply() });
    expect(network.ic.ingressStatus(requestId).kind).toBe('received');
    network.ic.runUntilIdle();
    network.ic.setTime(network.ic.currentTimeNs() + 300_000_000_000n);
    network.ic.runRound();
    expect(network.ic.ingressStatus(requestId).kind).toBe('replied');
    network.ic.setTime(network.ic.currentTimeNs() + 301_000_000_000n);
    network.ic.runRound();
    expect(network.ic.ingressStatus(requestId).kind).toBe('unknown');
});

test('calls: a best-effort call is given up at its deadline, and the late reply is dropped', () => {
    const [a, b, c] = [network.deploy(wasm), network.deploy(wasm), network.deploy(wasm)];
    replied(network.lifecycle('stop_canister', c));
    // b waits for the randomness of the next round, and the clock jumps before it comes.
    const slow = s.call({ to: new Uint8Array(0), method: 'raw_rand', onReply: s.reply('late') });
    const onReject = s.seq(s.appendRejectCode, s.reply());
    const [, requestId] = network.submit({
        to: a,
        method: 'run',
        argument: s.call({ to: b, argument: slow, timeout: 1, onReject, onReply: s.reply('in time') })
    });
    network.ic.runRound();
    network.ic.setTime(network.ic.currentTimeNs() + 2_000_000_000n);
    network.ic.runUntilIdle();
    expect(Buffer.from(replied(network.ic.ingressStatus(requestId))).readUInt32LE()).toBe(6);
});
