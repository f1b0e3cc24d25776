/** What the end of a transfer means for the books: applied once per transfer, in the message that learns of the end. */
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { claimPaid } from '../claims/claims';
import { assertSolvent, changePurse } from '../treasury/purses';
import { applyDaoEnd } from './dao_effects';
import { dueSwept } from '../stakes/stake_dues';
import { stakeReleased } from '../stakes/stake_release';
import { toppedUpStake, topUpRefused } from '../stakes/stake_terms';
import { stakePulled, stakePullRefused } from '../stakes/stakes';
import type { RewardSource, RewardsState, TransferRow } from '../state';
import { moveFinished } from '../claims/sync_moves';
import { bookExpense, bookIncome, stakingFed } from '../treasury/treasury_ledger';

/** Applies a transfer that is done, or a pull that was refused. */
export function applyEnd(state: RewardsState, row: TransferRow, id: bigint, nowNs: bigint): void {
    const { purpose, intent } = row;
    const { transfer, state: end } = intent;
    switch (purpose.kind) {
        case 'claim_payment':
            return claimPaid(state, purpose.claim, transfer, end.kind === 'done' ? end.blockIndex : undefined);
        case 'sync_move':
            return moveFinished(state, purpose.source, transfer);
        case 'stake_pull':
            return end.kind === 'done'
                ? stakePulled(state, purpose.node, nowNs)
                : stakePullRefused(state, purpose.node, id);
        case 'stake_release':
            return stakeReleased(state, purpose.node, nowNs);
        case 'treasury_sweep':
            return treasurySwept(state, transfer, id, nowNs);
        case 'burn':
            return burned(state, transfer);
        case 'fee_top_up':
            return toppedUp(state, purpose.purse, transfer, id, nowNs);
        case 'stake_top_up':
            return end.kind === 'done'
                ? toppedUpStake(state, purpose.node, transfer, nowNs)
                : topUpRefused(state, purpose.node);
        case 'slash_sweep':
            return dueSwept(state, purpose.node, transfer, id, nowNs);
        case 'staking_feed':
            return stakingFed(state, transfer, id, nowNs);
        default:
            return applyDaoEnd(state, purpose, intent, id, nowNs);
    }
}

function treasurySwept(state: RewardsState, transfer: LedgerTransfer, id: bigint, nowNs: bigint): void {
    const debit = debitOf(transfer);
    changePurse(state, 'settlement', { bookedE8s: -debit, heldE8s: -debit, feesPaidE8s: transfer.feeE8s });
    changePurse(state, 'treasury', { bookedE8s: transfer.amountE8s });
    const trade = state.trade.get();
    state.trade.set({ ...trade, treasurySweptE8s: trade.treasurySweptE8s + transfer.amountE8s });
    bookIncome(state, {
        kind: 'trade_fees',
        amountE8s: transfer.amountE8s,
        grossE8s: debit,
        transferId: id,
        nowNs
    });
    assertSolvent(state, 'settlement', 'treasury');
}

function burned(state: RewardsState, transfer: LedgerTransfer): void {
    const debit = debitOf(transfer);
    changePurse(state, 'settlement', { bookedE8s: -debit, heldE8s: -debit });
    const trade = state.trade.get();
    state.trade.set({ ...trade, burnedE8s: trade.burnedE8s + transfer.amountE8s });
    assertSolvent(state, 'settlement');
}

function toppedUp(state: RewardsState, purse: RewardSource, transfer: LedgerTransfer, id: bigint, nowNs: bigint): void {
    const debit = debitOf(transfer);
    changePurse(state, 'treasury', { bookedE8s: -debit, heldE8s: -debit, feesPaidE8s: transfer.feeE8s });
    changePurse(state, purse, { bookedE8s: transfer.amountE8s });
    state.topUpsOpen.set(state.topUpsOpen.get().filter((other) => other !== purse));
    bookExpense(state, 'fee_float', transfer, id, nowNs);
    assertSolvent(state, 'treasury', purse);
}
