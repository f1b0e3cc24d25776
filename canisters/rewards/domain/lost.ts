/**
 * Lost transfers: the ledger's window of deduplication closed over an unknown outcome, so asking again could pay twice. The
 * ledger's own log tells: a block with exactly this transaction, or none up to before its date (domain.md C.0). Blocks are read
 * from the newest back, page by page, in the history of the account that has fewer of them.
 */
import { sameAccount, type Account } from '../../../src/core/account';
import { equalBytes } from '../../../src/core/bytes';
import { NS_PER_S } from '../../../src/core/clock';
import type { LedgerTransfer } from '../../../src/core/transfer_intents';
import { settleLost } from './attempts';
import type { RewardsState, TransferPurpose, TransferRow } from './state';
import { transferRow } from './transfers';

/** A transaction is executed between 2 minutes before its date and 24 h and 2 minutes after it (ICRC-1). */
const DRIFT_NS = 120n * NS_PER_S;
/** Behind this age no ledger executes it any more, and no call can still be on its way. */
const CERTAIN_AFTER_NS = 25n * 3_600n * NS_PER_S;

/** The next page of history to read, and for which transfer. */
export interface LostSearch {
    readonly id: bigint;
    readonly account: Account;
    /** Only blocks before this one; absent at first. */
    readonly start?: bigint;
}

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

/** The search to go on with; undefined while nothing is lost for certain. */
export function nextSearch(state: RewardsState, nowNs: bigint): LostSearch | undefined {
    const started = state.lostSearch.get();
    const lost = state.lost.get();
    if (started !== undefined && lost.includes(started.id)) {
        return { ...started, account: searchedAccount(transferRow(state, started.id)) };
    }
    const id = lost.find((one) => nowNs - transferRow(state, one).intent.transfer.createdAtNs > CERTAIN_AFTER_NS);
    return id === undefined ? undefined : { id, account: searchedAccount(transferRow(state, id)) };
}

/** Takes a page of the search: the transfer ends or is opened again when the page decides it. */
export function takePage(state: RewardsState, search: LostSearch, page: HistoryPage, nowNs: bigint): void {
    const { transfer } = transferRow(state, search.id).intent;
    const block = page.entries.find((entry) => isExecutionOf(transfer, entry));
    state.lostSearch.set(undefined);
    if (block !== undefined) settleLost(state, search.id, block.index, nowNs);
    else if (isBeyond(transfer, search, page)) settleLost(state, search.id, undefined, nowNs);
    else if (page.last !== undefined) state.lostSearch.set({ id: search.id, start: page.last.index });
    else {
        // Older blocks are in an archive that this canister does not read: the others go first.
        state.lost.set([...state.lost.get().filter((id) => id !== search.id), search.id]);
    }
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
function isBeyond({ createdAtNs }: LedgerTransfer, { start }: LostSearch, page: HistoryPage): boolean {
    const { last, oldestIndex } = page;
    if (oldestIndex === undefined) return true;
    if (last === undefined) return start !== undefined && start <= oldestIndex;
    return last.index <= oldestIndex || last.atNs < createdAtNs - DRIFT_NS;
}

const TO_OUTSIDE: readonly TransferPurpose['kind'][] = [
    'claim_payment',
    'holder_rest',
    'proposal_payment',
    'airdrop_payment',
    'holder_reward',
    'treasury_sweep'
];

/** The end of a transfer that sees fewer blocks: the payee outside, or the subaccount of a stake. */
function searchedAccount({ purpose, intent: { transfer } }: TransferRow): Account {
    return transfer.kind === 'pull' || TO_OUTSIDE.includes(purpose.kind) ? transfer.to : transfer.from;
}
