/** Deductions on their way to the treasury: kept in the node's subaccount, swept once per epoch (domain.md C.1.1). */
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { epochOfRound, roundAt } from '../../../../src/core/clock';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { clockOf } from '../profiles/calendar';
import { changePurse } from '../treasury/purses';
import { changeHolding, holdingOf, openStakeTransfer, stakeAccount } from './stake_book';
import type { RewardsState } from '../state';
import { bookIncome } from '../treasury/treasury_ledger';

/** Subaccounts that one run of the timer looks at. */
const RUN_SWEEPS = 20n;

/** Turns a part of a stake into the treasury's money; the caller takes it off the position. */
export function addDue(state: RewardsState, node: Principal, amountE8s: bigint): void {
    if (amountE8s === 0n) return;
    const { dueE8s, queued } = holdingOf(state, node);
    if (!queued) state.sweepQueue.append(node);
    changeHolding(state, node, { dueE8s: dueE8s + amountE8s, queued: true });
}

/** Opens the sweeps of the subaccounts that were waiting when the epoch began. */
export function sweepDues(state: RewardsState, self: Principal, nowNs: bigint): void {
    const cursor = state.sweep.get();
    const clock = clockOf(state);
    const epoch = epochOfRound(clock, roundAt(clock, nowNs));
    const until = epoch > cursor.epoch ? state.sweepQueue.length() : cursor.until;
    if (cursor.next >= until) return;
    const end = until - cursor.next > RUN_SWEEPS ? cursor.next + RUN_SWEEPS : until;
    for (let index = cursor.next; index < end; index++) {
        const node = state.sweepQueue.get(index);
        if (node !== undefined) sweepDue(state, node, self, nowNs);
    }
    state.sweep.set({ next: end, until, epoch });
}

/** A subaccount that is busy, or holds too little, waits for the next epoch. */
function sweepDue(state: RewardsState, node: Principal, self: Principal, nowNs: bigint): void {
    const { dueE8s, openTransfer } = holdingOf(state, node);
    if (openTransfer !== undefined || dueE8s <= LEDGER_FEE_E8S) {
        state.sweepQueue.append(node);
        return;
    }
    openStakeTransfer(
        state,
        { kind: 'slash_sweep', node },
        {
            kind: 'push',
            from: stakeAccount(self, node),
            to: purseAccount(self, 'treasury'),
            amountE8s: dueE8s - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    changeHolding(state, node, { dueE8s: 0n, sweepingE8s: dueE8s, queued: false });
}

/** The treasury has the deductions. */
export function dueSwept(
    state: RewardsState,
    node: Principal,
    transfer: LedgerTransfer,
    id: bigint,
    nowNs: bigint
): void {
    const { sweepingE8s } = holdingOf(state, node);
    changeHolding(state, node, { sweepingE8s: sweepingE8s - debitOf(transfer), openTransfer: undefined });
    changePurse(state, 'treasury', { bookedE8s: transfer.amountE8s });
    bookIncome(state, {
        kind: 'slash',
        amountE8s: transfer.amountE8s,
        grossE8s: debitOf(transfer),
        transferId: id,
        nowNs
    });
}
