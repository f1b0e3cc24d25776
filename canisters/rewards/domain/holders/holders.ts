/** Holders' stakes in the profile's tiers: simple interest on a 360-day year, paid with the principal (AS-65 … AS-68). */
import type { Principal } from '@dfinity/principal';
import { sameAccount, SUBACCOUNT_BYTES, type Account } from '../../../../src/core/account';
import { invariant } from '../../../../src/core/assert';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { u64Key } from '../../../../src/core/codec';
import { err, ok, type Result } from '../../../../src/core/result';
import { holderReward, tierOf } from '../../../../src/core/tokenomics/holder_staking';
import type { StakingTier } from '../../../../src/core/tokenomics/profile';
import { profileAt } from '../profiles/calendar';
import { refuse, type HolderStakeError } from '../errors';
import type { HolderStakeRow, HolderTotals } from './holder_rows';
import { changePower, powerOfStake } from '../governance/power';
import { DAY_NS } from '../stakes/stake_release';
import type { RewardsState } from '../state';
import { isQueueFull, openTransfer } from '../transfers/transfers';

/** What a holder asks for: e8s out of an own account, for a tier’s days. */
export interface HolderOrder {
    readonly staker: Account;
    readonly amountE8s: bigint;
    readonly termDays: bigint;
}

/** Subaccount that holds a holder's stake: `hs`, its number, zeros. */
export function holderAccount(self: Principal, id: bigint): Account {
    const subaccount = new Uint8Array(SUBACCOUNT_BYTES);
    subaccount.set([0x68, 0x73]);
    subaccount.set(u64Key.encode(id), 2);
    return { owner: self, subaccount };
}

/** Checks an order and stores the pull of its money: the stake's number. The same order again continues the open pull. */
export function prepareHolderStake(
    state: RewardsState,
    order: HolderOrder,
    self: Principal,
    nowNs: bigint
): Result<bigint, HolderStakeError> {
    if (order.staker.owner.isAnonymous()) return refuse('Anonymous', null);
    const pending = state.holderPending.get(order.staker);
    if (pending !== undefined)
        return isSameOrder(holderRow(state, pending), order) ? ok(pending) : refuse('Busy', null);
    const profile = profileAt(state, nowNs);
    const tier = tierOf(profile, order.termDays);
    if (tier === undefined) return refuse('InvalidTerm', null);
    const minimum = profile.minimumHolderStakeE8s;
    if (order.amountE8s < minimum) return refuse('BelowMinimum', { min_e8s: minimum });
    if (isQueueFull(state)) return refuse('Busy', null);
    return ok(openPull(state, order, pendingRow(order, tier, profile.stakingYearDays, nowNs), self, nowNs));
}

/** Stores the position and its pull, which names the other. */
function openPull(
    state: RewardsState,
    order: HolderOrder,
    row: HolderStakeRow,
    self: Principal,
    nowNs: bigint
): bigint {
    const id = state.holderStakes.append(row);
    const transferId = openTransfer(
        state,
        { kind: 'holder_pull', stake: id },
        {
            kind: 'pull',
            from: order.staker,
            to: holderAccount(self, id),
            amountE8s: order.amountE8s,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    state.holderStakes.replace(id, { ...row, transferId });
    state.holderPending.set(order.staker, id);
    return id;
}

function pendingRow(order: HolderOrder, tier: StakingTier, yearDays: bigint, nowNs: bigint): HolderStakeRow {
    return {
        ...order,
        aprBasisPoints: tier.aprBasisPoints,
        rewardE8s: holderReward(order.amountE8s, tier, yearDays),
        startNs: nowNs,
        endNs: 0n,
        phase: 'pending',
        transferId: 0n,
        rewardPaidE8s: 0n,
        powerE8s: 0n
    };
}

function isSameOrder(stake: HolderStakeRow, order: HolderOrder): boolean {
    return (
        sameAccount(stake.staker, order.staker) &&
        stake.amountE8s === order.amountE8s &&
        stake.termDays === order.termDays
    );
}

/** The money has arrived: the term begins. */
export function holderPulled(state: RewardsState, id: bigint, nowNs: bigint): void {
    const stake = holderRow(state, id);
    state.holderPending.delete(stake.staker);
    // Earlier versions listed a stake when it was ordered, and gave its order no time.
    if (stake.startNs > 0n) state.holderStakesOf.append(stake.staker.owner, id);
    const endNs = nowNs + stake.termDays * DAY_NS;
    changeHolderStake(state, id, { ...stake, phase: 'active', startNs: nowNs, endNs }, nowNs);
    addHolderTotals(state, { heldE8s: stake.amountE8s });
}

/** The ledger refused the pull: nothing is left of the order, and the account may order again. */
export function holderPullRefused(state: RewardsState, id: bigint): void {
    const stake = holderRow(state, id);
    state.holderPending.delete(stake.staker);
    state.holderStakes.drop(id);
}

/** Stores a position and keeps its owner's voting power: that of an active stake only. */
export function changeHolderStake(state: RewardsState, id: bigint, next: HolderStakeRow, nowNs: bigint): void {
    const powerE8s = next.phase === 'active' ? powerOfStake(state, next.amountE8s, next.termDays, nowNs) : 0n;
    changePower(state, next.staker.owner, powerE8s - next.powerE8s, nowNs);
    state.holderStakes.replace(id, { ...next, powerE8s });
}

/** Adds to the sums over all positions. */
export function addHolderTotals(state: RewardsState, grown: Partial<HolderTotals>): void {
    const totals = state.holders.get();
    state.holders.set({
        heldE8s: totals.heldE8s + (grown.heldE8s ?? 0n),
        rewardsPaidE8s: totals.rewardsPaidE8s + (grown.rewardsPaidE8s ?? 0n),
        owedE8s: totals.owedE8s + (grown.owedE8s ?? 0n)
    });
}

/** A position that must exist. */
export function holderRow(state: RewardsState, id: bigint): HolderStakeRow {
    const stake = state.holderStakes.get(id);
    invariant(stake !== undefined, 'SM1', `holder's stake ${id} does not exist`);
    return stake;
}

/** What an amount would earn in a tier today. */
export function quoteHolderStake(
    state: RewardsState,
    amountE8s: bigint,
    termDays: bigint,
    nowNs: bigint
): Result<{ readonly tier: StakingTier; readonly rewardE8s: bigint }, HolderStakeError> {
    const profile = profileAt(state, nowNs);
    const tier = tierOf(profile, termDays);
    if (tier === undefined) return err({ code: 'InvalidTerm', detail: null });
    return ok({ tier, rewardE8s: holderReward(amountE8s, tier, profile.stakingYearDays) });
}
