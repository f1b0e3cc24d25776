/** The writing half of a settlement: who gets what, from which purse. All checks have passed before. */
import { invariant } from '../../../src/core/assert';
import { LEDGER_FEE_E8S, maxAmount, minAmount } from '../../../src/core/amount';
import { epochOfRound } from '../../../src/core/clock';
import { periodOfEpoch, roundAmount } from '../../../src/core/tokenomics/emission';
import { splitPool } from '../../../src/core/tokenomics/split';
import { splitTrade, tradeFactors, type TradeSplit } from '../../../src/core/tokenomics/trade';
import { clockOf, profileOf } from './calendar';
import { Credits } from './credits';
import { assertSolvent, changePurse, freeE8s } from './purses';
import type { RoundReport, TradeItem } from './settlement';
import type { RewardSource, RewardsState, SettlementRow } from './state';

/** Pays a round's emission and trades into balances and returns its settlement. */
export function distribute(state: RewardsState, report: RoundReport, nowNs: bigint): SettlementRow {
    const credits = new Credits(state, report.round, nowNs);
    const emission = shareEmission(state, report, credits);
    const trades = shareTrades(state, report, credits);
    credits.commit();
    assertSolvent(state, 'node', 'trading', 'settlement');
    return { round: report.round, ...emission, ...trades, sourceHash: report.sourceHash, settledAtNs: nowNs };
}

/** AS-09, R2: the schedule, clamped to the cap and to what the purse still has. */
function emissionOf(state: RewardsState, round: bigint): bigint {
    const rules = profileOf(state).emission;
    const left = minAmount(rules.capE8s - state.emission.get().emittedE8s, freeE8s(state, 'node'));
    return minAmount(roundAmount(rules, clockOf(state), round), maxAmount(left, 0n));
}

type EmissionPart = Pick<SettlementRow, 'poolE8s' | 'emissionE8s' | 'carryInE8s' | 'carryOutE8s' | 'totalWeight'>;

function shareEmission(state: RewardsState, report: RoundReport, credits: Credits): EmissionPart {
    const totals = state.emission.get();
    const emissionE8s = emissionOf(state, report.round);
    const poolE8s = emissionE8s + totals.carryE8s;
    const split = splitPool(
        poolE8s,
        report.weights.map(({ weight }) => weight)
    );
    report.weights.forEach(({ node, weight }, i) => {
        if (weight > 0n) credits.share(node, split.shares[i] ?? 0n);
    });
    const assignedE8s = poolE8s - split.carryE8s;
    state.emission.set({
        ...totals,
        emittedE8s: totals.emittedE8s + emissionE8s,
        assignedE8s: totals.assignedE8s + assignedE8s,
        carryE8s: split.carryE8s
    });
    changePurse(state, 'node', { owedE8s: assignedE8s });
    return {
        poolE8s,
        emissionE8s,
        carryInE8s: totals.carryE8s,
        carryOutE8s: split.carryE8s,
        totalWeight: split.totalWeight
    };
}

type TradePart = Pick<SettlementRow, 'tradeVolumeE8s' | 'tradeFeesE8s' | 'tradeRewardsE8s'>;

function shareTrades(state: RewardsState, report: RoundReport, credits: Credits): TradePart {
    if (report.trades.length === 0) return { tradeVolumeE8s: 0n, tradeFeesE8s: 0n, tradeRewardsE8s: 0n };
    const { source } = profileOf(state).trade;
    const splits = splitTrades(state, report);
    const sum = (part: (split: TradeSplit) => bigint): bigint => splits.reduce((total, s) => total + part(s), 0n);
    const baseE8s = sum((s) => s.baseE8s);
    const feesE8s = sum((s) => s.feeE8s);
    const rewardsE8s = sum((s) => s.buyerRewardE8s + s.providerRewardE8s);
    const payer: RewardSource = source === 'pool' ? 'trading' : 'settlement';
    report.trades.forEach((trade, i) => creditTrade(credits, trade, splits[i], payer));
    changePurse(state, 'settlement', { bookedE8s: report.moneyE8s - LEDGER_FEE_E8S, owedE8s: baseE8s });
    changePurse(state, payer, { owedE8s: rewardsE8s });
    bookTrades(state, report.moneyE8s, feesE8s, rewardsE8s);
    return { tradeVolumeE8s: report.moneyE8s, tradeFeesE8s: feesE8s, tradeRewardsE8s: rewardsE8s };
}

/** Splits the trades one after the other, so that each sees what the ones before left of the budget. */
function splitTrades(state: RewardsState, report: RoundReport): readonly TradeSplit[] {
    const rules = profileOf(state).trade;
    const period = periodOfEpoch(profileOf(state).emission, epochOfRound(clockOf(state), report.round));
    const factors = tradeFactors(rules, period);
    const capLeft = rules.capE8s - state.trade.get().rewardsE8s;
    let budget = rules.source === 'pool' ? minAmount(capLeft, freeE8s(state, 'trading')) : capLeft;
    // A fee that pays its own rewards brought one ledger fee less than the trades say.
    let fees = -LEDGER_FEE_E8S;
    for (const { priceE8s } of report.trades) fees += splitTrade(rules, factors, priceE8s, 0n).feeE8s;
    if (rules.source === 'fee') budget = minAmount(budget, fees);
    return report.trades.map(({ priceE8s }) => {
        const split = splitTrade(rules, factors, priceE8s, maxAmount(budget, 0n));
        budget -= split.buyerRewardE8s + split.providerRewardE8s;
        return split;
    });
}

function creditTrade(credits: Credits, trade: TradeItem, split: TradeSplit | undefined, payer: RewardSource): void {
    invariant(split !== undefined, 'R7', 'a trade was not split');
    credits.toNode(trade.node, 'compute_income', 'settlement', split.baseE8s);
    credits.toNode(trade.node, 'provider_reward', payer, split.providerRewardE8s);
    credits.toAccount({ owner: trade.buyer }, 'buyer_reward', payer, split.buyerRewardE8s, trade.node);
}

/** What is left of the fee goes to the treasury or is burned; the hub's ledger fee has already been taken from it. */
function bookTrades(state: RewardsState, moneyE8s: bigint, feesE8s: bigint, rewardsE8s: bigint): void {
    const { source, sink } = profileOf(state).trade;
    const totals = state.trade.get();
    const rest = feesE8s - LEDGER_FEE_E8S - (source === 'fee' ? rewardsE8s : 0n);
    state.trade.set({
        ...totals,
        volumeE8s: totals.volumeE8s + moneyE8s,
        feesE8s: totals.feesE8s + feesE8s,
        rewardsE8s: totals.rewardsE8s + rewardsE8s,
        treasuryDueE8s: totals.treasuryDueE8s + (sink === 'treasury' ? rest : 0n),
        burnDueE8s: totals.burnDueE8s + (sink === 'burn_remainder' ? rest : 0n)
    });
}
