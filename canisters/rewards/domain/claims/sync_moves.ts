/** The end of a move to `payable`: the money has followed the debt, and with a batch's last move its claims are synced. */
import { invariant } from '../../../../src/core/assert';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { assertSolvent, changePurse } from '../treasury/purses';
import type { RewardSource, RewardsState, SyncBatch } from '../state';

/**
 * Books a move that the ledger has made: what the claims are owed lies in `payable` now, the fee was the paying
 * purse’s.
 */
export function moveFinished(state: RewardsState, source: RewardSource, transfer: LedgerTransfer): void {
    const { amountE8s, feeE8s } = transfer;
    changePurse(state, source, {
        bookedE8s: -debitOf(transfer),
        owedE8s: -amountE8s,
        heldE8s: -feeE8s,
        feesPaidE8s: feeE8s
    });
    changePurse(state, 'payable', { bookedE8s: amountE8s, owedE8s: amountE8s });
    assertSolvent(state, source, 'payable');
    const batch = state.batch.get();
    invariant(batch !== undefined, 'R6', 'a move ended without its batch');
    const openMoves = batch.openMoves - 1;
    if (openMoves > 0) state.batch.set({ ...batch, openMoves, movedFrom: [...batch.movedFrom, source] });
    else closeBatch(state, batch);
}

/** The money of all claims of a batch lies in `payable`: they can be paid. */
export function closeBatch(state: RewardsState, batch: SyncBatch): void {
    for (const id of batch.claims) {
        const claim = state.claims.get(id);
        if (claim?.state.kind === 'requested') state.claims.replace(id, { ...claim, state: { kind: 'synced' } });
    }
    state.batch.set(undefined);
}
