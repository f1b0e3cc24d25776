/** Rows of airdrops: what governance decided, and who took his part. */
import type { AirdropEntry } from '../../../../src/core/governance/airdrop';
import type { Cell, Log, OrderedTable, Table } from '../../../../src/core/table';

/** The six classes of recipients (domain.md A.1.14). */
export const AIRDROP_CLASSES = ['node', 'developer', 'user', 'trader', 'socket', 'task'] as const;
/** Recipients of one class; a wallet in two of them may claim in both (AS-85). */
export type AirdropClass = (typeof AIRDROP_CLASSES)[number];

/** By the root of a Merkle tree over the list (src/core/governance/airdrop.ts), or by the list itself. */
export type AirdropList =
    | { readonly kind: 'root'; readonly root: Uint8Array; readonly count: bigint }
    | { readonly kind: 'entries'; readonly entries: readonly AirdropEntry[] };

/** What a proposal decides: e8s in all, claimable until `expiresNs`. */
export interface AirdropOrder {
    readonly class: AirdropClass;
    readonly totalE8s: bigint;
    readonly expiresNs: bigint;
    readonly list: AirdropList;
}

/** An airdrop that was decided. Its total stays in the airdrop pool, owed, until it is claimed or expires. */
export interface AirdropRow {
    readonly class: AirdropClass;
    readonly totalE8s: bigint;
    /** R10: never more than the total. */
    readonly claimedE8s: bigint;
    readonly claims: bigint;
    /** Absent when the entries are stored one by one. */
    readonly root?: Uint8Array;
    readonly count: bigint;
    readonly createdNs: bigint;
    readonly expiresNs: bigint;
    readonly proposal: bigint;
    /** What nobody claimed has gone back to the pool. */
    readonly closed: boolean;
}

/** One place of one list: what is claimed once (R10). */
export interface AirdropPlace {
    readonly airdrop: bigint;
    readonly index: bigint;
}

/** Tables of airdrops; `airdropsDue` orders the open ones by their expiry. */
export interface AirdropTables {
    readonly airdrops: Log<AirdropRow>;
    readonly airdropEntries: Table<AirdropPlace, AirdropEntry>;
    /** Places that were claimed, by the payment; immutable once written. */
    readonly airdropClaims: Table<AirdropPlace, bigint>;
    readonly airdropsDue: OrderedTable<{ readonly atNs: bigint; readonly id: bigint }, null>;
    /** Σ of what was claimed and is not paid yet. */
    readonly airdropUnpaidE8s: Cell<bigint>;
}
