/**
 * `npm test [-- --unit | -- --file PATH… ]`: builds the canisters, runs the tests, ends with `N passed, N failed`.
 * Without POCKET_IC_BIN the end-to-end tests run on the embedded network, with it on the real PocketIC.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readFile, rm } from 'node:fs/promises';
import { buildCanisters } from './lib/canister_build';
import { projectRoot, workFolder } from './lib/project';
import { superviseRun, type RunEnd } from './lib/supervised_run';

interface Totals {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numRuntimeErrorTestSuites: number;
}

interface Outcome {
    readonly passed: number;
    readonly failed: number;
}

/** More than two hooks or tests of a file take, each until its own limit (`testTimeout`): nothing goes on any more. */
const SILENCE_MS = 45 * 60_000;

const args = process.argv.slice(2);
const unitOnly = args.includes('--unit');
const patterns = args.filter((argument) => !argument.startsWith('--')).map((path) => `--testPathPatterns=${path}`);

if (!unitOnly) await buildCanisters();
const report = workFolder(`test-${process.pid}.json`);
const stopped = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stopped.abort());
const end = await runJest([...(unitOnly ? ['--selectProjects', 'unit', 'replica'] : []), ...patterns]);
const { passed, failed } = end.how === 'ended' ? await readReport() : cutOff(end);
await rm(report, { force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(end.code === 0 && failed === 0 ? 0 : 1);

function runJest(jestArgs: readonly string[]): Promise<RunEnd> {
    const jest = join(projectRoot(), 'node_modules', 'jest', 'bin', 'jest.js');
    const progress = join(projectRoot(), 'scripts', 'lib', 'progress_reporter.mjs');
    // Many tests wait for rounds and timers: two at a time take less than one after the other, on two cores too.
    const workers = Math.max(2, availableParallelism() - 1);
    const reports = ['--json', `--outputFile=${report}`, '--reporters=default', `--reporters=${progress}`];
    // What a test that failed has left open must not hold the run.
    const options = ['--silent=false', `--maxWorkers=${workers}`, '--forceExit'];
    return superviseRun([jest, ...reports, ...options, ...jestArgs], {
        cwd: projectRoot(),
        env: { POCKET_IC_BIN: join(projectRoot(), 'bin', 'pocket-ic'), ...process.env, EMC_ROOT: projectRoot() },
        silenceMs: SILENCE_MS,
        signal: stopped.signal
    });
}

/** A file that had not ended is a failure, and so is a run that was cut off between two. */
function cutOff({ how, counts }: RunEnd): Outcome {
    console.error(how === 'silent' ? 'No test has ended for too long: the run was cut off.' : 'The run was stopped.');
    for (const file of counts.unfinished) console.error(`  not finished: ${file}`);
    return { passed: counts.passed, failed: counts.failed + Math.max(1, counts.unfinished.length) };
}

async function readReport(): Promise<Outcome> {
    const text = await readFile(report, 'utf8').catch(() => undefined);
    if (text === undefined) return { passed: 0, failed: 1 };
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(text) as Totals;
    // A file that could not even be loaded has no failed tests of its own.
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}
