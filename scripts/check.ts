/** `npm run check`: format, lint, types, import boundaries, Candid drift. Runs all of them and fails if one failed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './lib/project';

const bin = (name: string): string => join(projectRoot(), 'node_modules', '.bin', name);

const STEPS: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
    ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
    ['lint and import boundaries', bin('eslint'), ['.', '--max-warnings', '0']],
    ['types', bin('tsc'), ['-p', 'tsconfig.json']],
    ['types of what imports azle', bin('tsc'), ['-p', 'tsconfig.azle.json']],
    ['types of what runs in browsers', bin('tsc'), ['-p', 'src/replica/browser']],
    ['Candid drift', process.execPath, ['--import', 'tsx', 'scripts/generate.ts', '--check']]
];

const failed: string[] = [];
for (const [name, program, args] of STEPS) {
    const started = Date.now();
    const { status } = spawnSync(program, args, { cwd: projectRoot(), stdio: 'inherit' });
    console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
    console.error(`check failed: ${failed.join(', ')}`);
    process.exit(1);
}
