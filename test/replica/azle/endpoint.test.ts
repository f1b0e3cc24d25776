import { IDL } from '@dfinity/candid';
import { codeOf, newNetwork, replied, type TestNetwork } from '../ic/support/network';
import { probeCanister } from './probe_canister';

let wasm: Uint8Array;
let network: TestNetwork;
let canister: Uint8Array;
beforeAll(async () => {
    wasm = await probeCanister();
});
beforeEach(() => {
    network = newNetwork();
    canister = network.create();
    replied(network.install(canister, wasm, { argument: IDL.encode([IDL.Opt(IDL.Nat)], [[40n]]) }));
});

const Tree = IDL.Rec();
Tree.fill(IDL.Variant({ Leaf: IDL.Null, Map: IDL.Vec(IDL.Tuple(IDL.Text, Tree)), Array: IDL.Vec(Tree) }));

const send = (method: string, argument: Uint8Array): ReturnType<TestNetwork['send']> =>
    network.send({ to: canister, method, argument });
const nat = (value: bigint): Uint8Array => IDL.encode([IDL.Nat], [value]);
const read = (): unknown => IDL.decode([IDL.Nat], replied(network.ask(canister, IDL.encode([], []), 'read')))[0];
const text = (reply: Uint8Array): unknown => IDL.decode([IDL.Text], reply)[0];

test('arguments come in and answers go out, from synchronous and asynchronous methods', () => {
    expect(read()).toBe(40n);
    expect(replied(send('increment', nat(2n)))).toEqual(nat(42n));
    expect(replied(send('increment_later', nat(3n)))).toEqual(nat(45n));
    expect(read()).toBe(45n);
});

test('a malformed argument is a reject, with nothing changed', () => {
    const messages = [new Uint8Array(0), nat(1n).slice(0, -1), IDL.encode([IDL.Text], ['x']), IDL.encode([], [])];
    for (const argument of messages) {
        expect(codeOf(send('increment', argument))).toBe('IC0503');
        expect(codeOf(send('increment_later', argument))).toBe('IC0503');
    }
    expect(read()).toBe(40n);
});

test('what a method throws, at once or later, or cannot answer rolls the message back', () => {
    expect(codeOf(send('increment_and_throw', nat(1n)))).toBe('IC0503');
    expect(codeOf(send('increment_and_reject', nat(1n)))).toBe('IC0503');
    expect(codeOf(send('answer_nonsense', nat(1n)))).toBe('IC0503');
    expect(read()).toBe(40n);
    expect(replied(send('increment', nat(1n)))).toEqual(nat(41n));
});

test('installation and upgrade read their arguments', () => {
    const argument = IDL.encode([IDL.Opt(IDL.Nat)], [[7n]]);
    expect(codeOf(network.install(canister, wasm, { mode: 'upgrade', argument: nat(1n).slice(0, -1) }))).toBe('IC0503');
    expect(read()).toBe(40n);
    replied(network.install(canister, wasm, { mode: 'upgrade', argument }));
    expect(read()).toBe(1007n);
});

test('ingress that inspection refuses does not run', () => {
    expect(text(replied(send('guarded', IDL.encode([IDL.Text], ['short']))))).toBe('short');
    expect(codeOf(send('guarded', IDL.encode([IDL.Text], ['long'.repeat(50)])))).toBe('IC0406');
});

test('calls between canisters carry values, and say what became of them', () => {
    const Answer = IDL.Variant({ Ok: IDL.Nat, Err: IDL.Text });
    expect(IDL.decode([Answer], replied(send('increment_by_call', nat(2n))))).toEqual([{ Ok: 42n }]);
    const nothing = IDL.encode([], []);
    expect(text(replied(send('misread_a_reply', nothing)))).toBe('unknown');
    expect(read()).toBe(43n);
    expect(text(replied(send('call_nobody', nothing)))).toBe('not_executed');
});

test('every text survives the native encoder', () => {
    const ascii = Array.from({ length: 128 }, (_, i) => String.fromCharCode(i)).join('');
    const texts = ['', 'short', ascii, '"\\"', 'é€😀'.repeat(100), '\ufeffmark', 'a\u2028b\u0000', 'é'];
    for (const value of texts) {
        const argument = IDL.encode([IDL.Text], [value]);
        expect(replied(network.ask(canister, argument, 'echo'))).toEqual(argument);
    }
    const lonely = replied(network.ask(canister, IDL.encode([], []), 'lone_surrogate'));
    expect(text(lonely)).toBe('a lone \ufffd surrogate');
});

test('values as deep as they may be fit the stack, and deeper ones are refused', () => {
    const deep = (levels: number, leaf: unknown = { Leaf: null }): unknown =>
        levels === 0 ? leaf : { Map: [['key', deep(levels - 1, leaf)]] };
    const argument = (levels: number): Uint8Array => IDL.encode([Tree], [deep(levels)]);
    expect(replied(network.ask(canister, argument(64), 'echo_tree'))).toEqual(argument(64));
    expect(codeOf(network.ask(canister, argument(65), 'echo_tree'))).toBe('IC0503');
});
