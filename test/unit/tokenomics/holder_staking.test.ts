import { E8S_PER_EMC } from '../../../src/core/amount';
import { coveredPrincipal, holderReward, tierOf } from '../../../src/core/tokenomics/holder_staking';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';

const AMOUNT = 10_000n * E8S_PER_EMC;
const rewards = (yearDays: bigint): bigint[] =>
    S3_1000M.stakingTiers.map((tier) => holderReward(AMOUNT, tier, yearDays));

test('AS-65: rewards of 10,000 EMC in the six tiers on a year of 360 days', () => {
    expect(S3_1000M.stakingTiers.map(({ days }) => days)).toEqual([30n, 90n, 180n, 360n, 720n, 1_080n]);
    expect(rewards(S3_1000M.stakingYearDays)).toEqual([
        2_250_000_000n,
        7_875_000_000n,
        18_000_000_000n,
        48_000_000_000n,
        114_000_000_000n,
        213_000_000_000n
    ]);
});

test('AS-66: the same on a year of 365 days', () => {
    expect(rewards(365n)).toEqual([
        2_219_178_082n,
        7_767_123_287n,
        17_753_424_657n,
        47_342_465_753n,
        112_438_356_164n,
        210_082_191_780n
    ]);
});

test('AS-68: a term that is not a tier has none, and neither has a profile without tiers', () => {
    expect(tierOf(S3_1000M, 60n)).toBeUndefined();
    expect(tierOf(S2_2100M, 30n)).toBeUndefined();
});

test('AS-70: the pool of 20 million covers 93,896,713.61502347 EMC for 1,080 days', () => {
    const tier = tierOf(S3_1000M, 1_080n);
    expect(tier && coveredPrincipal(20_000_000n * E8S_PER_EMC, tier, 360n)).toBe(9_389_671_361_502_347n);
});
