import { invariant } from '../../../src/core/assert';
import type { Table } from '../../../src/core/table';

/** Bytes of `accountKey` of src/core/account: equal for both spellings of the default subaccount. */
export type AccountKey = Uint8Array;

/** Balances in base units. Accounts without tokens are not stored; the minting account never is. */
export class Balances {
    constructor(private readonly table: Table<AccountKey, bigint>) {}

    of(account: AccountKey): bigint {
        return this.table.get(account) ?? 0n;
    }

    credit(account: AccountKey, amount: bigint): void {
        if (amount > 0n) this.table.set(account, this.of(account) + amount);
    }

    /** Takes `amount` from an account whose balance the caller has read and found sufficient. */
    debit(account: AccountKey, balance: bigint, amount: bigint): void {
        invariant(balance >= amount, 'T1', `debit of ${amount} from ${balance}`);
        if (balance === amount) this.table.delete(account);
        else this.table.set(account, balance - amount);
    }

    /** Number of accounts that hold tokens. */
    accounts(): number {
        return this.table.size();
    }
}
