import fc from 'fast-check';
import { median, NoValues, quantile } from '../../../bench/lib/statistics';

test('median: the middle value, or the mean of the middle two, whatever the order', () => {
    expect(median([7])).toBe(7);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 1, 2])).toBe(5.5);
});

test('median: numbers are ordered as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
});

test('statistics: no values are refused', () => {
    expect(() => median([])).toThrow(NoValues);
    expect(() => quantile([], 0.5)).toThrow(NoValues);
});

test('quantile: at least the share of the values is at most the answer, and no smaller value will do', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
        fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
            const answer = quantile(list, percent / 100);
            const shareUpTo = (limit: number): number => list.filter((value) => value <= limit).length / list.length;
            expect(list).toContain(answer);
            expect(shareUpTo(answer)).toBeGreaterThanOrEqual(percent / 100);
            const smaller = list.filter((value) => value < answer);
            for (const value of smaller) expect(shareUpTo(value)).toBeLessThan(percent / 100);
        })
    );
});
