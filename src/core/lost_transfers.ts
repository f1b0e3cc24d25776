/**
 * Lost transfers: the ledger's window of deduplication closed over an unknown outcome, so asking again could pay twice. The
 * ledger's own log tells: a block with exactly this transaction, or none up to before its date (domain.md C.0). Blocks are read
 * from the newest back, page by page, in the history of one of the two accounts. A balance is no witness: anybody can change it.
 */
import { sameAccount, type Account } from './account';
import { equalBytes } from './bytes';
import { NS_PER_S } from './clock';
import type { LedgerTransfer } from './transfer_intents';

/** A transaction is executed between 2 minutes before its date and 24 h and 2 minutes after it (ICRC-1). */
const DRIFT_NS = 120n * NS_PER_S;
/** Behind this age no ledger executes it any more, and no call can still be on its way. */
const CERTAIN_AFTER_NS = 25n * 3_600n * NS_PER_S;

/** A transfer or a burn in the history of an account. */
export interface HistoryEntry {
    readonly index: bigint;
    readonly atNs: bigint;
    readonly from: Account;
    /** Absent for a burn. */
    readonly to?: Account;
    readonly amountE8s: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
}

/** Newest first. */
export interface HistoryPage {
    readonly entries: readonly HistoryEntry[];
    /** Index and time of the last block that was read, whatever it is; absent when there was none. */
    readonly last?: { readonly index: bigint; readonly atNs: bigint };
    /** The account's first block. */
    readonly oldestIndex?: bigint;
}

/** What a page of history says of a transfer. */
export type Verdict =
    | { readonly kind: 'executed'; readonly blockIndex: bigint }
    | { readonly kind: 'never' }
    /** It may be before this block. */
    | { readonly kind: 'older'; readonly before: bigint }
    /** The older blocks cannot be read now. */
    | { readonly kind: 'unreadable' };

/** Whether the ledger cannot execute the transfer any more: only then its history is final. */
export function isHistory({ createdAtNs }: LedgerTransfer, nowNs: bigint): boolean {
    return nowNs - createdAtNs > CERTAIN_AFTER_NS;
}

/** Judges by the page of blocks before `start`; without one, by the newest page. */
export function judgePage(transfer: LedgerTransfer, start: bigint | undefined, page: HistoryPage): Verdict {
    const block = page.entries.find((entry) => isExecutionOf(transfer, entry));
    if (block !== undefined) return { kind: 'executed', blockIndex: block.index };
    if (isBeyond(transfer, start, page)) return { kind: 'never' };
    return page.last === undefined ? { kind: 'unreadable' } : { kind: 'older', before: page.last.index };
}

/** Everybody can choose a memo and a date, so accounts and amount must be the same, too. */
function isExecutionOf(transfer: LedgerTransfer, entry: HistoryEntry): boolean {
    return (
        entry.createdAtNs === transfer.createdAtNs &&
        entry.amountE8s === transfer.amountE8s &&
        equalBytes(entry.memo ?? new Uint8Array(), transfer.memo) &&
        sameAccount(entry.from, transfer.from) &&
        (entry.to === undefined ? transfer.feeE8s === 0n : sameAccount(entry.to, transfer.to))
    );
}

/** The history was read to before the transfer can have been executed, or to its beginning. */
function isBeyond({ createdAtNs }: LedgerTransfer, start: bigint | undefined, page: HistoryPage): boolean {
    const { last, oldestIndex } = page;
    if (oldestIndex === undefined) return true;
    if (last === undefined) return start !== undefined && start <= oldestIndex;
    return last.index <= oldestIndex || last.atNs < createdAtNs - DRIFT_NS;
}
