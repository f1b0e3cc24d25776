/** Fee and rewards of compute trades (domain.md A.1.10, A.3.3; AS-55 … AS-59). */
import { applyRatio, minAmount, type Ratio } from '../amount';
import { fibonacci, firstEpochOfPeriod, periodOfEpoch } from './emission';
import type { EmissionRules, TradeRules } from './profile';

/** How the price of one trade is divided. `provider base + fee = price`, `buyer + provider reward + rest = fee` when the fee pays. */
export interface TradeSplit {
    /** Price without the fee: the provider's in any case. */
    readonly baseE8s: bigint;
    readonly feeE8s: bigint;
    /** Ru */
    readonly buyerRewardE8s: bigint;
    /** Rp */
    readonly providerRewardE8s: bigint;
}

/** P(n): the part of the fee that is rewarded, and df(n): the user's part of that. */
export interface TradeFactors {
    readonly reward: Ratio;
    readonly buyer: Ratio;
}

/** P in 1/10 000 and df in 1/1000 as the white paper prints them, periods 1 to 8. */
const SEED_TABLE: readonly (readonly [bigint, bigint])[] = [
    [10_000n, 1_000n],
    [10_000n, 1_000n],
    [5_000n, 500n],
    [3_335n, 667n],
    [2_001n, 600n],
    [1_251n, 625n],
    [769n, 615n],
    [476n, 619n]
];

/** Factors of a period: P(n) = 1/F(n), df(n) = F(n−1)/F(n), df(1) = 1; the printed ones where the profile asks for them. */
export function tradeFactors(rules: TradeRules, period: bigint): TradeFactors {
    const printed = rules.precision === 'seed_table' ? SEED_TABLE[Number(period) - 1] : undefined;
    if (printed !== undefined) {
        return { reward: { num: printed[0], den: 10_000n }, buyer: { num: printed[1], den: 1_000n } };
    }
    const den = fibonacci(period);
    return { reward: { num: 1n, den }, buyer: { num: period === 1n ? 1n : fibonacci(period - 1n), den } };
}

/** What applies before the market opens: nothing is rewarded. */
export const NOT_OPEN: TradeFactors = { reward: { num: 0n, den: 1n }, buyer: { num: 1n, den: 1n } };

/**
 * The market's period in an epoch; undefined before it opens. Periods are as long as those of the node reward, and the first
 * one begins when the market opens (domain.md A.1.10).
 */
export function marketPeriod(emission: EmissionRules, trade: TradeRules, epoch: bigint): bigint | undefined {
    return epoch < trade.opensInEpoch ? undefined : periodOfEpoch(emission, epoch - trade.opensInEpoch);
}

/** First epoch of a period of the market. */
export function firstEpochOfMarketPeriod(emission: EmissionRules, trade: TradeRules, period: bigint): bigint {
    return trade.opensInEpoch + firstEpochOfPeriod(emission, period);
}

/**
 * Splits one trade. `budgetE8s` is what may still be rewarded (programme cap, and the money that is there): at 0 the trade
 * stands and earns nothing.
 */
export function splitTrade(rules: TradeRules, factors: TradeFactors, priceE8s: bigint, budgetE8s: bigint): TradeSplit {
    const feeE8s = applyRatio(priceE8s, rules.fee);
    const rewardE8s = minAmount(applyRatio(feeE8s, factors.reward), budgetE8s);
    const buyerRewardE8s = applyRatio(rewardE8s, factors.buyer);
    return { baseE8s: priceE8s - feeE8s, feeE8s, buyerRewardE8s, providerRewardE8s: rewardE8s - buyerRewardE8s };
}
