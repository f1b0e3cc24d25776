/**
 * The end of a holder's stake. The reward is moved from the staking pool into the stake's subaccount and paid in one transfer
 * with the principal. What the pool cannot pay is owed, and paid by later withdrawals (AS-68).
 */
import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../../src/core/assert';
import { LEDGER_FEE_E8S, minAmount } from '../../../../src/core/amount';
import { samePrincipal } from '../../../../src/core/principals';
import { ok, type Result } from '../../../../src/core/result';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { refuse, type WithdrawError } from '../errors';
import type { HolderStakeRow } from './holder_rows';
import { addHolderTotals, changeHolderStake, holderAccount, holderRow } from './holders';
import { assertSolvent, changePurse, freeE8s } from '../treasury/purses';
import type { RewardsState } from '../state';
import { openTransfer } from '../transfers/transfers';

/** The next transfer of a withdrawal, by the stake's owner. */
export function prepareWithdrawal(
    state: RewardsState,
    id: bigint,
    caller: Principal,
    self: Principal,
    nowNs: bigint
): Result<bigint, WithdrawError> {
    if (caller.isAnonymous()) return refuse('Anonymous', null);
    const stake = state.holderStakes.get(id);
    if (stake === undefined || stake.phase === 'pending' || stake.phase === 'refused') return refuse('NotFound', null);
    if (!samePrincipal(stake.staker.owner, caller)) return refuse('Unauthorized', null);
    if (stake.phase === 'withdrawn') return prepareRest(state, id, stake, self, nowNs);
    if (stake.phase !== 'active') return ok(stake.transferId);
    if (nowNs < stake.endNs) return refuse('NotMatured', { end_ns: stake.endNs });
    const payable = minAmount(stake.rewardE8s, freeE8s(state, 'staking') - LEDGER_FEE_E8S);
    return ok(payable > 0n ? collect(state, id, stake, payable, self, nowNs) : payOut(state, id, stake, self, nowNs));
}

function collect(
    state: RewardsState,
    id: bigint,
    stake: HolderStakeRow,
    amountE8s: bigint,
    self: Principal,
    nowNs: bigint
): bigint {
    changePurse(state, 'staking', { heldE8s: amountE8s + LEDGER_FEE_E8S });
    const transferId = openTransfer(
        state,
        { kind: 'holder_reward', stake: id },
        {
            kind: 'push',
            from: purseAccount(self, 'staking'),
            to: holderAccount(self, id),
            amountE8s,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    changeHolderStake(state, id, { ...stake, phase: 'collecting', transferId }, nowNs);
    return transferId;
}

function payOut(state: RewardsState, id: bigint, stake: HolderStakeRow, self: Principal, nowNs: bigint): bigint {
    const transferId = openTransfer(
        state,
        { kind: 'holder_payout', stake: id },
        {
            kind: 'push',
            from: holderAccount(self, id),
            to: stake.staker,
            amountE8s: stake.amountE8s + stake.rewardPaidE8s - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    changeHolderStake(state, id, { ...stake, phase: 'paying', transferId }, nowNs);
    return transferId;
}

function prepareRest(
    state: RewardsState,
    id: bigint,
    stake: HolderStakeRow,
    self: Principal,
    nowNs: bigint
): Result<bigint, WithdrawError> {
    const owedE8s = stake.rewardE8s - stake.rewardPaidE8s;
    if (owedE8s === 0n) return refuse('AlreadyWithdrawn', null);
    const debit = minAmount(owedE8s, freeE8s(state, 'staking'));
    if (debit <= LEDGER_FEE_E8S) return refuse('PoolShort', { owed_e8s: owedE8s });
    changePurse(state, 'staking', { heldE8s: debit });
    const transferId = openTransfer(
        state,
        { kind: 'holder_rest', stake: id },
        {
            kind: 'push',
            from: purseAccount(self, 'staking'),
            to: stake.staker,
            amountE8s: debit - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    changeHolderStake(state, id, { ...stake, phase: 'owing', transferId }, nowNs);
    return ok(transferId);
}

/** The reward lies with the principal: both are paid now. */
export function holderCollected(state: RewardsState, id: bigint, transfer: LedgerTransfer, nowNs: bigint): void {
    const stake = holderRow(state, id);
    const debit = debitOf(transfer);
    invariant(stake.phase === 'collecting', 'SM1', `reward of stake ${id} arrived twice`);
    changePurse(state, 'staking', { bookedE8s: -debit, heldE8s: -debit, feesPaidE8s: transfer.feeE8s });
    addHolderTotals(state, { heldE8s: transfer.amountE8s, rewardsPaidE8s: transfer.amountE8s });
    payOut(state, id, { ...stake, rewardPaidE8s: transfer.amountE8s }, transfer.from.owner, nowNs);
    assertSolvent(state, 'staking');
}

/** Principal and reward have left this canister. */
export function holderPaidOut(state: RewardsState, id: bigint, transfer: LedgerTransfer, nowNs: bigint): void {
    const stake = holderRow(state, id);
    invariant(stake.phase === 'paying', 'SM1', `stake ${id} would be paid out twice`);
    addHolderTotals(state, { heldE8s: -debitOf(transfer), owedE8s: stake.rewardE8s - stake.rewardPaidE8s });
    changeHolderStake(state, id, { ...stake, phase: 'withdrawn' }, nowNs);
}

/** A rest of the reward has been paid out of the pool. */
export function holderRestPaid(state: RewardsState, id: bigint, transfer: LedgerTransfer, nowNs: bigint): void {
    const stake = holderRow(state, id);
    const debit = debitOf(transfer);
    invariant(stake.phase === 'owing', 'SM1', `the rest of stake ${id} would be paid twice`);
    changePurse(state, 'staking', { bookedE8s: -debit, heldE8s: -debit });
    addHolderTotals(state, { rewardsPaidE8s: debit, owedE8s: -debit });
    changeHolderStake(state, id, { ...stake, phase: 'withdrawn', rewardPaidE8s: stake.rewardPaidE8s + debit }, nowNs);
    assertSolvent(state, 'staking');
}
