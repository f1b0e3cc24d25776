/** `npm run bench [-- NAME…]`: measures, prints a table, and rewrites docs/benchmarks.{md,json} and the table of docs/comparison.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../scripts/lib/project';
import { BENCHMARKS } from './benchmarks';
import type { Benchmark } from './lib/benchmark';
import { HELP, parseCommand } from './lib/command';
import { withFigures } from './lib/comparison';
import { machineKind, today } from './lib/machine';
import { markdown, textTable } from './lib/report';
import { BadResults, mergeEntries, parseEntries, printEntries, toEntry, type Entry } from './lib/results';
import { isFullSize } from './lib/size';

const jsonPath = join(projectRoot(), 'docs', 'benchmarks.json');
const markdownPath = join(projectRoot(), 'docs', 'benchmarks.md');
const comparisonPath = join(projectRoot(), 'docs', 'comparison.md');

/** Benchmarks share fixtures: a failure that has been told is not told again. */
const told = new Set<string>();

const command = parseCommand(process.argv.slice(2), BENCHMARKS);
if (!command.ok) {
    fail(2, command.error);
} else if (command.value.kind === 'help') {
    process.stdout.write(HELP);
} else if (command.value.kind === 'list') {
    console.log(BENCHMARKS.map(({ name, unit, description }) => `${name} (${unit})\n    ${description}`).join('\n'));
} else {
    await measureAndRecord(command.value.benchmarks);
}

function fail(code: number, reason: string): void {
    console.error(reason);
    process.exitCode = code;
}

async function measureAndRecord(benchmarks: readonly Benchmark[]): Promise<void> {
    try {
        // A file that cannot be updated is told now, not after minutes of measuring.
        await readEntries();
    } catch (failure) {
        if (!(failure instanceof BadResults)) throw failure;
        return fail(1, `${jsonPath}: ${failure.message}`);
    }
    const { measured, missing } = await measure(benchmarks);
    console.log(textTable(measured));
    for (const { name, reason } of missing) console.log(`${name}  not measured: ${reason}`);
    if (!isFullSize()) return console.log('BENCH_NODES is not the full size: nothing is written');
    // Read again: another run may have written meanwhile.
    const entries = mergeEntries(BENCHMARKS, await readEntries(), measured);
    await writeFile(jsonPath, printEntries(entries));
    await writeFile(markdownPath, markdown(BENCHMARKS, entries));
    await writeFile(comparisonPath, withFigures(await readFile(comparisonPath, 'utf8'), entries));
}

interface Outcome {
    readonly measured: readonly Entry[];
    /** What this machine has not got. */
    readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** A benchmark that fails costs its own row and the exit code, not the others' values. */
async function measure(benchmarks: readonly Benchmark[]): Promise<Outcome> {
    const occasion = { date: today(), machine: machineKind() };
    const measured: Entry[] = [];
    const missing: { name: string; reason: string }[] = [];
    for (const benchmark of benchmarks) {
        const startedAt = Date.now();
        process.stderr.write(`${benchmark.name} … `);
        const reason = await benchmark.missing?.();
        if (reason !== undefined) {
            missing.push({ name: benchmark.name, reason });
            process.stderr.write(`left out: ${reason}\n`);
            continue;
        }
        try {
            measured.push(toEntry(benchmark, await benchmark.runs(), occasion));
            process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
        } catch (failure) {
            process.stderr.write('failed\n');
            tell(failure);
            process.exitCode = 1;
        }
    }
    return { measured, missing };
}

function tell(failure: unknown): void {
    const text = failure instanceof Error ? failure.message : String(failure);
    if (!told.has(text)) console.error(failure);
    told.add(text);
}

async function readEntries(): Promise<readonly Entry[]> {
    return parseEntries(await readFile(jsonPath, 'utf8').catch(() => undefined));
}
