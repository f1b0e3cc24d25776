/** Measured values as docs/benchmarks.json keeps them. */
import { z } from 'zod';
import type { Benchmark } from './benchmark';
import { median } from './statistics';

const entrySchema = z.object({
    name: z.string(),
    unit: z.string(),
    median: z.number(),
    /** Every measured value, in the order of measuring. */
    runs: z.array(z.number()),
    /** Day of the measurement, YYYY-MM-DD. */
    date: z.string(),
    /** Kind of the machine: entries of one file may come from several. */
    machine: z.string()
});

export type Entry = Readonly<z.infer<typeof entrySchema>>;

/** Where and when something was measured. */
export interface Occasion {
    readonly date: string;
    readonly machine: string;
}

/** The results file is not what this program writes. */
export class BadResults extends Error {
    constructor(readonly reason: string) {
        super(`not a list of measurements: ${reason}`);
        this.name = 'BadResults';
    }
}

/** Timings carry more digits than they mean. */
const DECIMALS = 1_000;

/** An entry of the measured values. */
export function toEntry({ name, unit }: Benchmark, values: readonly number[], occasion: Occasion): Entry {
    const runs = values.map(rounded);
    return { name, unit, median: rounded(median(runs)), runs, ...occasion };
}

function rounded(value: number): number {
    return Math.round(value * DECIMALS) / DECIMALS;
}

/** Reads a results file; undefined stands for a file that is not there yet. @throws {@link BadResults} */
export function parseEntries(json: string | undefined): readonly Entry[] {
    if (json === undefined) return [];
    const parsed = z.array(entrySchema).safeParse(readJson(json));
    if (!parsed.success) throw new BadResults(z.prettifyError(parsed.error));
    return parsed.data;
}

function readJson(json: string): unknown {
    try {
        return JSON.parse(json);
    } catch (error) {
        throw new BadResults(error instanceof Error ? error.message : String(error));
    }
}

/**
 * The kept entries with the new ones in their places, in the order of `known`. What is no longer known goes:
 * nobody could measure it again.
 */
export function mergeEntries(
    known: readonly Pick<Benchmark, 'name'>[],
    kept: readonly Entry[],
    measured: readonly Entry[]
): readonly Entry[] {
    return known.flatMap(({ name }) => {
        const sameName = (entry: Entry): boolean => entry.name === name;
        return measured.find(sameName) ?? kept.find(sameName) ?? [];
    });
}

/** One line per entry, so that a diff shows what moved. */
export function printEntries(entries: readonly Entry[]): string {
    return entries.length === 0
        ? '[]\n'
        : `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]\n`;
}
