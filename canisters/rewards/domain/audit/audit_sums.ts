/** What an audit adds up on its way through the tables. */

/** Their names, in the order in which a cursor spells them. */
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

/** Name of a figure that an audit adds up. */
export type AuditSum = (typeof AUDIT_SUMS)[number];
/** What an audit has added up so far: e8s, or rows, or rows that break a rule. */
export type AuditSums = Record<AuditSum, bigint>;

/** The sums before the first row. */
export function noSums(): AuditSums {
    return Object.fromEntries(AUDIT_SUMS.map((name) => [name, 0n])) as AuditSums;
}

/** Where an audit goes on: a section, a row of it, and an entry of the row's list. */
export interface AuditPosition {
    readonly section: bigint;
    readonly index: bigint;
    readonly inner: bigint;
}
