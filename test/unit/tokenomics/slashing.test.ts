import { E8S_PER_EMC } from '../../../src/core/amount';
import { S2_2100M } from '../../../src/core/tokenomics/profiles';
import { slashAmount, windowDeduction, windowsBetween } from '../../../src/core/tokenomics/slashing';

const emc = (amount: bigint): bigint => amount * E8S_PER_EMC;
const MINUTE_NS = 60_000_000_000n;
const { validator, router, compute } = S2_2100M.nodeClasses;
const V = { initialE8s: emc(1_000_000n), remainingE8s: emc(1_000_000n), termDays: 360n };
const R = { initialE8s: emc(100_000n), remainingE8s: emc(100_000n), termDays: 180n };
const formula = <Rules extends { slashE8s?: bigint }>(rules: Rules): Rules => ({ ...rules, slashE8s: undefined });

test('AS-43, AS-44: the printed amounts per window', () => {
    expect(slashAmount(validator, V, 2n)).toBe(23_140_000_000n);
    expect(slashAmount(router, R, 2n)).toBe(772_000_000n);
    expect(slashAmount(router, R, 6n)).toBe(2_316_000_000n);
});

test('F11: the formula gives what the printed amounts were rounded from', () => {
    expect(windowDeduction(formula(validator), V)).toBe(11_574_074_074n);
    expect(windowDeduction(formula(router), R)).toBe(385_802_469n);
});

test('a compute stake loses floor(stake / (days x 24)) per hour, of the first deposit', () => {
    const stake = { initialE8s: 144_508_670_000n, remainingE8s: 100_000_000_000n, termDays: 30n };
    expect(windowDeduction(compute, stake)).toBe(200_706_486n);
    expect(slashAmount(compute, stake, 24n * 30n)).toBe(100_000_000_000n);
});

test('deductions are clamped to what is left', () => {
    expect(slashAmount(validator, { ...V, remainingE8s: 11_570_000_001n }, 2n)).toBe(11_570_000_001n);
    expect(slashAmount(validator, { ...V, remainingE8s: 0n }, 2n)).toBe(0n);
});

test('AS-43, AS-44: windows count when they are over', () => {
    const minutes = (rules: typeof validator, count: bigint): bigint =>
        windowsBetween(rules, 5n, 5n + count * MINUTE_NS);
    expect([59n, 60n, 125n].map((count) => minutes(validator, count))).toEqual([0n, 1n, 2n]);
    expect([9n, 10n, 25n, 60n].map((count) => minutes(router, count))).toEqual([0n, 1n, 2n, 6n]);
    expect(windowsBetween(validator, 5n, 5n + 60n * MINUTE_NS - 1n)).toBe(0n);
    expect(windowsBetween(validator, 5n, 4n)).toBe(0n);
});
