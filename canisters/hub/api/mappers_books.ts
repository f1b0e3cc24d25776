/** Domain → Candid: the books. */
import { backingE8s, isBalanced, type AccountSums } from '../domain/credit_book';
import { hub } from '../wiring';
import type { CandidAccountSums, CandidAudit, CandidBooks } from './idl_windows';
import { toOpt } from './mappers';

export function currentBooks(): CandidBooks {
    const totals = hub.credits.totals();
    const { creditPriceE8s } = hub.tables.config.get();
    return {
        credit_price_e8s: creditPriceE8s,
        ...totals,
        balanced: isBalanced(totals),
        backing_e8s: backingE8s(totals, creditPriceE8s),
        accounts: hub.tables.credits.owners.length(),
        unresolved_purchases: BigInt(hub.purchases.unresolvedCount())
    };
}

export function toAudit(ledgerE8s: bigint): CandidAudit {
    const inFlight = hub.purchases.unresolvedCount() > 0 || hub.settlements.isMoneyMoving();
    return { books: currentBooks(), ledger_e8s: ledgerE8s, in_flight: inFlight };
}

export function toAccountSums({ next, ...sums }: AccountSums): CandidAccountSums {
    return { ...sums, next: toOpt(next) };
}
