/** How far the embedded network's instruction counts are from a real replica's. */
import { IDL } from '@dfinity/candid';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/lib/project';
import type { Benchmark } from '../lib/benchmark';
import { NO_ARGUMENTS } from '../lib/empty_canister';
import { LocalNetwork } from '../lib/local_network';
import { smallCanister } from '../lib/small_canister';

/**
 * What Azle measured with its example `hello_world` on dfx's replica: instructions of the first `setMessage("Goodbye world!")` by
 * `performance_counter(1)` (examples/stable/demo/hello_world/benchmarks.json of the repository demergent-labs/azle, release after
 * this version).
 */
const PUBLISHED = { version: '0.33.0', method: 'setMessage', instructions: 1_395_312 };

function azleFolder(): string {
    return join(projectRoot(), 'node_modules', 'azle');
}

function installedVersion(): string {
    const description: unknown = JSON.parse(readFileSync(join(azleFolder(), 'package.json'), 'utf8'));
    const { version } = description as { version: string };
    return version;
}

/** The example itself, out of the package. */
function example(): Promise<Uint8Array> {
    const file = join(azleFolder(), 'examples', 'stable', 'demo', 'hello_world', 'src', 'index.ts');
    return smallCanister({
        name: 'azle_hello_world',
        source: () => readFileSync(file, 'utf8')
    });
}

/**
 * Percent by which the count here differs from the published one. Counted is the whole message: Azle's own recording reads the counter
 * a few instructions before its end (and does not work in this version's package).
 */
async function difference(): Promise<number> {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await example(), NO_ARGUMENTS);
    network.advance(1);
    const call = { to: canister, from: network.deployer };
    network.query({ ...call, method: 'getMessage', argument: NO_ARGUMENTS });
    const argument = new Uint8Array(IDL.encode([IDL.Text], ['Goodbye world!']));
    const counted = network.instructionsOf(() => network.update({ ...call, method: PUBLISHED.method, argument }));
    return 100 * Math.abs(counted / PUBLISHED.instructions - 1);
}

export const meteringBenchmarks: readonly Benchmark[] = [
    {
        name: 'metering_error',
        unit: '%',
        description: `Difference of the embedded network's count from the one that Azle ${PUBLISHED.version} published for setMessage of its example hello_world on dfx's replica.`,
        missing: async () =>
            installedVersion() === PUBLISHED.version
                ? undefined
                : `the published figure is of Azle ${PUBLISHED.version}, installed is ${installedVersion()}`,
        runs: async () => [await difference()]
    }
];
