import * as fc from 'fast-check';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { splitPool } from '../../../src/core/tokenomics/split';
import { eValueE8, nodeWeight, type WeightInput } from '../../../src/core/tokenomics/weights';

const emc = (amount: bigint): bigint => amount * E8S_PER_EMC;
const V: WeightInput = { class: 'validator', stakeE8s: emc(1_000_000n), termDays: 360n, eValueE8: 0n };
const R: WeightInput = { class: 'router', stakeE8s: emc(100_000n), termDays: 180n, eValueE8: 0n };
const compute = (stake: bigint, termDays: bigint, eValue: bigint): WeightInput => ({
    class: 'compute',
    stakeE8s: emc(stake),
    termDays,
    eValueE8: eValue
});
const A = compute(1_445n, 90n, eValueE8(S2_2100M.weights, 10_380n));
const B = compute(0n, 0n, eValueE8(S2_2100M.weights, 30_218n));
const s2Weights = [V, R, A, B].map((node) => nodeWeight(S2_2100M, node));
const S3_ROUND = 416_666_666_666n;

test('AS-12: E of the reference nodes, and with the coefficient of a 90-day stake', () => {
    expect([A.eValueE8, B.eValueE8]).toEqual([144_508_670n, 49_639_287n]);
    expect(nodeWeight(S2_2100M, A)).toBe(895_953_754n);
});

test('AS-30: a proof faster than the least time counts as the least time', () => {
    expect(eValueE8(S2_2100M.weights, 0n)).toBe(15_000_000_000n);
    expect(eValueE8(S2_2100M.weights, 99n)).toBe(15_000_000_000n);
    expect(eValueE8(S2_2100M.weights, 101n)).toBeLessThan(15_000_000_000n);
});

test('coefficients by term: 1.4, 2.7, 6.2, 10 and 1 without a stake', () => {
    const weights = [7n, 30n, 90n, 180n].map((days) => nodeWeight(S2_2100M, compute(1_000n, days, 100_000_000n)));
    expect(weights).toEqual([140_000_000n, 270_000_000n, 620_000_000n, 1_000_000_000n]);
    expect(nodeWeight(S2_2100M, compute(0n, 90n, 100_000_000n))).toBe(100_000_000n);
});

test('AS-13: one epoch of s2 among the four reference nodes', () => {
    expect(s2Weights).toEqual([10_000_000_000n, 1_000_000_000n, 895_953_754n, 49_639_287n]);
    const split = splitPool(72_000_000_000_000n, s2Weights);
    expect(split.shares).toEqual([60_273_273_794_678n, 6_027_327_379_467n, 5_400_206_592_221n, 299_192_233_632n]);
    expect(split.carryE8s).toBe(2n);
});

test('AS-14: one round of s2 among the four reference nodes', () => {
    const split = splitPool(6_000_000_000_000n, s2Weights);
    expect(split.shares).toEqual([5_022_772_816_223n, 502_277_281_622n, 450_017_216_018n, 24_932_686_136n]);
    expect(split.carryE8s).toBe(1n);
});

test('AS-15: twelve rounds of s2 with the carry', () => {
    const totals = [0n, 0n, 0n, 0n];
    let carry = 0n;
    for (let round = 0; round < 12; round++) {
        const split = splitPool(6_000_000_000_000n + carry, s2Weights);
        split.shares.forEach((share, i) => (totals[i] = (totals[i] ?? 0n) + share));
        carry = split.carryE8s;
    }
    expect(totals).toEqual([60_273_273_794_687n, 6_027_327_379_464n, 5_400_206_592_216n, 299_192_233_632n]);
    expect(carry).toBe(1n);
    expect(totals.reduce((sum, total) => sum + total, carry)).toBe(72_000_000_000_000n);
});

test('AS-17: one round of s3 weighs credit times stake', () => {
    const nodes = [V, R, compute(1_000n, 90n, 0n), compute(3_000n, 90n, 0n)];
    const split = splitPool(
        S3_ROUND,
        nodes.map((node) => nodeWeight(S3_1000M, node))
    );
    expect(split.shares).toEqual([412_459_578_960n, 4_124_595_789n, 20_622_978n, 61_868_936n]);
    expect(split.carryE8s).toBe(3n);
});

test('AS-19: equal stakes in s3', () => {
    const nodes = [{ ...V, stakeE8s: emc(1_000n) }, { ...R, stakeE8s: emc(1_000n) }, compute(1_000n, 90n, 0n)];
    const split = splitPool(
        S3_ROUND,
        nodes.map((node) => nodeWeight(S3_1000M, node))
    );
    expect(split.shares).toEqual([362_318_840_579n, 36_231_884_057n, 18_115_942_028n]);
    expect(split.carryE8s).toBe(2n);
});

test('AS-20: without a stake s3 pays nothing, and a round of such nodes carries its whole pool', () => {
    const unstaked = nodeWeight(S3_1000M, compute(0n, 0n, 100_000_000n));
    expect(unstaked).toBe(0n);
    expect(splitPool(S3_ROUND, [nodeWeight(S3_1000M, V), unstaked]).shares[1]).toBe(0n);
    const nobody = splitPool(S3_ROUND, [unstaked, unstaked]);
    expect(nobody).toEqual({ shares: [0n, 0n], totalWeight: 0n, carryE8s: S3_ROUND });
    expect(S3_ROUND + nobody.carryE8s).toBe(833_333_333_332n);
});

test('AS-21: credits of a window as weights', () => {
    const split = splitPool(S3_ROUND, [120n, 60n, 20n]);
    expect(split.shares).toEqual([249_999_999_999n, 124_999_999_999n, 41_666_666_666n]);
    expect(split.carryE8s).toBe(2n);
});

test('AS-23: dust is carried until it is worth something', () => {
    let carry = 0n;
    const seen: bigint[][] = [];
    const totals = [0n, 0n, 0n];
    for (let round = 0; round < 12; round++) {
        const pool = (round === 11 ? 416_666_666_674n : S3_ROUND) + carry;
        const split = splitPool(pool, [1n, 1n, 1n]);
        carry = split.carryE8s;
        seen.push([split.shares[0] ?? 0n, carry]);
        split.shares.forEach((share, i) => (totals[i] = (totals[i] ?? 0n) + share));
    }
    expect(seen.slice(0, 3)).toEqual([
        [138_888_888_888n, 2n],
        [138_888_888_889n, 1n],
        [138_888_888_889n, 0n]
    ]);
    expect(totals).toEqual(Array(3).fill(1_666_666_666_666n));
    expect(carry).toBe(2n);
});

test('AS-24: without any compute record validators and routers are paid', () => {
    const split = splitPool(6_000_000_000_000n, s2Weights.slice(0, 2));
    expect(split.shares).toEqual([5_454_545_454_545n, 545_454_545_454n]);
    expect(split.carryE8s).toBe(1n);
});

test('R1: shares and carry are the pool, and nobody gets more than its part', () => {
    const amount = fc.bigInt(0n, 10n ** 18n);
    fc.assert(
        fc.property(amount, fc.array(amount, { maxLength: 20 }), (pool, weights) => {
            const split = splitPool(pool, weights);
            expect(split.shares.reduce((sum, share) => sum + share, split.carryE8s)).toBe(pool);
            split.shares.forEach((share, i) => {
                expect(share * split.totalWeight).toBeLessThanOrEqual(pool * (weights[i] ?? 0n));
            });
        })
    );
});
