/** `npm run bench [-- NAME…]`: measures, prints a table, and rewrites docs/benchmarks.md and docs/benchmarks.json. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../scripts/lib/project';
import { BENCHMARKS } from './benchmarks';
import type { Benchmark } from './lib/benchmark';
import { HELP, parseCommand } from './lib/command';
import { machineKind, today } from './lib/machine';
import { markdown, textTable } from './lib/report';
import { mergeEntries, parseEntries, printEntries, toEntry, type Entry } from './lib/results';

const jsonPath = join(projectRoot(), 'docs', 'benchmarks.json');
const markdownPath = join(projectRoot(), 'docs', 'benchmarks.md');

const command = parseCommand(process.argv.slice(2), BENCHMARKS);
if (!command.ok) {
    console.error(command.error);
    process.exitCode = 2;
} else if (command.value.kind === 'help') {
    process.stdout.write(HELP);
} else if (command.value.kind === 'list') {
    for (const { name, unit, description } of BENCHMARKS) console.log(`${name} (${unit})\n    ${description}`);
} else {
    await measureAll(command.value.benchmarks);
}

/** A benchmark that fails costs its own row and the exit code, not the others' values. */
async function measureAll(benchmarks: readonly Benchmark[]): Promise<void> {
    const occasion = { date: today(), machine: machineKind() };
    const measured: Entry[] = [];
    for (const benchmark of benchmarks) {
        const startedAt = Date.now();
        process.stderr.write(`${benchmark.name} … `);
        try {
            measured.push(toEntry(benchmark, await benchmark.runs(), occasion));
            process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
        } catch (failure) {
            process.stderr.write('failed\n');
            console.error(failure);
            process.exitCode = 1;
        }
    }
    console.log(textTable(measured));
    await record(measured);
}

/** Read as late as possible: another run may have written meanwhile. */
async function record(measured: readonly Entry[]): Promise<void> {
    const existing = await readFile(jsonPath, 'utf8').catch(() => undefined);
    const entries = mergeEntries(BENCHMARKS, parseEntries(existing), measured);
    await writeFile(jsonPath, printEntries(entries));
    await writeFile(markdownPath, markdown(BENCHMARKS, entries));
}
