/** Domain → Candid: the books. */
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { backingE8s, isBalanced, type AccountSums } from '../domain/credit_book';
import { escrowBackingE8s, isEscrowBalanced } from '../domain/escrow_book';
import { hub } from '../wiring';
import type { CandidAccountSums, CandidAudit, CandidBooks } from './idl_windows';
import { toOpt } from './mappers';

export function currentBooks(): CandidBooks {
    const totals = hub.credits.totals();
    const escrow = hub.escrow.totals();
    const { creditPriceE8s } = hub.tables.config.get();
    return {
        credit_price_e8s: creditPriceE8s,
        ...totals,
        orders_received_e8s: escrow.receivedE8s,
        escrowed_e8s: escrow.escrowedE8s,
        orders_due_e8s: escrow.dueE8s,
        refunding_e8s: escrow.refundingE8s,
        orders_settled_e8s: escrow.settledE8s,
        refunded_e8s: escrow.refundedE8s,
        balanced: isBalanced(totals) && isEscrowBalanced(escrow),
        backing_e8s: backingE8s(totals, creditPriceE8s) + escrowBackingE8s(escrow),
        accounts: hub.tables.credits.owners.length(),
        unresolved_movements: BigInt(hub.movements.unresolvedCount())
    };
}

export function toAudit(ledgerE8s: bigint): CandidAudit {
    const inFlight = hub.movements.unresolvedCount() > 0 || hub.settlements.isMoneyMoving();
    return { books: currentBooks(), ledger_e8s: ledgerE8s, in_flight: inFlight };
}

export function toAccountSums({ next, ...sums }: AccountSums): CandidAccountSums {
    return { ...sums, next: toOpt(next) };
}

/** What arrives for credits that are paid back. */
export function paidE8s(credits: bigint): bigint {
    return credits * hub.tables.config.get().creditPriceE8s - LEDGER_FEE_E8S;
}
