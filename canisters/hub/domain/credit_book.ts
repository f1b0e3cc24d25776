import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { collectPage } from '../../../src/core/page';
import { DONE, err, type Result } from '../../../src/core/result';
import type { Cell, Log, Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';

/** Credits of one principal. `bought = available + held + spent`, always. */
export interface CreditAccount {
    readonly bought: bigint;
    readonly available: bigint;
    /** Reserved for requests that have no result yet. */
    readonly held: bigint;
    /** Captured by successful requests. */
    readonly spent: bigint;
}

/**
 * The other side of every posting, summed over all accounts:
 * `bought = available + held + captured + settled`, and `(available + held + captured) × price` is what the hub's
 * ledger account holds.
 */
export interface CreditTotals {
    readonly bought: bigint;
    readonly available: bigint;
    readonly held: bigint;
    /** Spent, and the money is still with the hub: it leaves when the window is paid. */
    readonly captured: bigint;
    /** Spent, and the money has left for rewards. */
    readonly settled: bigint;
}

export const NO_CREDITS: CreditAccount = { bought: 0n, available: 0n, held: 0n, spent: 0n };
export const NO_TOTALS: CreditTotals = { bought: 0n, available: 0n, held: 0n, captured: 0n, settled: 0n };

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
        const account = this.account(owner);
        if (account.bought === 0n) this.tables.owners.append(owner);
        this.post(owner, account, { bought: credits, available: credits });
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

    /** spent → available, before the money has left: the request earned nobody anything. */
    giveBack(owner: Principal, credits: bigint): void {
        this.post(owner, this.account(owner), { spent: -credits, available: credits });
        this.total({ captured: -credits, available: credits });
    }

    /** captured → settled: the money of these credits has left the hub. */
    settle(credits: bigint): void {
        this.total({ captured: -credits, settled: credits });
    }

    private post(owner: Principal, account: CreditAccount, change: Partial<CreditAccount>): void {
        const next: CreditAccount = {
            bought: account.bought + (change.bought ?? 0n),
            available: account.available + (change.available ?? 0n),
            held: account.held + (change.held ?? 0n),
            spent: account.spent + (change.spent ?? 0n)
        };
        const whole = next.available >= 0n && next.held >= 0n && next.spent >= 0n;
        invariant(whole && next.bought === next.available + next.held + next.spent, 'H2', owner.toText());
        this.tables.accounts.set(owner, next);
    }

    private total(change: Partial<CreditTotals>): void {
        const totals = this.tables.totals.get();
        const next: CreditTotals = {
            bought: totals.bought + (change.bought ?? 0n),
            available: totals.available + (change.available ?? 0n),
            held: totals.held + (change.held ?? 0n),
            captured: totals.captured + (change.captured ?? 0n),
            settled: totals.settled + (change.settled ?? 0n)
        };
        invariant(isBalanced(next), 'H2', 'totals');
        this.tables.totals.set(next);
    }
}

/** Whether the two sides of the book agree and nothing is below zero. */
export function isBalanced(totals: CreditTotals): boolean {
    const parts = [totals.available, totals.held, totals.captured, totals.settled];
    return parts.every((part) => part >= 0n) && parts.reduce((sum, part) => sum + part, 0n) === totals.bought;
}

/** What the hub's ledger account must hold for these totals, in e8s. */
export function backingE8s(totals: CreditTotals, creditPriceE8s: bigint): bigint {
    return (totals.available + totals.held + totals.captured) * creditPriceE8s;
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
            spent: sums.spent + account.spent
        };
    }
    const end = start + BigInt(owners.length);
    return { ...sums, next: end < length && owners.length > 0 ? end : undefined };
}
