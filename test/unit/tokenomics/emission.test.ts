import { roundEndNs, type ClockParams } from '../../../src/core/clock';
import {
    emissionTime,
    epochAmount,
    epochsOfPeriod,
    fibonacci,
    firstEpochOfPeriod,
    periodOfEpoch,
    periodSchedule,
    roundAmount
} from '../../../src/core/tokenomics/emission';
import type { EmissionRules } from '../../../src/core/tokenomics/profile';
import { allocated, S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';

const HOUR_NS = 3_600_000_000_000n;
const DAY_NS = 24n * HOUR_NS;
const GENESIS = 1_700_000_000_000_000_000n;
const clock: ClockParams = { genesisNs: GENESIS, roundNs: 2n * HOUR_NS, roundsPerEpoch: 12n };
const S2 = S2_2100M.emission;
const S3 = S3_1000M.emission;
const PERIODS = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];

const periods = (rules: EmissionRules): bigint[] => PERIODS.map((n) => periodSchedule(rules, clock, n).periodE8s);
const epochs = (rules: EmissionRules): bigint[] => PERIODS.map((n) => epochAmount(rules, n));
const roundsOfEpoch = (rules: EmissionRules, epoch: bigint): bigint[] =>
    Array.from({ length: 12 }, (_, i) => roundAmount(rules, clock, epoch * 12n + BigInt(i)));
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

test('profiles: the allocations of both add up to their supply', () => {
    for (const profile of [S2_2100M, S3_1000M]) expect(allocated(profile)).toBe(profile.totalSupplyE8s);
});

test('AS-01: R(1..8) of s2 is R(1)/F(n)', () => {
    expect(periods(S2)).toEqual([
        6_480_000_000_000_000n,
        6_480_000_000_000_000n,
        3_240_000_000_000_000n,
        2_160_000_000_000_000n,
        1_296_000_000_000_000n,
        810_000_000_000_000n,
        498_461_538_461_538n,
        308_571_428_571_428n
    ]);
});

test('AS-02: the epochs of s2 decay cumulatively (M3)', () => {
    expect(epochs(S2)).toEqual([
        72_000_000_000_000n,
        72_000_000_000_000n,
        36_000_000_000_000n,
        24_000_000_000_000n,
        14_400_000_000_000n,
        9_000_000_000_000n,
        5_538_461_538_461n,
        3_428_571_428_571n
    ]);
});

test('AS-03: R(1..8) of s3 is exact to the last e8', () => {
    expect(periods(S3)).toEqual([
        450_000_000_000_000n,
        322_288_006_111_535n,
        243_169_703_467_191n,
        188_972_508_866_643n,
        149_676_621_232_189n,
        120_138_946_820_838n,
        97_381_522_689_729n,
        79_532_723_090_849n
    ]);
});

test('AS-04: the epochs of s3', () => {
    expect(epochs(S3)).toEqual([
        5_000_000_000_000n,
        3_580_977_845_683n,
        2_701_885_594_079n,
        2_099_694_542_962n,
        1_663_073_569_246n,
        1_334_877_186_898n,
        1_082_016_918_774n,
        883_696_923_231n
    ]);
});

test('AS-05: a round of s2 is a twelfth of its epoch, the last one takes the remainder', () => {
    expect(roundsOfEpoch(S2, 0n)).toEqual(Array(12).fill(6_000_000_000_000n));
    const seventh = roundsOfEpoch(S2, 6n * 90n);
    expect(seventh).toEqual([...Array(11).fill(461_538_461_538n), 461_538_461_543n]);
    expect(sum(seventh)).toBe(5_538_461_538_461n);
});

test('AS-06: rounds of s3 in periods 1 and 2', () => {
    const first = roundsOfEpoch(S3, 0n);
    expect(first).toEqual([...Array(11).fill(416_666_666_666n), 416_666_666_674n]);
    expect(sum(first)).toBe(5_000_000_000_000n);
    expect(roundsOfEpoch(S3, 90n)).toEqual([...Array(11).fill(298_414_820_473n), 298_414_820_480n]);
});

test('AS-07: periods change at their first nanosecond', () => {
    const at = (sinceGenesisNs: bigint): object => emissionTime(S2, clock, GENESIS + sinceGenesisNs);
    expect(at(90n * DAY_NS - 1_000_000_000n)).toEqual({ period: 1n, epoch: 89n, round: 1_079n });
    expect(at(90n * DAY_NS)).toEqual({ period: 2n, epoch: 90n, round: 1_080n });
    expect(at(180n * DAY_NS)).toMatchObject({ period: 3n, epoch: 180n });
    expect(epochAmount(S2, 3n)).toBe(36_000_000_000_000n);
    expect(roundEndNs(clock, 1_079n)).toBe(GENESIS + 90n * DAY_NS);
});

test('AS-08: a growing period pays the decayed day amount for longer', () => {
    const growing: EmissionRules = { ...S3, growth: { every: 4n, factor: 2n } };
    expect([firstEpochOfPeriod(growing, 5n), epochsOfPeriod(growing, 5n)]).toEqual([360n, 180n]);
    expect([periodOfEpoch(growing, 359n), periodOfEpoch(growing, 360n)]).toEqual([4n, 5n]);
    expect([periodOfEpoch(growing, 539n), periodOfEpoch(growing, 540n)]).toEqual([5n, 6n]);
    expect(epochAmount(growing, 5n) * epochsOfPeriod(growing, 5n)).toBe(299_353_242_464_280n);
    expect([firstEpochOfPeriod(S3, 5n), firstEpochOfPeriod(S3, 6n)]).toEqual([360n, 450n]);
});

test('a growing period contains exactly the epochs that it says', () => {
    const growing: EmissionRules = { ...S3, growth: { every: 3n, factor: 2n } };
    for (let period = 1n; period <= 30n; period++) {
        const first = firstEpochOfPeriod(growing, period);
        expect(periodOfEpoch(growing, first)).toBe(period);
        expect(periodOfEpoch(growing, first + epochsOfPeriod(growing, period) - 1n)).toBe(period);
        expect(firstEpochOfPeriod(growing, period + 1n)).toBe(first + epochsOfPeriod(growing, period));
    }
});

test('AS-09: s2 emits nothing from period 68 on and never reaches its cap', () => {
    let total = 0n;
    let period = 1n;
    for (; epochAmount(S2, period) > 0n; period++) total += epochAmount(S2, period) * epochsOfPeriod(S2, period);
    expect(period).toBe(68n);
    expect(total).toBe(21_772_059_117_252_840n);
    expect(total).toBeLessThan(S2.capE8s);
});

test('s3 by 90-day periods emits 20,495,898.56 EMC of its 100 M in all', () => {
    let total = 0n;
    for (let n = 1n; epochAmount(S3, n) > 0n; n++) total += epochAmount(S3, n) * 90n;
    expect(total / 1_000_000n).toBe(2_049_589_856n);
});

test('AS-11: R(12) has no floors inside', () => {
    expect(periodSchedule(S2, clock, 12n).periodE8s).toBe(45_000_000_000_000n);
});

test('the closed form of the e/pi decay equals the product of its factors', () => {
    let num = 1n;
    let den = 1n;
    for (let n = 2n; n <= 40n; n++) {
        num *= (n + 1n) ** n * 10_000n;
        den *= n ** n * 31_416n;
        expect(periodSchedule(S3, clock, n).periodE8s).toBe((450_000_000_000_000n * num) / den);
    }
});

test('fibonacci starts 1, 1, 2, 3, 5, 8, 13, 21', () => {
    expect(PERIODS.map(fibonacci)).toEqual([1n, 1n, 2n, 3n, 5n, 8n, 13n, 21n]);
});

test('F2: with periods that double after every fourth s3 reaches its cap in period 45, and not before', () => {
    const rules = { ...S3_1000M.emission, growth: { every: 4n, factor: 2n } };
    let emitted = 0n;
    let period = 0n;
    while (emitted < rules.capE8s) {
        period += 1n;
        emitted += epochAmount(rules, period) * epochsOfPeriod(rules, period);
    }
    expect([period, emitted]).toEqual([45n, 10_161_223_997_803_380n]);
});
