import { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { NS_PER_S } from '../../../src/core/clock';
import { MemoryTables } from '../../../src/core/table';
import { openStorage, type Storage } from '../../../canisters/token_icrc1/storage';
import type { ApproveOrder, TransferFromOrder, TransferOrder } from '../../../canisters/token_icrc1/domain/orders';
import { DEFAULT_SETTINGS, type TokenSettings } from '../../../canisters/token_icrc1/domain/token';

export const FEE = 10_000n;
export const T0 = 1_700_000_000n * NS_PER_S;
export const DAY_NS = 86_400n * NS_PER_S;

/** A principal of 29 bytes, as a signing key has. */
export function person(tag: number): Principal {
    const bytes = new Uint8Array(29).fill(tag);
    bytes[28] = 2;
    return Principal.fromUint8Array(bytes);
}

export function account(tag: number, sub?: number): Account {
    return sub === undefined ? { owner: person(tag) } : { owner: person(tag), subaccount: subaccount(sub) };
}

export function subaccount(last: number): Uint8Array {
    const bytes = new Uint8Array(32);
    bytes[31] = last;
    return bytes;
}

export const MINTER = account(0xaa);
export const ALICE = account(1);
export const BOB = account(2);
export const CAROL = account(3);

/** A ledger in memory with a clock that only the test moves. */
export class TestLedger {
    nowNs = T0;
    private tables = new MemoryTables();
    private opened = openStorage(this.tables);

    constructor(settings: Partial<TokenSettings> = {}) {
        this.storage.books.token.set({ ...DEFAULT_SETTINGS, fee: FEE, mintingAccount: MINTER, ...settings });
    }

    get storage(): Storage {
        return this.opened;
    }

    /** New code over the old tables: nothing that was not stored is left. */
    upgrade(): void {
        this.tables = this.tables.reopened();
        this.opened = openStorage(this.tables);
    }

    /** Mints, and answers the ledger for chaining. */
    with(to: Account, amount: bigint): this {
        expect(this.transfer({ from: MINTER, to, amount }).ok).toBe(true);
        return this;
    }

    transfer(order: TransferOrder) {
        return this.storage.ledger.transfer(order, this.nowNs);
    }

    transferFrom(order: TransferFromOrder) {
        return this.storage.ledger.transferFrom(order, this.nowNs);
    }

    approve(order: ApproveOrder) {
        return this.storage.ledger.approve(order, this.nowNs);
    }

    allowance(from: Account, spender: Account) {
        return this.storage.ledger.allowance(from, spender, this.nowNs);
    }

    balance(of: Account): bigint {
        return this.storage.ledger.balanceOf(of);
    }

    supply(): bigint {
        return this.storage.books.journal.supply();
    }

    blocks(): bigint {
        return this.storage.books.journal.length();
    }

    block(index: bigint) {
        return this.storage.books.journal.get(index);
    }

    /** All that a refused request must leave as it was. */
    state(...accounts: readonly Account[]) {
        return {
            balances: accounts.map((of) => this.balance(of)),
            allowances: accounts.flatMap((from) => accounts.map((spender) => this.allowance(from, spender))),
            totals: this.storage.books.journal.totals(),
            remembered: this.storage.books.window.size()
        };
    }
}

export const ok = (value: bigint) => ({ ok: true, value });
export const refused = (error: object) => ({ ok: false, error });
export const invalid = (reason: string) => refused({ kind: 'invalid', reason });
