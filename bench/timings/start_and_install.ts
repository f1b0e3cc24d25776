import { gunzipSync, gzipSync } from 'node:zlib';
import { appendCustomSection } from '../../scripts/lib/wasm_sections';
import { installCode } from '../../src/client/install';
import type { Benchmark } from '../lib/benchmark';
import { emptyCanister, NO_ARGUMENTS } from '../lib/empty_canister';
import { developer, newCanister } from '../lib/empty_on_replica';
import { ReplicaProcess, withReplica } from '../lib/replica_process';

const STARTS = 7;
const INSTALLATIONS = 7;

/** The first start compiles the sources into a cache; it is not counted. */
async function coldStarts(): Promise<readonly number[]> {
    await coldStart();
    const runs: number[] = [];
    while (runs.length < STARTS) runs.push(await coldStart());
    return runs;
}

async function coldStart(): Promise<number> {
    const startedAt = performance.now();
    const replica = await ReplicaProcess.start();
    try {
        const status = await fetch(`${replica.url}/api/v2/status`);
        await status.arrayBuffer();
        return performance.now() - startedAt;
    } finally {
        await replica.close();
    }
}

/** Each module is another one, so that nothing of the last installation can be used again. */
async function installations(): Promise<readonly number[]> {
    const module = gunzipSync(await emptyCanister());
    return withReplica(async ({ url }) => {
        const agent = await developer(url);
        const runs: number[] = [];
        for (let run = 0; run < INSTALLATIONS; run += 1) {
            const wasm = new Uint8Array(gzipSync(appendCustomSection(module, 'run', String(run))));
            const canister = await newCanister(agent);
            const startedAt = performance.now();
            await installCode(agent, canister, { install: null }, wasm, NO_ARGUMENTS);
            runs.push(performance.now() - startedAt);
        }
        return runs;
    });
}

export const startAndInstallBenchmarks: readonly Benchmark[] = [
    {
        name: 'network_cold_start',
        unit: 'ms',
        description:
            'From starting the process `emc-replica start` to its first answer on /api/v2/status; its sources are compiled already.',
        runs: coldStarts
    },
    {
        name: 'install_azle',
        unit: 'ms',
        description:
            'install_code of an empty Azle canister (gzipped, another module each time) over HTTP by @dfinity/agent, which verifies the certificate.',
        runs: installations
    }
];
