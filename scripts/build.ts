/** `npm run build [-- CANISTER…]`: builds the canisters into .emc/build and prints their sizes. */
import { stat } from 'node:fs/promises';
import { CANISTERS, type CanisterName } from '../src/core/peers';
import { BuildFailed, buildCanisters, type CanisterBuild } from './lib/canister_build';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CANISTERS.some((canister) => canister === name));
if (unknown.length > 0) {
    console.error(`unknown canister: ${unknown.join(', ')}; known: ${CANISTERS.join(', ')}`);
    process.exit(2);
}

try {
    const names = wanted.length === 0 ? CANISTERS : CANISTERS.filter((name) => wanted.includes(name));
    for (const build of await buildCanisters(names as readonly CanisterName[])) await report(build);
} catch (failure) {
    if (!(failure instanceof BuildFailed)) throw failure;
    console.error(failure.message);
    process.exit(1);
}

async function report(build: CanisterBuild): Promise<void> {
    const kib = async (path: string): Promise<string> => `${Math.round((await stat(path)).size / 1024)} KiB`;
    const state = build.fresh ? 'built' : 'up to date';
    console.log(
        `${build.name.padEnd(16)} ${state.padEnd(11)} ${await kib(build.wasmPath)}, ${await kib(build.wasmGzPath)} gzipped`
    );
}
