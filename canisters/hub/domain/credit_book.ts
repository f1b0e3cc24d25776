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

/** Credit accounts in double entry: each posting moves credits between two places, and the totals move with it (I-H2). */
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
        this.post(owner, this.account(owner), { bought: credits, available: credits });
        this.total({ bought: credits, available: credits });
    }

    /** available → held. */
    hold(owner: Principal, credits: bigint): Result<void, ErrorOf<'InsufficientCredits'>> {
        const account = this.account(owner);
        if (account.available < credits) return err({ kind: 'InsufficientCredits', available: account.available });
        this.post(owner, account, { available: -credits, held: credits });
        this.total({ available: -credits, held: credits });
        return DONE;
    }

    /** held → spent for what was used, held → available for the rest: `reserved = consumed + returned` (H2). */
    capture(owner: Principal, held: bigint, used: bigint): void {
        invariant(used <= held, 'H2', `${used} of ${held} credits`);
        const released = held - used;
        this.post(owner, this.account(owner), { held: -held, spent: used, available: released });
        this.total({ held: -held, captured: used, available: released });
    }

    /** available → available of a compute socket's purse, with the purchase that they came from. */
    move(from: Principal, to: Principal, credits: bigint): void {
        this.post(from, this.account(from), { bought: -credits, available: -credits });
        this.post(to, this.account(to), { bought: credits, available: credits });
    }

    /** held of a purse → spent of its user for what was used, held → available of the purse for the rest. */
    captureFrom(purse: Principal, user: Principal, held: bigint, used: bigint): void {
        invariant(used <= held, 'H2', `${used} of ${held} credits`);
        const released = held - used;
        this.post(purse, this.account(purse), { bought: -used, held: -held, available: released });
        this.post(user, this.account(user), { bought: used, spent: used });
        this.total({ held: -held, captured: used, available: released });
    }

    /** spent → available, before the money has left: the request earned nobody anything. */
    giveBack(owner: Principal, credits: bigint): void {
        this.post(owner, this.account(owner), { spent: -credits, available: credits });
        this.total({ captured: -credits, available: credits });
    }

    /** captured → settled: the money of these credits has left the hub. */
    settle(credits: bigint): void {
        this.total({ captured: -credits, settled: credits });
    }

    /** available → withdrawn, the money still here: it is about to be paid back. */
    beginWithdrawal(owner: Principal, credits: bigint): Result<void, ErrorOf<'InsufficientCredits'>> {
        const account = this.account(owner);
        if (account.available < credits) return err({ kind: 'InsufficientCredits', available: account.available });
        this.post(owner, account, { available: -credits, withdrawn: credits });
        this.total({ available: -credits, withdrawing: credits });
        return DONE;
    }

    /** withdrawing → withdrawn: the money has left for the owner. */
    endWithdrawal(credits: bigint): void {
        this.total({ withdrawing: -credits, withdrawn: credits });
    }

    /** withdrawn → available: the money never left. */
    undoWithdrawal(owner: Principal, credits: bigint): void {
        this.post(owner, this.account(owner), { withdrawn: -credits, available: credits });
        this.total({ withdrawing: -credits, available: credits });
    }

    /** Every account with a row is listed, also one whose first entry moved nothing: the audit adds up what is listed. */
    private post(owner: Principal, account: CreditAccount, change: Partial<CreditAccount>): void {
        const next: CreditAccount = {
            bought: account.bought + (change.bought ?? 0n),
            available: account.available + (change.available ?? 0n),
            held: account.held + (change.held ?? 0n),
            spent: account.spent + (change.spent ?? 0n),
            withdrawn: account.withdrawn + (change.withdrawn ?? 0n)
        };
        invariant(isWhole(next), 'H2', owner.toText());
        if (account === NO_CREDITS) this.tables.owners.append(owner);
        this.tables.accounts.set(owner, next);
    }

    private total(change: Partial<CreditTotals>): void {
        const totals = this.tables.totals.get();
        const next: CreditTotals = {
            bought: totals.bought + (change.bought ?? 0n),
            available: totals.available + (change.available ?? 0n),
            held: totals.held + (change.held ?? 0n),
            captured: totals.captured + (change.captured ?? 0n),
            settled: totals.settled + (change.settled ?? 0n),
            withdrawing: totals.withdrawing + (change.withdrawing ?? 0n),
            withdrawn: totals.withdrawn + (change.withdrawn ?? 0n)
        };
        invariant(isBalanced(next), 'H2', 'totals');
        this.tables.totals.set(next);
    }
}

function isWhole({ bought, available, held, spent, withdrawn }: CreditAccount): boolean {
    const parts = [available, held, spent, withdrawn];
    return parts.every((part) => part >= 0n) && available + held + spent + withdrawn === bought;
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
