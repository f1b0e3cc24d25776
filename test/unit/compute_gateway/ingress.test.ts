import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { isWorthwhile } from '../../../canisters/compute_gateway/domain/ingress';
import { ALICE, Market, NODE_A } from './support/market';

const market = new Market();
market.attach(NODE_A);
const EMPTY = new Uint8Array(IDL.encode([], []));
const sized = (bytes: number): Uint8Array => {
    const bytesOf = new Uint8Array(bytes);
    bytesOf.set(EMPTY);
    return bytesOf;
};
const passes = (method: string, bytes: number, caller: Principal, isUpdate = true): boolean =>
    isWorthwhile(market.book.tables, { method, argument: sized(bytes), caller, isUpdate });

test('nobody’s updates are dropped, whatever they are; who reads may have a certified answer', () => {
    for (const method of ['submit_job', 'claim_jobs', 'register_app', 'anything']) {
        expect(passes(method, 10, Principal.anonymous())).toBe(false);
        expect(passes(method, 10, NODE_A)).toBe(true);
    }
    expect(passes('get_job', 10, Principal.anonymous(), false)).toBe(true);
});

test('what is no Candid is dropped', () => {
    const message = { method: 'submit_job', caller: ALICE, isUpdate: true };
    for (const argument of [new Uint8Array(), new TextEncoder().encode('{"json":1}')]) {
        expect(isWorthwhile(market.book.tables, { ...message, argument })).toBe(false);
    }
});

test('worker methods are for attached nodes; the others for anybody', () => {
    for (const method of ['claim_jobs', 'heartbeat', 'complete_job', 'complete_jobs', 'fail_job', 'goodbye']) {
        expect(passes(method, 10, ALICE)).toBe(false);
    }
    for (const method of ['submit_job', 'attach_node', 'cancel_job']) expect(passes(method, 10, ALICE)).toBe(true);
});

test('scenario 16: what is larger than any payload may be is dropped', () => {
    const sizes: [string, number][] = [
        ['submit_job', 131_072],
        ['submit_group', 16 * 131_072],
        ['complete_job', 1_048_576],
        ['heartbeat', 8_000]
    ];
    for (const [method, bytes] of sizes) {
        expect(passes(method, bytes, NODE_A)).toBe(true);
        expect(passes(method, bytes + 20_000, NODE_A)).toBe(false);
    }
});
