/** Payments that passed proposals make: grants out of the developers' pool, spendings of the treasury (AS-84). */
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { ok, type Result } from '../../../../src/core/result';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { refuse, type RewardsError } from '../errors';
import type { Payment } from './governance_rows';
import { assertSolvent, changePurse, freeE8s } from '../treasury/purses';
import type { PaymentPurse, RewardsState } from '../state';
import { openTransfer } from '../transfers/transfers';
import { bookExpense } from '../treasury/treasury_ledger';

/** Holds the amount and opens its transfer; the payee bears the fee. */
export function openPayment(
    state: RewardsState,
    proposal: bigint,
    purse: PaymentPurse,
    { to, amountE8s }: Payment,
    self: Principal,
    nowNs: bigint
): Result<bigint, RewardsError<'PoolExhausted'>> {
    const free = freeE8s(state, purse);
    if (free < amountE8s) return refuse('PoolExhausted', { free_e8s: free });
    changePurse(state, purse, { heldE8s: amountE8s });
    const movement = {
        kind: 'push',
        from: purseAccount(self, purse),
        to,
        amountE8s: amountE8s - LEDGER_FEE_E8S,
        feeE8s: LEDGER_FEE_E8S
    } as const;
    return ok(openTransfer(state, { kind: 'proposal_payment', proposal, purse }, movement, nowNs));
}

/** Books a payment that the ledger has made: it left the pool, or the treasury. */
export function proposalPaid(
    state: RewardsState,
    purse: PaymentPurse,
    transfer: LedgerTransfer,
    id: bigint,
    nowNs: bigint
): void {
    const debit = debitOf(transfer);
    changePurse(state, purse, { bookedE8s: -debit, heldE8s: -debit });
    if (purse === 'treasury') bookExpense(state, 'spend', transfer, id, nowNs);
    assertSolvent(state, purse);
}
