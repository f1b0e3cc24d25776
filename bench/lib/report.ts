/** Tables of results, for people. */
import type { Benchmark } from './benchmark';
import type { Entry } from './results';

type Described = Pick<Benchmark, 'name' | 'description'>;

const HEADER = ['name', 'median', 'unit', 'runs', 'lowest … highest'] as const;
const RIGHT = new Set([1, 3]);

/** For a terminal. */
export function textTable(entries: readonly Entry[]): string {
    const rows = [HEADER, ...entries.map(cells)];
    return rows.map((row) => aligned(row, widthsOf(rows)).join('  ').trimEnd()).join('\n');
}

/** docs/benchmarks.md. */
export function markdown(known: readonly Described[], entries: readonly Entry[]): string {
    return [
        '# Benchmarks',
        '',
        'Written by `npm run bench`; `npm run bench -- NAME…` measures and rewrites single rows. Everything runs on the',
        'embedded network (`src/replica`). Instructions are counted as the Internet Computer counts them and do not depend',
        'on the machine; times and rates do, and are for reading side by side, never a test. All measured values are in',
        '[benchmarks.json](benchmarks.json).',
        '',
        ...machines(entries).flatMap(([machine, ofMachine]) => [
            `## ${machine}`,
            '',
            ...markdownTable(known, ofMachine),
            ''
        ])
    ].join('\n');
}

function machines(entries: readonly Entry[]): readonly (readonly [string, readonly Entry[]])[] {
    const names = [...new Set(entries.map(({ machine }) => machine))];
    return names.map((name) => [name, entries.filter(({ machine }) => machine === name)]);
}

function markdownTable(known: readonly Described[], entries: readonly Entry[]): readonly string[] {
    const header = [...HEADER, 'measured', 'what it is'];
    const rows = entries.map((entry) => [...cells(entry), entry.date, descriptionOf(known, entry)]);
    return rowsOfTable([header, ...rows], RIGHT);
}

/** Lines of a table in Markdown; the first row is its head. */
export function rowsOfTable(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
    const widths = widthsOf(rows);
    const rule = widths.map((width, column) => (right.has(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
    const [head, ...body] = rows.map((row) => aligned(row, widths, right));
    return [head ?? [], rule, ...body].map((row) => `| ${row.join(' | ')} |`);
}

function descriptionOf(known: readonly Described[], { name }: Entry): string {
    return known.find((benchmark) => benchmark.name === name)?.description ?? '';
}

function cells({ name, unit, median, runs }: Entry): readonly string[] {
    return [
        name,
        grouped(median),
        unit,
        String(runs.length),
        `${grouped(Math.min(...runs))} … ${grouped(Math.max(...runs))}`
    ];
}

/** At most three decimals on small values, none on large ones, thousands apart. */
export function grouped(value: number): string {
    const maximumFractionDigits = value < 10 ? 3 : value < 1_000 ? 1 : 0;
    return value.toLocaleString('en-US', { maximumFractionDigits }).replaceAll(',', ' ');
}

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
    const columns = Math.max(...rows.map((row) => row.length));
    return Array.from({ length: columns }, (_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
}

function aligned(
    row: readonly string[],
    widths: readonly number[],
    right: ReadonlySet<number> = RIGHT
): readonly string[] {
    return row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.has(column) ? cell.padStart(width) : cell.padEnd(width);
    });
}
