/** Random steps of the model: every operation of the rewards canister, with every fault at every call to the ledger. */
import * as fc from 'fast-check';
import { FAULTS, type Fault } from './world';

/** Compute nodes 1 … 5, of which the last two may be impeached, and a validator. */
export const NODES = 5;
export const VALIDATOR_NODE = 6;
export const WALLETS = 3;
export const HOLDERS = 3;
export const AIRDROP_ENTRIES = 5;

export const PROPOSALS = ['developer_grant', 'treasury_spend', 'airdrop', 'call', 'text'] as const;

export type Step =
    | { readonly kind: 'settle'; readonly weights: readonly number[]; readonly prices: readonly number[] }
    | { readonly kind: 'bind'; readonly node: number; readonly wallet: number }
    | { readonly kind: 'request'; readonly wallet: number; readonly part: boolean }
    | { readonly kind: 'pay' | 'cancel'; readonly claim: number; readonly fault: Fault }
    | {
          readonly kind: 'stake' | 'release' | 'top_up';
          readonly node: number;
          /** Without it the ledger refuses the pull, at once or at a later attempt. */
          readonly approved: boolean;
          readonly fault: Fault;
      }
    | { readonly kind: 'renew' | 'dispute' | 'undispute'; readonly node: number }
    | { readonly kind: 'slash'; readonly node: number; readonly windows: number; readonly again: boolean }
    | { readonly kind: 'impeach'; readonly node: number }
    | {
          readonly kind: 'hold';
          readonly holder: number;
          readonly emc: number;
          readonly days: number;
          readonly approved: boolean;
          readonly fault: Fault;
      }
    | { readonly kind: 'withdraw'; readonly stake: number; readonly fault: Fault }
    | { readonly kind: 'propose'; readonly what: (typeof PROPOSALS)[number] }
    | { readonly kind: 'govern'; readonly lost: boolean }
    | { readonly kind: 'claim_airdrop'; readonly airdrop: number; readonly index: number; readonly fault: Fault }
    | { readonly kind: 'gift'; readonly purse: 'treasury' | 'staking' | 'node' | 'payable'; readonly e8s: number }
    | { readonly kind: 'observe' }
    | { readonly kind: 'tick'; readonly faults: readonly Fault[] }
    | { readonly kind: 'wait'; readonly minutes: number };

const kind = <Kind extends string>(...names: Kind[]): fc.Arbitrary<Kind> => fc.constantFrom(...names);
const fault = fc.constantFrom(...FAULTS);
const approved = fc.constantFrom(true, true, true, false);
const node = fc.integer({ min: 1, max: VALIDATOR_NODE });

/** Numbers of claims and stakes are counted from the newest, so that long stories do not only hit old ones. */
const recent = fc.nat(6);

export const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
        kind: kind('settle'),
        weights: fc.array(fc.nat(1_000), { minLength: NODES, maxLength: NODES }),
        prices: fc.array(fc.integer({ min: 500_000, max: 2_000_000_000 }), { maxLength: 3 })
    }),
    fc.record({ kind: kind('bind'), node: fc.integer({ min: 1, max: NODES }), wallet: fc.nat(WALLETS - 1) }),
    fc.record({ kind: kind('request'), wallet: fc.nat(WALLETS - 1), part: fc.boolean() }),
    fc.record({ kind: kind('pay', 'cancel'), claim: recent, fault }),
    fc.record({ kind: kind('stake', 'release', 'top_up'), node, approved, fault }),
    fc.record({ kind: kind('renew', 'dispute', 'undispute'), node }),
    fc.record({ kind: kind('slash'), node, windows: fc.nat(30), again: fc.boolean() }),
    fc.record({ kind: kind('impeach'), node: fc.integer({ min: NODES - 1, max: NODES }) }),
    fc.record({
        kind: kind('hold'),
        holder: fc.nat(HOLDERS - 1),
        emc: fc.integer({ min: 5, max: 5_000 }),
        days: fc.constantFrom(30, 90, 60),
        approved,
        fault
    }),
    fc.record({ kind: kind('withdraw'), stake: recent, fault }),
    fc.record({ kind: kind('propose'), what: fc.constantFrom(...PROPOSALS) }),
    fc.record({ kind: kind('govern'), lost: fc.boolean() }),
    fc.record({ kind: kind('claim_airdrop'), airdrop: fc.nat(2), index: fc.nat(AIRDROP_ENTRIES), fault }),
    fc.record({
        kind: kind('gift'),
        purse: kind('treasury', 'staking', 'node', 'payable'),
        e8s: fc.integer({ min: 1, max: 10 ** 9 })
    }),
    fc.record({ kind: kind('observe') }),
    fc.record({ kind: kind('tick'), faults: fc.array(fault, { maxLength: 4 }) }),
    fc.record({ kind: kind('wait'), minutes: fc.constantFrom(1, 11, 130, 1_500, 11_000, 45_000) })
);
