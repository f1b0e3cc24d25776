import { Principal } from '@dfinity/principal';
import { isWorthwhile } from '../../../canisters/compute_gateway/domain/ingress';
import { ALICE, Market, NODE_A } from './support/market';

const market = new Market();
market.attach(NODE_A);
const passes = (method: string, bytes: number, caller: Principal): boolean =>
    isWorthwhile(market.book.tables, method, bytes, caller);

test('nobody’s messages are dropped, whatever they are', () => {
    for (const method of ['submit_job', 'claim_jobs', 'register_app', 'anything']) {
        expect(passes(method, 10, Principal.anonymous())).toBe(false);
        expect(passes(method, 10, NODE_A)).toBe(true);
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
