#!/usr/bin/env node
/**
 * Entry of every npm script: brings the dependencies in when they are missing or stale, then runs the named command.
 * Has no dependencies of its own, because with `ignore-scripts=true` npm runs no pre-scripts either.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.emc-lock');

const COMMANDS = {
    start: ['src/cli/main.ts', 'start'],
    emc: ['src/cli/main.ts'],
    test: ['scripts/test.ts'],
    bench: ['bench/main.ts'],
    build: ['scripts/build.ts'],
    generate: ['scripts/generate.ts'],
    check: ['scripts/check.ts']
};

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
if (command === undefined) {
    console.error(`usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
    process.exit(2);
}
if (Number(process.versions.node.split('.')[0]) < 20) {
    console.error(`Node 20 or newer is needed, this is ${process.version}.`);
    process.exit(1);
}
await ensureDependencies();
process.exit(await run(process.execPath, ['--import', 'tsx', ...command, ...args]));

/** `npm ci` when the lock file is not the one that node_modules was installed from. */
async function ensureDependencies() {
    const lock = createHash('sha256')
        .update(readFileSync(join(root, 'package-lock.json')))
        .digest('hex');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
    console.log('Installing dependencies (npm ci) …');
    const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) process.exit(code);
    writeFileSync(stamp, lock);
}

/**
 * Runs a child in the project's root; the child decides how to end. It gets Ctrl-C from the terminal itself; SIGTERM is
 * passed on, because supervisors send it to this process alone.
 */
function run(program, programArgs) {
    const child = spawn(program, programArgs, {
        cwd: root,
        stdio: 'inherit',
        shell: process.platform === 'win32' && program === 'npm',
        env: { ...process.env, EMC_ROOT: root, EMC_USER_FOLDER: process.cwd() }
    });
    const ignore = () => {};
    const passOn = () => child.kill('SIGTERM');
    process.on('SIGINT', ignore);
    process.on('SIGTERM', passOn);
    return new Promise((resolve) => {
        child.once('error', (failure) => {
            console.error(`${program} could not be started: ${failure.message}`);
            resolve(1);
        });
        child.once('exit', (code, signal) => {
            process.off('SIGINT', ignore);
            process.off('SIGTERM', passOn);
            resolve(code ?? 128 + constants.signals[signal]);
        });
    });
}
