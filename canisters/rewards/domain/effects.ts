/** What the end of a transfer means for the books: applied once per transfer, in the message that learns of the end. */
import { unreachable } from '../../../src/core/assert';
import { debitOf, type LedgerTransfer } from '../../../src/core/transfer_intents';
import { claimPaid } from './claims';
import { assertSolvent, changePurse } from './purses';
import { stakePulled, stakePullRefused, stakeReleased } from './stakes';
import type { RewardSource, RewardsState, TransferRow } from './state';
import { moveFinished } from './sync_moves';

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
            return stakeReleased(state, purpose.node);
        case 'treasury_sweep':
            return treasurySwept(state, transfer);
        case 'burn':
            return burned(state, transfer);
        case 'fee_top_up':
            return toppedUp(state, purpose.purse, transfer);
        default:
            return unreachable(purpose);
    }
}

function treasurySwept(state: RewardsState, transfer: LedgerTransfer): void {
    const debit = debitOf(transfer);
    changePurse(state, 'settlement', { bookedE8s: -debit, heldE8s: -debit, feesPaidE8s: transfer.feeE8s });
    changePurse(state, 'treasury', { bookedE8s: transfer.amountE8s });
    const trade = state.trade.get();
    state.trade.set({ ...trade, treasurySweptE8s: trade.treasurySweptE8s + transfer.amountE8s });
    assertSolvent(state, 'settlement', 'treasury');
}

function burned(state: RewardsState, transfer: LedgerTransfer): void {
    const debit = debitOf(transfer);
    changePurse(state, 'settlement', { bookedE8s: -debit, heldE8s: -debit });
    const trade = state.trade.get();
    state.burnOpen.set(false);
    state.trade.set({ ...trade, burnedE8s: trade.burnedE8s + transfer.amountE8s });
    assertSolvent(state, 'settlement');
}

function toppedUp(state: RewardsState, purse: RewardSource, transfer: LedgerTransfer): void {
    const debit = debitOf(transfer);
    changePurse(state, 'treasury', { bookedE8s: -debit, heldE8s: -debit, feesPaidE8s: transfer.feeE8s });
    changePurse(state, purse, { bookedE8s: transfer.amountE8s });
    state.topUpsOpen.set(state.topUpsOpen.get().filter((other) => other !== purse));
    assertSolvent(state, 'treasury', purse);
}
