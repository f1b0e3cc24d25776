/** What an audit adds up on its way through the tables. */

export const AUDIT_SUMS = [
    'payable_debt',
    'node_debt',
    'trading_debt',
    'settlement_debt',
    'unbound',
    'emitted',
    'assigned',
    'carried',
    'volume',
    'fees',
    'rewards',
    'staked',
    'due',
    'power',
    'held',
    'owed_rewards',
    'paid_claims',
    'paid_transfers',
    'open_transfers',
    'undecided',
    'airdrop_debt',
    'airdrop_claims',
    'airdrop_claimed',
    'airdrop_payments',
    'airdrop_payouts',
    /** Of the list that is being read, so that a list may be longer than a page. */
    'list',
    'list_items',
    'broken_r1',
    'broken_r2',
    'broken_r3',
    'broken_r5',
    'broken_r6',
    'broken_r7',
    'broken_r8',
    'broken_r9',
    'broken_r10',
    'broken_sm1'
] as const;

export type AuditSum = (typeof AUDIT_SUMS)[number];
export type AuditSums = Record<AuditSum, bigint>;

export function noSums(): AuditSums {
    return Object.fromEntries(AUDIT_SUMS.map((name) => [name, 0n])) as AuditSums;
}

/** Where an audit goes on: a section, a row of it, and an entry of the row's list. */
export interface AuditPosition {
    readonly section: bigint;
    readonly index: bigint;
    readonly inner: bigint;
}
