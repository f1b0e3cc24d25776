/** One canister of the suite on a network over HTTP, with the files that an operator's commands read. */
import { Ed25519KeyIdentity } from '@dfinity/identity';
import type { HttpAgent } from '@dfinity/agent';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { writeDeployment } from '../../src/cli/deployment_file';
import { connectAgent } from '../../src/client/agent';
import type { CanisterIds } from '../../src/client/canisters';
import { initArguments, type SuiteOptions } from '../../src/client/deployment';
import { createLocalCanister, installCode } from '../../src/client/install';
import { pemOfSeed } from '../../src/client/key_file';
import { toHex } from '../../src/core/bytes';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { startNetwork } from '../../src/replica';

const SEEDS = { operator: new Uint8Array(32).fill(1), stranger: new Uint8Array(32).fill(2) };
const CYCLES = 1_000_000_000_000_000n;

export interface OperatedCanister {
    readonly ids: CanisterIds;
    /** Its controller's. */
    readonly agent: HttpAgent;
    /** A file of the folder that holds `deployment.json`, `operator.pem` and `stranger.pem`. */
    file(name: string): string;
    close(): Promise<void>;
}

/** Installs the named canister as it is deployed; the others have ids and no code. */
export async function operate(name: CanisterName, options: SuiteOptions = {}): Promise<OperatedCanister> {
    const folder = await mkdtemp(join(tmpdir(), 'emc-operator-'));
    const file = (of: string): string => join(folder, of);
    const network = await startNetwork({ port: 0 });
    const access = { host: network.url, rootKeyHex: toHex(network.rootKey) };
    const agent = await connectAgent(access, Ed25519KeyIdentity.generate(SEEDS.operator));
    const created = await Promise.all(
        CANISTERS.map(async (canister) => [canister, await createLocalCanister(agent, CYCLES)] as const)
    );
    const ids = Object.fromEntries(created) as CanisterIds;
    const [build] = await buildCanisters([name]);
    const arg = initArguments(ids, options).get(name) ?? new Uint8Array();
    await installCode(agent, ids[name], { install: null }, await readFile(build?.wasmGzPath ?? ''), arg);
    await writeDeployment(file('deployment.json'), { access, ids });
    for (const [holder, seed] of Object.entries(SEEDS)) {
        await writeFile(file(`${holder}.pem`), pemOfSeed(seed), { mode: 0o600 });
    }
    return {
        ids,
        agent,
        file,
        async close() {
            await network.close();
            await rm(folder, { recursive: true, force: true });
        }
    };
}
