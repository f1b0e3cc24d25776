import { accountKey, type Account } from '../../../src/core/account';
import type { Accounts } from './accounts';
import type { Block, Journal } from './journal';

/** Transactions that one query of the index answers at most; the official index's limit. */
export const INDEX_LIMIT = 2_000n;
/** Subaccounts that one query answers at most. */
export const SUBACCOUNT_LIMIT = 1_000;

/** What the index says of an account. */
export interface AccountHistory {
    /** Base units. */
    readonly balance: bigint;
    /** Newest first; archived ones are among them. */
    readonly transactions: readonly { readonly id: bigint; readonly block: Block }[];
    /** The account's first block. */
    readonly oldest: bigint | undefined;
}

/** Blocks that name the account, before `start`, newest first (ICRC-106, `get_account_transactions`). */
export function accountHistory(
    { accounts, journal }: { readonly accounts: Accounts; readonly journal: Journal },
    account: Account,
    start: bigint | undefined,
    maxResults: bigint
): AccountHistory {
    const key = accountKey.encode(account);
    const row = accounts.row(key);
    const at = (position: number): bigint => accounts.historyAt(key, row, position);
    const length = accounts.historyLength(row);
    const limit = Number(maxResults < INDEX_LIMIT ? maxResults : INDEX_LIMIT);
    const transactions: { id: bigint; block: Block }[] = [];
    for (let position = countBefore(start, length, at) - 1; position >= 0; position--) {
        if (transactions.length >= limit) break;
        const id = at(position);
        const block = journal.get(id);
        // An earlier version removed archived blocks: there the history ends.
        if (block === undefined) break;
        transactions.push({ id, block });
    }
    return { balance: row.balance, transactions, oldest: length === 0 ? undefined : at(0) };
}

/** Entries whose index is below `start`: a binary search, because an account may have any number. */
function countBefore(start: bigint | undefined, length: number, at: (position: number) => bigint): number {
    if (start === undefined) return length;
    let low = 0;
    let high = length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (at(middle) < start) low = middle + 1;
        else high = middle;
    }
    return low;
}
