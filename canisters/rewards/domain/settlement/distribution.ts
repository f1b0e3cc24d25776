/**
 * The writing half of a settlement: who gets what, from which purse. All checks have passed before. A round is begun, its
 * weights and trades are paid in any number of pages, and it is ended; between two pages the books hold (R1, R4, R7): what
 * is not shared yet is carried, and the trades' money that has no creditor yet is held.
 */
import { invariant } from '../../../../src/core/assert';
import { LEDGER_FEE_E8S, applyRatio, maxAmount, minAmount } from '../../../../src/core/amount';
import { epochOfRound } from '../../../../src/core/clock';
import type { TradeGroup, WeightItem } from '../../../../src/core/round_pages';
import { roundAmount } from '../../../../src/core/tokenomics/emission';
import {
    marketPeriod,
    NOT_OPEN,
    splitTrade,
    tradeFactors,
    type TradeFactors
} from '../../../../src/core/tokenomics/trade';
import { clockOf, profileOf } from '../profiles/calendar';
import type { Credits } from './credits';
import { assertSolvent, changePurse, freeE8s } from '../treasury/purses';
import type { RewardSource, RewardsState, SettlementRow } from '../state';
import { leftOfEpoch, TraderLimits } from './trade_limits';

/** What must be known of a round before the first share is written. */
export interface RoundTotals {
    readonly round: bigint;
    readonly sourceHash: Uint8Array;
    readonly totalWeight: bigint;
    /** Σ prices; the hub has sent one ledger fee less. */
    readonly moneyE8s: bigint;
    /** Σ fees, each floored. */
    readonly feesE8s: bigint;
}

/** A round whose shares are being written. */
export interface RoundInProgress extends RoundTotals {
    readonly emissionE8s: bigint;
    readonly carryInE8s: bigint;
    readonly rewardsE8s: bigint;
    /** The hub's ledger fee, as far as the fees of paid trades have not borne it yet. */
    readonly feeDebtE8s: bigint;
}

/** AS-09, R2: the schedule, clamped to the cap and to what the purse still has. */
function emissionOf(state: RewardsState, round: bigint): bigint {
    const rules = profileOf(state).emission;
    const left = minAmount(rules.capE8s - state.emission.get().emittedE8s, freeE8s(state, 'node'));
    return minAmount(roundAmount(rules, clockOf(state), round), maxAmount(left, 0n));
}

/** Takes a round's emission and money into the books: all of it carried and held, none of it shared. */
export function beginRound(state: RewardsState, totals: RoundTotals): RoundInProgress {
    const emission = state.emission.get();
    const emissionE8s = emissionOf(state, totals.round);
    const poolE8s = emissionE8s + emission.carryE8s;
    state.emission.set({ ...emission, emittedE8s: emission.emittedE8s + emissionE8s, carryE8s: poolE8s });
    const arrivedE8s = totals.moneyE8s === 0n ? 0n : totals.moneyE8s - LEDGER_FEE_E8S;
    changePurse(state, 'settlement', { bookedE8s: arrivedE8s, heldE8s: arrivedE8s });
    const trade = state.trade.get();
    state.trade.set({
        ...trade,
        volumeE8s: trade.volumeE8s + totals.moneyE8s,
        feesE8s: trade.feesE8s + totals.feesE8s
    });
    return {
        ...totals,
        emissionE8s,
        carryInE8s: emission.carryE8s,
        rewardsE8s: 0n,
        feeDebtE8s: totals.moneyE8s - arrivedE8s
    };
}

/** Shares the pool among some weights, each floored once: floor(pool × weight / Σ weights). */
export function payWeights(
    state: RewardsState,
    progress: RoundInProgress,
    items: readonly WeightItem[],
    credits: Credits
): void {
    const poolE8s = progress.emissionE8s + progress.carryInE8s;
    let assignedE8s = 0n;
    for (const { node, weight } of items) {
        if (weight === 0n) continue;
        const shareE8s = (poolE8s * weight) / progress.totalWeight;
        credits.share(node, shareE8s);
        assignedE8s += shareE8s;
    }
    const emission = state.emission.get();
    state.emission.set({
        ...emission,
        assignedE8s: emission.assignedE8s + assignedE8s,
        carryE8s: emission.carryE8s - assignedE8s
    });
    changePurse(state, 'node', { owedE8s: assignedE8s });
}

/** What a page of trades comes to. */
interface PageSums {
    baseE8s: bigint;
    feesE8s: bigint;
    rewardsE8s: bigint;
}

/** Pays some trades, one after the other, so that each sees what the ones before left of the budget. */
export function payTrades(
    state: RewardsState,
    progress: RoundInProgress,
    groups: readonly TradeGroup[],
    credits: Credits
): RoundInProgress {
    const { source } = profileOf(state).trade;
    const payer: RewardSource = source === 'pool' ? 'trading' : 'settlement';
    const sums: PageSums = { baseE8s: 0n, feesE8s: 0n, rewardsE8s: 0n };
    const budgetE8s = budgetOf(state, progress);
    const factors = factorsOf(state, progress.round);
    const limits = new TraderLimits(state, profileOf(state).trade, epochOf(state, progress.round));
    for (const group of groups) payGroup(state, { factors, budgetE8s, payer, sums, limits }, group, credits);
    limits.commit();
    return bookTrades(state, progress, payer, sums);
}

interface PageRules {
    readonly factors: TradeFactors;
    /** What the page may reward at most. */
    readonly budgetE8s: bigint;
    readonly payer: RewardSource;
    readonly sums: PageSums;
    readonly limits: TraderLimits;
}

function payGroup(state: RewardsState, page: PageRules, group: TradeGroup, credits: Credits): void {
    const { node, trades } = group;
    const { factors, budgetE8s, payer, sums, limits } = page;
    const rules = profileOf(state).trade;
    const payee = credits.payeeOf(node);
    const provider = payee.account?.owner ?? node;
    let incomeE8s = 0n;
    let providerE8s = 0n;
    for (const { buyer, priceE8s } of trades) {
        const split = splitTrade(rules, factors, priceE8s, maxAmount(budgetE8s - sums.rewardsE8s, 0n));
        incomeE8s += split.baseE8s;
        const buyerRewardE8s = limits.take(buyer, split.buyerRewardE8s);
        const providerRewardE8s = limits.take(provider, split.providerRewardE8s);
        providerE8s += providerRewardE8s;
        sums.feesE8s += split.feeE8s;
        sums.rewardsE8s += buyerRewardE8s + providerRewardE8s;
        credits.toAccount({ owner: buyer }, 'buyer_reward', payer, buyerRewardE8s, node);
    }
    sums.baseE8s += incomeE8s;
    credits.toPayee(payee, 'compute_income', 'settlement', incomeE8s);
    credits.toPayee(payee, 'provider_reward', payer, providerE8s);
}

function factorsOf(state: RewardsState, round: bigint): TradeFactors {
    const { trade, emission } = profileOf(state);
    const period = marketPeriod(emission, trade, epochOf(state, round));
    return period === undefined ? NOT_OPEN : tradeFactors(trade, period);
}

function epochOf(state: RewardsState, round: bigint): bigint {
    return epochOfRound(clockOf(state), round);
}

/** R7: the programme's cap, what the epoch may still reward, and what the purse has; fees that pay their own rewards brought one ledger fee less. */
function budgetOf(state: RewardsState, progress: RoundInProgress): bigint {
    const rules = profileOf(state).trade;
    const { capE8s, source } = rules;
    const { rewardsE8s } = state.trade.get();
    const epochLeft = leftOfEpoch(state, rules, epochOf(state, progress.round), rewardsE8s);
    const capLeft = minAmount(capE8s - rewardsE8s, epochLeft ?? capE8s);
    const purseLeft =
        source === 'pool' ? freeE8s(state, 'trading') : progress.feesE8s - LEDGER_FEE_E8S - progress.rewardsE8s;
    return maxAmount(minAmount(capLeft, purseLeft), 0n);
}

/** What is left of the fees goes to the treasury or is burned, once the hub's ledger fee has been taken from them. */
function bookTrades(
    state: RewardsState,
    progress: RoundInProgress,
    payer: RewardSource,
    { baseE8s, feesE8s, rewardsE8s }: PageSums
): RoundInProgress {
    const { source, sink } = profileOf(state).trade;
    const restE8s = feesE8s - (source === 'fee' ? rewardsE8s : 0n);
    const borneE8s = minAmount(restE8s, progress.feeDebtE8s);
    changePurse(state, 'settlement', { heldE8s: borneE8s - baseE8s - feesE8s, owedE8s: baseE8s });
    changePurse(state, payer, { owedE8s: rewardsE8s });
    const totals = state.trade.get();
    state.trade.set({
        ...totals,
        rewardsE8s: totals.rewardsE8s + rewardsE8s,
        treasuryDueE8s: totals.treasuryDueE8s + (sink === 'treasury' ? restE8s - borneE8s : 0n),
        burnDueE8s: totals.burnDueE8s + (sink === 'burn_remainder' ? restE8s - borneE8s : 0n)
    });
    return {
        ...progress,
        rewardsE8s: progress.rewardsE8s + rewardsE8s,
        feeDebtE8s: progress.feeDebtE8s - borneE8s
    };
}

/** All shares are written: the settlement of the round. */
export function endRound(state: RewardsState, progress: RoundInProgress, nowNs: bigint): SettlementRow {
    const { round, emissionE8s, carryInE8s, sourceHash } = progress;
    invariant(progress.feeDebtE8s === 0n, 'R7', `the fees of round ${round} do not bear their transfer`);
    assertSolvent(state, 'node', 'trading', 'settlement');
    return {
        round,
        poolE8s: emissionE8s + carryInE8s,
        emissionE8s,
        carryInE8s,
        carryOutE8s: state.emission.get().carryE8s,
        totalWeight: progress.totalWeight,
        tradeVolumeE8s: progress.moneyE8s,
        tradeFeesE8s: progress.feesE8s,
        tradeRewardsE8s: progress.rewardsE8s,
        sourceHash,
        settledAtNs: nowNs
    };
}

/** Σ of the fees that a profile takes of some trades, each floored. */
export function feesOf(state: RewardsState, groups: readonly TradeGroup[]): bigint {
    const { fee } = profileOf(state).trade;
    let feesE8s = 0n;
    for (const { trades } of groups) for (const { priceE8s } of trades) feesE8s += applyRatio(priceE8s, fee);
    return feesE8s;
}
