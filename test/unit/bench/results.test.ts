import type { Benchmark } from '../../../bench/lib/benchmark';
import { BadResults, mergeEntries, parseEntries, printEntries, toEntry, type Entry } from '../../../bench/lib/results';

const occasion = { date: '2026-01-02', machine: 'a machine' };

function benchmark(name: string): Benchmark {
    return { name, unit: 'ms', description: `what ${name} is`, runs: async () => [1] };
}

function entry(name: string, value: number): Entry {
    return toEntry(benchmark(name), [value], occasion);
}

test('entry: keeps every value and names the median', () => {
    expect(toEntry(benchmark('a'), [3, 1.23456, 2], occasion)).toEqual({
        name: 'a',
        unit: 'ms',
        median: 2,
        runs: [3, 1.235, 2],
        date: '2026-01-02',
        machine: 'a machine'
    });
});

test('merge: measured entries replace their own, others are kept, the order is that of the benchmarks', () => {
    const known = ['a', 'b', 'c', 'd'].map(benchmark);
    const kept = [entry('c', 3), entry('a', 1)];
    const merged = mergeEntries(known, kept, [entry('b', 20), entry('a', 10)]);
    expect(merged.map(({ name, median }) => [name, median])).toEqual([
        ['a', 10],
        ['b', 20],
        ['c', 3]
    ]);
});

test('merge: entries of benchmarks that no longer exist go', () => {
    expect(mergeEntries([benchmark('a')], [entry('gone', 1), entry('a', 2)], [])).toEqual([entry('a', 2)]);
});

test('file: what is printed is read back, one line per entry', () => {
    const entries = [entry('a', 1), entry('b', 2)];
    expect(parseEntries(printEntries(entries))).toEqual(entries);
    expect(printEntries(entries).split('\n')).toHaveLength(5);
    expect(parseEntries(printEntries([]))).toEqual([]);
    expect(parseEntries(undefined)).toEqual([]);
});

test.each([
    ['text that is no JSON', '[{'],
    ['another shape', '{"name":"a"}'],
    ['an entry without values', '[{"name":"a","unit":"ms","median":1}]']
])('file: %s is refused rather than overwritten', (_what, text) => {
    expect(() => parseEntries(text)).toThrow(BadResults);
});
