import type { Benchmark } from '../../../bench/lib/benchmark';
import { withFigures } from '../../../bench/lib/comparison';
import { markdown, textTable } from '../../../bench/lib/report';
import { toEntry, type Entry } from '../../../bench/lib/results';

const known: readonly Benchmark[] = [
    { name: 'transfer', unit: 'instructions', description: 'A transfer.', runs: async () => [] },
    { name: 'p50', unit: 'ms', description: 'A call.', runs: async () => [] }
];

function entry(index: number, values: readonly number[], machine = 'machine A'): Entry {
    const benchmark = known[index];
    if (benchmark === undefined) throw new RangeError(`no benchmark ${index}`);
    return toEntry(benchmark, values, { date: '2026-01-02', machine });
}

test('text table: a row per entry, columns aligned, thousands apart, decimals only where they mean something', () => {
    expect(textTable([entry(0, [23_727_892.4, 23_700_000, 24_000_000]), entry(1, [4.5678])])).toBe(
        [
            'name          median  unit          runs  lowest … highest',
            'transfer  23 727 892  instructions     3  23 700 000 … 24 000 000',
            'p50            4.568  ms               1  4.568 … 4.568'
        ].join('\n')
    );
});

test('markdown: rows carry the description and the day', () => {
    const rows = markdown(known, [entry(0, [100])]).split('\n');
    const cells = (rows.find((row) => row.startsWith('| transfer')) ?? '').split('|').map((cell) => cell.trim());
    expect(cells.slice(1, -1)).toEqual([
        'transfer',
        '100',
        'instructions',
        '1',
        '100 … 100',
        '2026-01-02',
        'A transfer.'
    ]);
});

test('markdown: entries of different machines stand in tables of their own', () => {
    const text = markdown(known, [entry(0, [1], 'machine A'), entry(1, [2], 'machine B')]);
    const sections = text.split('\n## ').slice(1);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(['machine A', 'machine B']);
    expect(sections[0]).toContain('| transfer');
    expect(sections[0]).not.toContain('| p50');
    expect(sections[1]).toContain('| p50');
});

test('markdown: every line of a table is as long as the others', () => {
    const lines = markdown(known, [entry(0, [1_000_000]), entry(1, [2])])
        .split('\n')
        .filter((line) => line.startsWith('|'));
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});

test('the page of comparisons: its table alone is written anew, and says what was not measured', () => {
    const occasion = { date: '2026-01-02', machine: 'machine A' };
    const jobs = { name: 'jobs_per_second', unit: 'jobs/s', description: '', runs: async () => [] } as const;
    const page = 'before\n\n<!-- figures -->\n\nold\n\n<!-- end -->\n\nafter\n';
    const first = withFigures(page, [toEntry(jobs, [50], occasion)]);
    expect(first).toMatch(/^before\n\n<!-- figures -->\n\n\|[^]*\|\n\n<!-- end -->\n\nafter\n$/);
    expect(first).not.toContain('old');
    expect(first).toMatch(/\| jobs per second +\| 50 jobs\/s \(machine A, 2026-01-02\) +\| not measured +\|/);
    expect(withFigures(first, [toEntry(jobs, [50], occasion)])).toBe(first);
    expect(withFigures('no table here', [])).toBe('no table here');
});
