/**
 * `npm test [-- --unit | -- --file PATH… ]`: builds the canisters, runs the tests, ends with `N passed, N failed`.
 * Without POCKET_IC_BIN the end-to-end tests run on the embedded network, with it on the real PocketIC.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readFile, rm } from 'node:fs/promises';
import { buildCanisters } from './lib/canister_build';
import { projectRoot, workFolder } from './lib/project';

interface Totals {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numRuntimeErrorTestSuites: number;
}

const args = process.argv.slice(2);
const unitOnly = args.includes('--unit');
const patterns = args.filter((argument) => !argument.startsWith('--')).map((path) => `--testPathPatterns=${path}`);

if (!unitOnly) await buildCanisters();
const report = workFolder(`test-${process.pid}.json`);
const status = await runJest([...(unitOnly ? ['--selectProjects', 'unit', 'replica'] : []), ...patterns]);
const totals = await readTotals(report);
await rm(report, { force: true });

// A file that could not even be loaded has no failed tests of its own.
const failed = totals.numFailedTests + totals.numRuntimeErrorTestSuites;
console.log(`${totals.numPassedTests} passed, ${failed} failed`);
process.exit(status === 0 && failed === 0 ? 0 : 1);

function runJest(jestArgs: readonly string[]): Promise<number> {
    const jest = join(projectRoot(), 'node_modules', 'jest', 'bin', 'jest.js');
    // Many tests wait for rounds and timers: two at a time take less than one after the other, on two cores too.
    const workers = Math.max(2, availableParallelism() - 1);
    const options = ['--json', `--outputFile=${report}`, '--silent=false', `--maxWorkers=${workers}`];
    const child = spawn(process.execPath, [jest, ...options, ...jestArgs], {
        cwd: projectRoot(),
        stdio: ['inherit', 'ignore', 'inherit'],
        env: { POCKET_IC_BIN: join(projectRoot(), 'bin', 'pocket-ic'), ...process.env, EMC_ROOT: projectRoot() }
    });
    return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

async function readTotals(file: string): Promise<Totals> {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
    return JSON.parse(text) as Totals;
}
