import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { NativeCanister } from '../../../src/replica/state/native';
import * as s from './support/script';
import {
    codeOf,
    managementId,
    newNetwork,
    replied,
    repliedText,
    scripted,
    trillion,
    type TestNetwork
} from './support/network';

const bankId = Principal.fromText('um5iw-rqaaa-aaaaq-qaaba-cai').toUint8Array();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Takes half of what it is given, creates canisters, and hands out cycles. */
const bank: NativeCanister = {
    canisterId: bankId,
    controllers: [],
    metadata: [{ name: 'candid:service', visibility: 'public', content: Buffer.from('service : {}') }],
    update: ({ method, argument, cyclesAvailable }, host) => {
        if (method === 'create') {
            const terms = { cycles: trillion, subnetId: new Uint8Array() };
            const none = IDL.encode([IDL.Record({})], [{}]);
            return { response: host.callManagement('create_canister', none, terms), cyclesAccepted: 0n };
        }
        if (method === 'give') host.depositCycles(argument, 5n);
        return { response: { kind: 'reply', data: Buffer.from(method) }, cyclesAccepted: cyclesAvailable / 2n };
    },
    query: ({ method }) => ({ kind: 'reply', data: Buffer.from(`asked ${method}`) })
};

let wasm: Uint8Array;
let network: TestNetwork;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    network = newNetwork({}, [bank]);
});

test('native canisters: answer users and canisters, updates and queries', () => {
    expect(repliedText(network.send({ to: bankId, method: 'hello' }))).toBe('hello');
    expect(repliedText(network.ask(bankId, new Uint8Array(0), 'balance'))).toBe('asked balance');
    const a = network.deploy(wasm);
    const onReply = s.seq(s.appendArgument, s.reply());
    expect(repliedText(network.run(a, s.call({ to: bankId, method: 'hi', onReply })))).toBe('hi');
    const composed = s.call({ to: bankId, method: 'x', onReply });
    expect(repliedText(network.ask(a, composed, 'compose'))).toBe('asked x');
});

test('native canisters: keep accepted cycles, return the rest, and mint what they give', () => {
    const a = network.deploy(wasm);
    const onReply = s.seq(s.appendRefund, s.reply());
    const refund = replied(network.run(a, s.call({ to: bankId, method: 'keep', cycles: 10n, onReply })));
    expect(Buffer.from(refund).readBigUInt64LE()).toBe(5n);
    replied(network.send({ to: bankId, method: 'give', argument: a }));
    const { minted, consumed } = network.ic.cyclesInExistence();
    expect(network.ic.cycles(a)).toBe(minted - consumed);
});

test('native canisters: create canisters that they control', () => {
    const id = network.ic.defaultEffectiveCanisterId();
    replied(network.send({ to: bankId, method: 'create' }));
    expect(network.ic.controllers(id)).toEqual([bankId]);
    const { minted, consumed } = network.ic.cyclesInExistence();
    expect(network.ic.cycles(id)).toBe(minted - consumed);
});

test('native canisters: have a view, and their ids are taken', () => {
    expect(text(network.ic.canister(bankId)?.metadata[0]?.content ?? new Uint8Array(0))).toBe('service : {}');
    expect(codeOf(network.createAt(bankId))).toBe('IC0538');
});

test('determinism: the same messages make the same history', () => {
    const play = (): unknown => {
        const other = newNetwork();
        const [a, b] = [other.deploy(wasm), other.deploy(wasm)];
        const random = s.call({ to: managementId, method: 'raw_rand', onReply: s.seq(s.appendArgument, s.reply()) });
        const results = [other.run(a, random), other.run(b, s.call({ to: a, argument: random, onReply: s.reply() }))];
        return [results, [...other.ic.canisters()], other.ic.cycles(a), other.ic.certifiedTimeNs()];
    };
    expect(play()).toEqual(play());
});
