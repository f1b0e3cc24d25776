import { invariant } from '../../../src/core/assert';
import type { Cell } from '../../../src/core/table';

/**
 * Money of market orders in double entry: `received = escrowed + due + refunding + settled + refunded`, and
 * `escrowed + due + refunding` is in the hub's ledger account (H5).
 */
export interface EscrowTotals {
    /** Pulled from buyers. */
    readonly receivedE8s: bigint;
    /** Price of the orders that are Escrowed, Delivered or Disputed. */
    readonly escrowedE8s: bigint;
    /** Earned by providers; leaves with the money of a window. */
    readonly dueE8s: bigint;
    /** Owed to buyers; their transfers are under way. */
    readonly refundingE8s: bigint;
    /** Left for rewards. */
    readonly settledE8s: bigint;
    /** Left for buyers, with the ledger fees that they bore. */
    readonly refundedE8s: bigint;
}

export const NO_ESCROW: EscrowTotals = {
    receivedE8s: 0n,
    escrowedE8s: 0n,
    dueE8s: 0n,
    refundingE8s: 0n,
    settledE8s: 0n,
    refundedE8s: 0n
};

/** Posts the money of orders; each posting moves an amount between two places. */
export class EscrowBook {
    constructor(private readonly cell: Cell<EscrowTotals>) {}

    totals(): EscrowTotals {
        return this.cell.get();
    }

    /** Outside → escrowed: the buyer's money has arrived. */
    receive(priceE8s: bigint): void {
        this.post({ receivedE8s: priceE8s, escrowedE8s: priceE8s });
    }

    /** escrowed → due for the provider's part, escrowed → refunding for the rest. */
    release(providerE8s: bigint, refundE8s: bigint): void {
        this.post({ escrowedE8s: -providerE8s - refundE8s, dueE8s: providerE8s, refundingE8s: refundE8s });
    }

    /** due → settled: the money has left with a window. */
    settle(amountE8s: bigint): void {
        this.post({ dueE8s: -amountE8s, settledE8s: amountE8s });
    }

    /** refunding → refunded: the ledger has executed the transfer. */
    refund(amountE8s: bigint): void {
        this.post({ refundingE8s: -amountE8s, refundedE8s: amountE8s });
    }

    private post(change: Partial<EscrowTotals>): void {
        const totals = this.totals();
        const next: EscrowTotals = {
            receivedE8s: totals.receivedE8s + (change.receivedE8s ?? 0n),
            escrowedE8s: totals.escrowedE8s + (change.escrowedE8s ?? 0n),
            dueE8s: totals.dueE8s + (change.dueE8s ?? 0n),
            refundingE8s: totals.refundingE8s + (change.refundingE8s ?? 0n),
            settledE8s: totals.settledE8s + (change.settledE8s ?? 0n),
            refundedE8s: totals.refundedE8s + (change.refundedE8s ?? 0n)
        };
        invariant(isEscrowBalanced(next), 'H5', 'escrow totals');
        this.cell.set(next);
    }
}

/** Whether the two sides of the escrow's book agree and nothing is below zero. */
export function isEscrowBalanced(totals: EscrowTotals): boolean {
    const { receivedE8s, ...places } = totals;
    const parts = Object.values(places);
    return parts.every((part) => part >= 0n) && parts.reduce((sum, part) => sum + part, 0n) === receivedE8s;
}

/** What of the hub's ledger account belongs to orders, in e8s. */
export function escrowBackingE8s({ escrowedE8s, dueE8s, refundingE8s }: EscrowTotals): bigint {
    return escrowedE8s + dueE8s + refundingE8s;
}
