import { invariant } from '../../../src/core/assert';
import { concatBytes } from '../../../src/core/bytes';
import { ByteReader, ByteWriter, nat, u32, u32Key, type Codec } from '../../../src/core/codec';
import type { Table } from '../../../src/core/table';
import type { OrderedSets } from './ordered_sets';

/** Bytes of `accountKey` of src/core/account: equal for both spellings of the default subaccount. */
export type AccountKey = Uint8Array;

const SUBACCOUNT_BYTES = 32;
const INDEX_BYTES = 8;
/** Indices in a page of an account's history. */
const PAGE_LENGTH = 32;

/** What is known of an account. Balance and newest history share a row, so that the index costs no access of its own. */
export interface AccountRow {
    /** Base units. */
    readonly balance: bigint;
    /** Full pages of the history, each of {@link PAGE_LENGTH} block indices. */
    readonly pages: number;
    /** Indices of the newest blocks, ascending, 8 bytes each, that fill no page yet. */
    readonly newest: Uint8Array;
}

/** Stored form of an account. */
export const accountRowCodec: Codec<AccountRow> = {
    encode(row) {
        const writer = new ByteWriter();
        nat.write(writer, row.balance);
        u32.write(writer, row.pages);
        writer.raw(row.newest);
        return writer.finish();
    },
    decode(bytes) {
        const reader = new ByteReader(bytes);
        return { balance: nat.read(reader), pages: u32.read(reader), newest: reader.rest() };
    }
};

/** The row of an account that no block names. */
export const NO_ROW: AccountRow = { balance: 0n, pages: 0, newest: new Uint8Array(0) };

/** Balances, and the index of blocks by account. The minting account is in neither. */
export class Accounts {
    constructor(
        private readonly rows: Table<AccountKey, AccountRow>,
        private readonly pages: Table<Uint8Array, Uint8Array>,
        /** Subaccounts, other than the default one, by owner. */
        private readonly subaccounts: OrderedSets
    ) {}

    row(account: AccountKey): AccountRow {
        return this.rows.get(account) ?? NO_ROW;
    }

    balance(account: AccountKey): bigint {
        return this.row(account).balance;
    }

    /** Gives `amount` by the block, or by none: a fee collector's income is no entry of its history. */
    credit(account: AccountKey, amount: bigint, block?: bigint): void {
        const row = this.row(account);
        this.put(account, row, { ...row, balance: row.balance + amount }, block);
    }

    /** Takes `amount` by the block from an account whose row the caller has read and found sufficient. */
    debit(account: AccountKey, row: AccountRow, amount: bigint, block: bigint): void {
        invariant(row.balance >= amount, 'T1', `debit of ${amount} from ${row.balance}`);
        this.put(account, row, { ...row, balance: row.balance - amount }, block);
    }

    /** Enters the block into the history of an account whose balance it does not change. */
    mention(account: AccountKey, block: bigint): void {
        const row = this.row(account);
        this.put(account, row, row, block);
    }

    /** Accounts that any block names. */
    size(): number {
        return this.rows.size();
    }

    /** Blocks that name the account. */
    historyLength(row: AccountRow): number {
        return row.pages * PAGE_LENGTH + row.newest.length / INDEX_BYTES;
    }

    /** Index of the account's `position`-th block, counted from its oldest. */
    historyAt(account: AccountKey, row: AccountRow, position: number): bigint {
        const page = Math.floor(position / PAGE_LENGTH);
        const stored = page === row.pages ? row.newest : this.pages.get(pageKey(account, page));
        invariant(stored !== undefined, 'T7', `page ${page} of a history is missing`);
        return indexAt(stored, (position % PAGE_LENGTH) * INDEX_BYTES);
    }

    /** Subaccounts of the owner that blocks name, behind `after`, in byte order. */
    subaccountsOf(owner: Uint8Array, after: Uint8Array | undefined, limit: number): readonly Uint8Array[] {
        const listed = this.subaccounts.list(owner, after, limit);
        const zero = new Uint8Array(SUBACCOUNT_BYTES);
        const hasDefault = after === undefined && this.rows.has(concatBytes(Uint8Array.of(owner.length), owner, zero));
        return hasDefault ? [zero, ...listed].slice(0, limit) : listed;
    }

    private put(account: AccountKey, before: AccountRow, row: AccountRow, block: bigint | undefined): void {
        if (before === NO_ROW) this.introduce(account);
        this.rows.set(account, block === undefined ? row : this.entered(account, row, block));
    }

    private introduce(account: AccountKey): void {
        const subaccount = account.subarray(account.length - SUBACCOUNT_BYTES);
        if (subaccount.some((byte) => byte !== 0)) {
            this.subaccounts.add(account.slice(1, account.length - SUBACCOUNT_BYTES), subaccount.slice());
        }
    }

    private entered(account: AccountKey, row: AccountRow, block: bigint): AccountRow {
        const { newest, pages } = row;
        // An account may be named twice by a block.
        if (newest.length > 0 && indexAt(newest, newest.length - INDEX_BYTES) === block) return row;
        if (newest.length < PAGE_LENGTH * INDEX_BYTES) return { ...row, newest: appended(newest, block) };
        this.pages.set(pageKey(account, pages), newest);
        return { ...row, pages: pages + 1, newest: appended(NO_ROW.newest, block) };
    }
}

function pageKey(account: AccountKey, page: number): Uint8Array {
    return concatBytes(account, u32Key.encode(page));
}

function indexAt(page: Uint8Array, offset: number): bigint {
    return new DataView(page.buffer, page.byteOffset, page.byteLength).getBigUint64(offset);
}

function appended(newest: Uint8Array, block: bigint): Uint8Array {
    const grown = new Uint8Array(newest.length + INDEX_BYTES);
    grown.set(newest);
    new DataView(grown.buffer).setBigUint64(newest.length, block);
    return grown;
}
