/** The treasury's own ledger, and the staking pool's share of its income (AS-70, F8). */
import type { Principal } from '@dfinity/principal';
import { applyRatio, LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { profileOf } from '../profiles/calendar';
import { assertSolvent, changePurse, freeE8s } from './purses';
import type { RewardsState } from '../state';
import { openTransfer } from '../transfers/transfers';
import { SWEEP_MINIMUM_E8S } from './treasury';
import type { TreasuryKind } from './treasury_rows';

/** Money that has reached the treasury's purse; `grossE8s` is what it was before the ledger's fee. */
export interface Income {
    readonly kind: TreasuryKind;
    readonly amountE8s: bigint;
    readonly grossE8s: bigint;
    readonly transferId?: bigint;
    readonly nowNs: bigint;
}

/** Writes income down and sets the staking pool's share of it aside. */
export function bookIncome(state: RewardsState, income: Income): void {
    const { kind, amountE8s, grossE8s, transferId, nowNs } = income;
    state.treasuryLedger.append({ kind, incoming: true, amountE8s, transferId, atNs: nowNs });
    const totals = state.income.get();
    const incomeE8s = totals.incomeE8s + grossE8s;
    const share = profileOf(state).stakingIncomeShare;
    // Floors of the running total, so that many small amounts give what one large one would.
    const grown = applyRatio(incomeE8s, share) - applyRatio(totals.incomeE8s, share);
    state.income.set({ ...totals, incomeE8s, stakingDueE8s: totals.stakingDueE8s + grown });
}

/** Writes down what left the treasury's purse, the ledger's fee included. */
export function bookExpense(
    state: RewardsState,
    kind: TreasuryKind,
    transfer: LedgerTransfer,
    transferId: bigint,
    nowNs: bigint
): void {
    state.treasuryLedger.append({ kind, incoming: false, amountE8s: debitOf(transfer), transferId, atNs: nowNs });
}

/** Sends the staking pool its share, when it is worth a transfer; the treasury bears the fee. */
export function feedStakingPool(state: RewardsState, self: Principal, nowNs: bigint): void {
    const totals = state.income.get();
    const { stakingDueE8s } = totals;
    if (stakingDueE8s < SWEEP_MINIMUM_E8S || freeE8s(state, 'treasury') < LEDGER_FEE_E8S) return;
    state.income.set({ ...totals, stakingDueE8s: 0n });
    changePurse(state, 'treasury', { heldE8s: stakingDueE8s + LEDGER_FEE_E8S });
    openTransfer(
        state,
        { kind: 'staking_feed' },
        {
            kind: 'push',
            from: purseAccount(self, 'treasury'),
            to: purseAccount(self, 'staking'),
            amountE8s: stakingDueE8s,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
}

/** The staking pool has its share. */
export function stakingFed(state: RewardsState, transfer: LedgerTransfer, id: bigint, nowNs: bigint): void {
    const debit = debitOf(transfer);
    changePurse(state, 'treasury', { bookedE8s: -debit, heldE8s: -debit, feesPaidE8s: transfer.feeE8s });
    changePurse(state, 'staking', { bookedE8s: transfer.amountE8s });
    const totals = state.income.get();
    state.income.set({ ...totals, stakingFedE8s: totals.stakingFedE8s + transfer.amountE8s });
    bookExpense(state, 'staking_share', transfer, id, nowNs);
    assertSolvent(state, 'treasury', 'staking');
}
