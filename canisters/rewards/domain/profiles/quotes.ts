/** Answers to "what would I get": the rules that money follows, asked with other numbers. */
import { E8S_PER_EMC, type Ratio } from '../../../../src/core/amount';
import { decayOfPeriod, firstEpochOfPeriod } from '../../../../src/core/tokenomics/emission';
import type { NodeClass, TokenomicsProfile } from '../../../../src/core/tokenomics/profile';
import { windowDeduction } from '../../../../src/core/tokenomics/slashing';
import {
    firstEpochOfMarketPeriod,
    marketPeriod,
    NOT_OPEN,
    splitTrade,
    tradeFactors,
    type TradeSplit
} from '../../../../src/core/tokenomics/trade';
import { nodeWeight } from '../../../../src/core/tokenomics/weights';
import { epochAt, profileAt, profileInEpoch, versionsOf } from './calendar';
import { powerOfStake } from '../governance/power';
import type { RewardsState } from '../state';

/** The token economy with which a period begins: periods are those of the calendar, which never changes. */
export function profileOfPeriod(state: RewardsState, period: bigint): TokenomicsProfile {
    const { emission } = profileInEpoch(state, 0n);
    return profileInEpoch(state, firstEpochOfPeriod(emission, period));
}

/**
 * The token economy with which a period of the market begins. Only versions that wait can move its opening, and the last one
 * decides.
 */
function profileOfMarketPeriod(state: RewardsState, period: bigint): TokenomicsProfile {
    const versions = versionsOf(state);
    const { emission, trade } = versions[versions.length - 1]?.profile ?? profileInEpoch(state, 0n);
    return profileInEpoch(state, firstEpochOfMarketPeriod(emission, trade, period));
}

/** Exact factors of a period: of the emission, P(n), and df(n). */
export interface PeriodFactors {
    readonly emission: Ratio;
    readonly tradeReward: Ratio;
    readonly tradeBuyer: Ratio;
}

/** Factors of a period, counted from 1: of the calendar for the emission, of the market for trades. */
export function factorsOfPeriod(state: RewardsState, period: bigint): PeriodFactors {
    const { emission } = profileOfPeriod(state, period);
    const { reward, buyer } = tradeFactors(profileOfMarketPeriod(state, period).trade, period);
    return { emission: decayOfPeriod(emission.decay, period), tradeReward: reward, tradeBuyer: buyer };
}

/** The market's period at an instant; 0 before it opens. */
export function marketPeriodAt(state: RewardsState, atNs: bigint): bigint {
    const { emission, trade } = profileAt(state, atNs);
    return marketPeriod(emission, trade, epochAt(state, atNs)) ?? 0n;
}

/** A trade’s division, in e8s, with what becomes of the rest of its fee. */
export interface TradeQuote extends TradeSplit {
    readonly treasuryE8s: bigint;
    readonly burnedE8s: bigint;
}

/**
 * How a price would be divided in a period of the market, as far as the programme's cap allows; in period 0 it is not open.
 * Limits of an epoch or a trader are not counted.
 */
export function quoteTrade(state: RewardsState, priceE8s: bigint, period: bigint): TradeQuote {
    const { trade } = profileOfMarketPeriod(state, period === 0n ? 1n : period);
    const factors = period === 0n ? NOT_OPEN : tradeFactors(trade, period);
    const capLeft = trade.capE8s - state.trade.get().rewardsE8s;
    const split = splitTrade(trade, factors, priceE8s, capLeft > 0n ? capLeft : 0n);
    const paidFromFee = trade.source === 'fee' ? split.buyerRewardE8s + split.providerRewardE8s : 0n;
    const restE8s = split.feeE8s - paidFromFee;
    return {
        ...split,
        treasuryE8s: trade.sink === 'treasury' ? restE8s : 0n,
        burnedE8s: trade.sink === 'burn_remainder' ? restE8s : 0n
    };
}

/** A node stake that somebody thinks of; E in 1/10⁸. */
export interface NodeStakeOrder {
    readonly class: NodeClass;
    readonly eValueE8: bigint;
    readonly termDays: bigint;
    /** What is required, when absent. */
    readonly amountE8s?: bigint;
}

/** What a node stake must be, weighs, costs per missed window and gives in voting power; e8s, days and seconds. */
export interface NodeStakeQuote {
    readonly requiredE8s: bigint;
    readonly minimumDays: bigint;
    readonly termsDays: readonly bigint[];
    readonly weight: bigint;
    readonly slashE8s: bigint;
    readonly slashWindowS: bigint;
    readonly powerE8s: bigint;
}

/** What a node's stake would have to be, and bring. */
export function quoteNodeStake(state: RewardsState, order: NodeStakeOrder, nowNs: bigint): NodeStakeQuote {
    const profile = profileAt(state, nowNs);
    const { class: nodeClass, eValueE8, termDays } = order;
    const rules = profile.nodeClasses[nodeClass];
    const isCompute = nodeClass === 'compute';
    const requiredE8s = isCompute ? (profile.computeStakePerEE8s * eValueE8) / E8S_PER_EMC : rules.minimumE8s;
    const stakeE8s = order.amountE8s ?? requiredE8s;
    const stake = { initialE8s: stakeE8s, remainingE8s: stakeE8s, termDays: termDays > 0n ? termDays : 1n };
    return {
        requiredE8s,
        minimumDays: rules.minimumDays,
        termsDays: isCompute ? profile.computeTermsDays : [],
        weight: nodeWeight(profile, { class: nodeClass, stakeE8s, termDays, eValueE8 }),
        slashE8s: windowDeduction(rules, stake),
        slashWindowS: rules.slashWindowS,
        powerE8s: powerOfStake(state, stakeE8s, termDays, nowNs)
    };
}
