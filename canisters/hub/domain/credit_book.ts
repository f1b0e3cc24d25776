import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { collectPage } from '../../../src/core/page';
import { DONE, err, type Result } from '../../../src/core/result';
import type { Cell, Log, Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';

/** Credits of one principal. `bought = available + held + spent + withdrawn`, always. */
export interface CreditAccount {
    readonly bought: bigint;
    readonly available: bigint;
    /** Reserved for requests that have no result yet. */
    readonly held: bigint;
    /** Captured by successful requests. */
    readonly spent: bigint;
    /** Paid back, or on the way. */
    readonly withdrawn: bigint;
}

/**
 * The other side of every posting, summed over all accounts:
 * `bought = available + held + captured + settled + withdrawing + withdrawn`, and
 * `(available + held + captured + withdrawing) × price` is in the hub's ledger account.
 */
export interface CreditTotals {
    readonly bought: bigint;
    readonly available: bigint;
    readonly held: bigint;
    /** Spent, and the money is still with the hub: it leaves when the window is paid. */
    readonly captured: bigint;
    /** Spent, and the money has left for rewards. */
    readonly settled: bigint;
    /** To be paid back; the transfer is under way. */
    readonly withdrawing: bigint;
    /** Paid back. */
    readonly withdrawn: bigint;
}

export const NO_CREDITS: CreditAccount = { bought: 0n, available: 0n, held: 0n, spent: 0n, withdrawn: 0n };
export const NO_TOTALS: CreditTotals = {
    bought: 0n,
    available: 0n,
    held: 0n,
    captured: 0n,
    settled: 0n,
    withdrawing: 0n,
    withdrawn: 0n
};

export interface CreditTables {
    readonly accounts: Table<Principal, CreditAccount>;
    /** Owners in the order of their first purchase, so that the accounts can be added up page by page. */
    readonly owners: Log<Principal>;
    readonly totals: Cell<CreditTotals>;
}

/**
 * Credit accounts in double entry: each posting moves credits between two places, and the totals move with it (I-H2). A book
 * that balances balances after a move too, so what a posting checks is that the place that gives has enough. Postings of every
 * request name the fields that change: to add up all of them cost a canister 350 000 instructions.
 */
export class CreditBook {
    constructor(private readonly tables: CreditTables) {}

    account(owner: Principal): CreditAccount {
        return this.tables.accounts.get(owner) ?? NO_CREDITS;
    }

    totals(): CreditTotals {
        return this.tables.totals.get();
    }

    /** Outside → available: the money has arrived. */
    buy(owner: Principal, credits: bigint): void {
        const account = this.account(owner);
        const totals = this.totals();
        this.put(owner, account, {
            ...account,
            bought: account.bought + credits,
            available: account.available + credits
        });
        this.tables.totals.set({
            ...totals,
            bought: totals.bought + credits,
            available: totals.available + credits
        });
    }

    /** available → held. */
    hold(owner: Principal, credits: bigint): Result<void, ErrorOf<'InsufficientCredits'>> {
        const account = this.account(owner);
        if (account.available < credits) return err({ kind: 'InsufficientCredits', available: account.available });
        const totals = this.totals();
        const available = taken(totals.available, credits);
        this.put(owner, account, {
            ...account,
            available: account.available - credits,
            held: account.held + credits
        });
        this.tables.totals.set({ ...totals, available, held: totals.held + credits });
        return DONE;
    }

    /** held → spent for what was used, held → available for the rest: `reserved = consumed + returned` (H2). */
    capture(owner: Principal, held: bigint, used: bigint): void {
        const released = taken(held, used);
        const account = this.account(owner);
        this.put(owner, account, {
            ...account,
            available: account.available + released,
            held: taken(account.held, held),
            spent: account.spent + used
        });
        this.captureTotals(held, used);
    }

    /** available → available of a compute socket's purse, with the purchase that they came from. */
    move(from: Principal, to: Principal, credits: bigint): void {
        const giver = this.account(from);
        this.put(from, giver, {
            ...giver,
            bought: taken(giver.bought, credits),
            available: taken(giver.available, credits)
        });
        const taker = this.account(to);
        this.put(to, taker, { ...taker, bought: taker.bought + credits, available: taker.available + credits });
    }

    /** held of a purse → spent of its user for what was used, held → available of the purse for the rest. */
    captureFrom(purse: Principal, user: Principal, held: bigint, used: bigint): void {
        const released = taken(held, used);
        const payer = this.account(purse);
        this.put(purse, payer, {
            ...payer,
            bought: taken(payer.bought, used),
            available: payer.available + released,
            held: taken(payer.held, held)
        });
        const account = this.account(user);
        this.put(user, account, { ...account, bought: account.bought + used, spent: account.spent + used });
        this.captureTotals(held, used);
    }

    /** spent → available, before the money has left: the request earned nobody anything. */
    giveBack(owner: Principal, credits: bigint): void {
        const account = this.account(owner);
        const totals = this.totals();
        this.put(owner, account, {
            ...account,
            available: account.available + credits,
            spent: taken(account.spent, credits)
        });
        this.tables.totals.set({
            ...totals,
            available: totals.available + credits,
            captured: taken(totals.captured, credits)
        });
    }

    /** captured → settled: the money of these credits has left the hub. */
    settle(credits: bigint): void {
        const totals = this.totals();
        this.tables.totals.set({
            ...totals,
            captured: taken(totals.captured, credits),
            settled: totals.settled + credits
        });
    }

    /** available → withdrawn, the money still here: it is about to be paid back. */
    beginWithdrawal(owner: Principal, credits: bigint): Result<void, ErrorOf<'InsufficientCredits'>> {
        const account = this.account(owner);
        if (account.available < credits) return err({ kind: 'InsufficientCredits', available: account.available });
        const totals = this.totals();
        const available = taken(totals.available, credits);
        this.put(owner, account, {
            ...account,
            available: account.available - credits,
            withdrawn: account.withdrawn + credits
        });
        this.tables.totals.set({ ...totals, available, withdrawing: totals.withdrawing + credits });
        return DONE;
    }

    /** withdrawing → withdrawn: the money has left for the owner. */
    endWithdrawal(credits: bigint): void {
        const totals = this.totals();
        this.tables.totals.set({
            ...totals,
            withdrawing: taken(totals.withdrawing, credits),
            withdrawn: totals.withdrawn + credits
        });
    }

    /** withdrawn → available: the money never left. */
    undoWithdrawal(owner: Principal, credits: bigint): void {
        const account = this.account(owner);
        const totals = this.totals();
        this.put(owner, account, {
            ...account,
            available: account.available + credits,
            withdrawn: taken(account.withdrawn, credits)
        });
        this.tables.totals.set({
            ...totals,
            available: totals.available + credits,
            withdrawing: taken(totals.withdrawing, credits)
        });
    }

    private captureTotals(held: bigint, used: bigint): void {
        const totals = this.totals();
        this.tables.totals.set({
            ...totals,
            available: totals.available + held - used,
            held: taken(totals.held, held),
            captured: totals.captured + used
        });
    }

    /** Every account with a row is listed, also one whose first entry moved nothing: the audit adds up what is listed. */
    private put(owner: Principal, before: CreditAccount, after: CreditAccount): void {
        if (before === NO_CREDITS) this.tables.owners.append(owner);
        this.tables.accounts.set(owner, after);
    }
}

/** What a place of the book has after it gave. */
function taken(place: bigint, credits: bigint): bigint {
    invariant(credits <= place, 'H2', 'credits that are not there', credits);
    return place - credits;
}

/** Whether the two sides of the book agree and nothing is below zero. */
export function isBalanced({ bought, ...places }: CreditTotals): boolean {
    const parts = Object.values(places);
    return parts.every((part) => part >= 0n) && parts.reduce((sum, part) => sum + part, 0n) === bought;
}

/** What the hub's ledger account must hold for these totals, in e8s. */
export function backingE8s(totals: CreditTotals, creditPriceE8s: bigint): bigint {
    return (totals.available + totals.held + totals.captured + totals.withdrawing) * creditPriceE8s;
}

/** Sums over a page of accounts. */
export interface AccountSums extends CreditAccount {
    /** Where the next page starts; absent at the end. */
    readonly next?: bigint;
}

/** Adds up accounts from the given index on: all pages together are the totals, or the book is broken. */
export function sumAccounts(tables: CreditTables, start: bigint, take: bigint): AccountSums {
    const length = tables.owners.length();
    const owners = collectPage(start, take, length, (index) => tables.owners.get(index));
    let sums = NO_CREDITS;
    for (const owner of owners) {
        const account = tables.accounts.get(owner) ?? NO_CREDITS;
        sums = {
            bought: sums.bought + account.bought,
            available: sums.available + account.available,
            held: sums.held + account.held,
            spent: sums.spent + account.spent,
            withdrawn: sums.withdrawn + account.withdrawn
        };
    }
    const end = start + BigInt(owners.length);
    return { ...sums, next: end < length && owners.length > 0 ? end : undefined };
}
