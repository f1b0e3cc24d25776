/**
 * `npm run build [-- CANISTER… [--out FILE]]`: builds the canisters into .emc/build and prints their sizes.
 * `--out` copies the gzipped module of a single canister to FILE.
 */
import { copyFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CANISTERS, type CanisterName } from '../src/core/peers';
import { BuildFailed, buildCanisters, type CanisterBuild } from './lib/canister_build';

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const names: readonly CanisterName[] =
    positionals.length === 0 ? CANISTERS : CANISTERS.filter((name) => positionals.includes(name));
const unknown = positionals.filter((name) => !CANISTERS.some((canister) => canister === name));
if (unknown.length > 0) fail(2, `unknown canister: ${unknown.join(', ')}; known: ${CANISTERS.join(', ')}`);
if (values.out !== undefined && names.length !== 1) fail(2, '--out takes exactly one canister');

try {
    for (const build of await buildCanisters(names)) {
        await report(build);
        if (values.out !== undefined) await copyFile(build.wasmGzPath, values.out);
    }
} catch (failure) {
    if (!(failure instanceof BuildFailed)) throw failure;
    fail(1, failure.message);
}

async function report(build: CanisterBuild): Promise<void> {
    const kib = async (path: string): Promise<string> => `${Math.round((await stat(path)).size / 1024)} KiB`;
    const state = build.fresh ? 'built' : 'up to date';
    console.log(
        `${build.name.padEnd(16)} ${state.padEnd(11)} ${await kib(build.wasmPath)}, ${await kib(build.wasmGzPath)} gzipped`
    );
}

function fail(code: number, message: string): never {
    console.error(message);
    process.exit(code);
}
