/**
 * `npm run build [-- CANISTER… [--out FILE]]`: builds the canisters into .emc/build and prints their sizes. The code of the
 * ledger's archives, `token_icrc1_archive`, is built only when it is named.
 * `--out` copies the gzipped module of a single canister to FILE.
 */
import { copyFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CANISTERS } from '../src/core/peers';
import {
    ARCHIVE,
    buildArchive,
    BuildFailed,
    buildCanisters,
    type BuildName,
    type CanisterBuild
} from './lib/canister_build';

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
const known: readonly BuildName[] = [...CANISTERS, ARCHIVE];
const names: readonly BuildName[] =
    positionals.length === 0 ? CANISTERS : known.filter((name) => positionals.includes(name));
const unknown = positionals.filter((name) => !known.some((canister) => canister === name));
if (unknown.length > 0) fail(2, `unknown canister: ${unknown.join(', ')}; known: ${known.join(', ')}`);
if (values.out !== undefined && names.length !== 1) fail(2, '--out takes exactly one canister');

try {
    const suite = await buildCanisters(CANISTERS.filter((name) => names.includes(name)));
    for (const build of names.includes(ARCHIVE) ? [...suite, await buildArchive()] : suite) {
        await report(build);
        if (values.out !== undefined) await copyFile(build.wasmGzPath, values.out);
    }
} catch (failure) {
    if (!(failure instanceof BuildFailed)) throw failure;
    fail(1, failure.message);
}

async function report(build: CanisterBuild<BuildName>): Promise<void> {
    const kib = async (path: string): Promise<string> => `${Math.round((await stat(path)).size / 1024)} KiB`;
    const state = build.fresh ? 'built' : 'up to date';
    console.log(
        `${build.name.padEnd(20)} ${state.padEnd(11)} ${await kib(build.wasmPath)}, ${await kib(build.wasmGzPath)} gzipped`
    );
}

function fail(code: number, message: string): never {
    console.error(message);
    process.exit(code);
}
