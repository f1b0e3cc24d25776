import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { isWorthwhile } from '../../../canisters/rewards/domain/ingress';
import { idlFactory } from '../../../src/declarations/rewards';

const methods = new Map(idlFactory({ IDL })._fields);

/** An argument as a client encodes it. */
function argument(method: string, ...values: unknown[]): Uint8Array {
    return new Uint8Array(IDL.encode(methods.get(method)?.argTypes ?? [], values));
}

/** The longest principal, and an account of it. */
const WHO = Principal.fromUint8Array(new Uint8Array(29).fill(255));
const ACCOUNT = { owner: WHO, subaccount: [new Uint8Array(32)] };
const MOST = 2n ** 64n - 1n;
const passes = (method: string, bytes: Uint8Array, isPeer = false) => isWorthwhile({ method, argument: bytes, isPeer });

test('the largest argument that each method can mean passes', () => {
    const texts = { title: '€'.repeat(200), summary: '€'.repeat(4_000) };
    const call = { Call: { canister: 'compute_gateway', method: 'm'.repeat(64), args: new Uint8Array(16_384) } };
    const Entries = Array.from({ length: 200 }, () => ({ account: ACCOUNT, amount_e8s: MOST }));
    const airdrop = { class: { node: null }, total_e8s: MOST, expires_ns: MOST, list: { Entries } };
    const drop = { airdrop: MOST, index: MOST, amount_e8s: MOST, subaccount: [new Uint8Array(32)] };
    const largest: [string, Uint8Array][] = [
        ['submit_proposal', argument('submit_proposal', { ...texts, kind: call })],
        ['submit_proposal', argument('submit_proposal', { ...texts, kind: { Airdrop: airdrop } })],
        ['claim_airdrop', argument('claim_airdrop', { ...drop, proof: Array(64).fill(new Uint8Array(32)) })],
        ['stake_node', argument('stake_node', { node: WHO, amount_e8s: MOST, term_days: MOST, from_subaccount: [] })]
    ];
    expect(largest.map(([method, bytes]) => [method, passes(method, bytes)])).toEqual(
        largest.map(([method]) => [method, true])
    );
});

test('what is larger than any sense of its method, or no Candid, is refused', () => {
    expect(passes('claim', argument('claim', 1n))).toBe(true);
    expect(passes('claim', Uint8Array.of(...argument('claim', 1n), ...new Uint8Array(2_048)))).toBe(false);
    expect(passes('claim', new Uint8Array())).toBe(false);
    expect(passes('claim', new TextEncoder().encode('{"json":1}'))).toBe(false);
});

test('only peers report at length', () => {
    const weights = Array.from({ length: 1_000 }, () => ({ node: WHO, weight: MOST }));
    const round = { round: 1n, source_hash: new Uint8Array(32), money_e8s: 0n, trades: [], weights };
    const report = argument('c2c_settle_round', round);
    expect([passes('c2c_settle_round', report, true), passes('c2c_settle_round', report)]).toEqual([true, false]);
    // What is not theirs has its limit for them, too.
    expect(passes('claim', report, true)).toBe(false);
});
