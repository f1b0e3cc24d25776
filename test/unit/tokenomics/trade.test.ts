import * as fc from 'fast-check';
import type { TradeRules } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { splitTrade, tradeFactors, type TradeSplit } from '../../../src/core/tokenomics/trade';

const PRICE = 100_000_000_000n;
const NO_LIMIT = 10n ** 30n;
const S2 = S2_2100M.trade;
const seedTable: TradeRules = { ...S2, precision: 'seed_table' };

const split = (rules: TradeRules, period: bigint, budget = NO_LIMIT): TradeSplit =>
    splitTrade(rules, tradeFactors(rules, period), PRICE, budget);

/** Ru, Rp and what is left of the fee. */
const parts = (rules: TradeRules, period: bigint): bigint[] => {
    const { feeE8s, buyerRewardE8s, providerRewardE8s } = split(rules, period);
    return [buyerRewardE8s, providerRewardE8s, feeE8s - buyerRewardE8s - providerRewardE8s];
};

test('AS-55: a trade of 1,000 EMC in period 4', () => {
    expect(split(S2, 4n)).toEqual({
        baseE8s: 80_000_000_000n,
        feeE8s: 20_000_000_000n,
        buyerRewardE8s: 4_444_444_444n,
        providerRewardE8s: 2_222_222_222n
    });
    const { baseE8s, buyerRewardE8s, providerRewardE8s } = split(S2, 4n);
    expect(PRICE - buyerRewardE8s).toBe(95_555_555_556n);
    expect(baseE8s + providerRewardE8s).toBe(82_222_222_222n);
});

test('AS-59: periods 1 to 8 of a trade of 1,000 EMC, the same in both profiles', () => {
    const expected = [
        [20_000_000_000n, 0n, 0n],
        [20_000_000_000n, 0n, 0n],
        [5_000_000_000n, 5_000_000_000n, 10_000_000_000n],
        [4_444_444_444n, 2_222_222_222n, 13_333_333_334n],
        [2_400_000_000n, 1_600_000_000n, 16_000_000_000n],
        [1_562_500_000n, 937_500_000n, 17_500_000_000n],
        [946_745_561n, 591_715_977n, 18_461_538_462n],
        [589_569_160n, 362_811_792n, 19_047_619_048n]
    ];
    for (const rules of [S2, S3_1000M.trade]) {
        expect(expected.map((_, i) => parts(rules, BigInt(i + 1)))).toEqual(expected);
    }
});

test('the printed factors give the printed example: 44.4889 and 22.2111', () => {
    expect(parts(seedTable, 4n)).toEqual([4_448_890_000n, 2_221_110_000n, 13_330_000_000n]);
    expect(parts(seedTable, 6n)).toEqual([1_563_750_000n, 938_250_000n, 17_498_000_000n]);
    expect(parts(seedTable, 8n)).toEqual([589_288_000n, 362_712_000n, 19_048_000_000n]);
});

test('the printed table ends with period 8, then the exact factors hold', () => {
    expect(parts(seedTable, 9n)).toEqual(parts(S2, 9n));
});

test('R7: rewards stay within the fee and within what may still be rewarded', () => {
    fc.assert(
        fc.property(
            fc.bigInt(0n, 10n ** 18n),
            fc.bigInt(1n, 60n),
            fc.bigInt(0n, 10n ** 17n),
            (price, period, budget) => {
                const trade = splitTrade(S2, tradeFactors(S2, period), price, budget);
                const reward = trade.buyerRewardE8s + trade.providerRewardE8s;
                expect(trade.baseE8s + trade.feeE8s).toBe(price);
                expect(reward).toBeLessThanOrEqual(trade.feeE8s);
                expect(reward).toBeLessThanOrEqual(budget);
            }
        )
    );
});

test('a spent programme rewards nothing and the trade stands', () => {
    expect(split(S2, 1n, 0n)).toMatchObject({ baseE8s: 80_000_000_000n, buyerRewardE8s: 0n, providerRewardE8s: 0n });
});
