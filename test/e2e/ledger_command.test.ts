/** `emc ledger archive`: the operator's way to a ledger whose old blocks move to archives, over HTTP. */
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildArchive, buildCanisters } from '../../scripts/lib/canister_build';
import { CommandFailed } from '../../src/cli/command_failed';
import { writeDeployment } from '../../src/cli/deployment_file';
import { giveArchives } from '../../src/cli/ledger/archive';
import { waitFor } from '../../src/cli/start/outcome';
import { connectAgent } from '../../src/client/agent';
import { canisterActor, type CanisterIds } from '../../src/client/canisters';
import { initArguments } from '../../src/client/deployment';
import { createLocalCanister, installCode } from '../../src/client/install';
import { pemOfSeed } from '../../src/client/key_file';
import { toHex } from '../../src/core/bytes';
import { sha256 } from '../../src/core/hash';
import { CANISTERS } from '../../src/core/peers';
import { startNetwork, type RunningNetwork } from '../../src/replica';

const SEEDS = { operator: new Uint8Array(32).fill(1), stranger: new Uint8Array(32).fill(2) };
const CYCLES = 1_000_000_000_000_000n;

let folder: string;
let network: RunningNetwork;
let ids: CanisterIds;
const file = (name: string): string => join(folder, name);
const access = () => ({ host: network.url, rootKeyHex: toHex(network.rootKey) });
const operator = Ed25519KeyIdentity.generate(SEEDS.operator);

/** The ledger as it is deployed, with archives above eight blocks; the other canisters are not there. */
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-ledger-'));
    network = await startNetwork({ port: 0 });
    const agent = await connectAgent(access(), operator);
    const created = await Promise.all(
        CANISTERS.map(async (name) => [name, await createLocalCanister(agent, CYCLES)] as const)
    );
    ids = Object.fromEntries(created) as CanisterIds;
    const [build] = await buildCanisters(['token_icrc1']);
    const arg = initArguments(ids, { archiveAbove: 8n }).get('token_icrc1') ?? new Uint8Array();
    await installCode(agent, ids.token_icrc1, { install: null }, await readFile(build?.wasmGzPath ?? ''), arg);
    await writeDeployment(file('deployment.json'), { access: access(), ids });
    for (const [name, seed] of Object.entries(SEEDS)) {
        await writeFile(file(`${name}.pem`), pemOfSeed(seed), { mode: 0o600 });
    }
}, 120_000);
afterAll(async () => {
    await network.close();
    await rm(folder, { recursive: true, force: true });
});

async function said(key: string, module?: string): Promise<string> {
    const lines: string[] = [];
    const options = { key: file(`${key}.pem`), deployment: file('deployment.json'), module };
    await giveArchives(options, (line) => lines.push(line));
    return lines.join('\n');
}

test('only a controller gives the code, and a module that is not there is named', async () => {
    await expect(said('stranger')).rejects.toThrow(CommandFailed);
    await expect(said('stranger')).rejects.toThrow('is no controller');
    await expect(said('operator', file('nothing.wasm'))).rejects.toThrow('nothing.wasm');
});

test('once the code is given, blocks move to an archive, and the command lists it', async () => {
    const ledger = canisterActor('token_icrc1', await connectAgent(access(), operator), ids.token_icrc1);
    expect(await ledger.archive_problem()).toContain('module');
    const hash = toHex(sha256(await readFile((await buildArchive()).wasmGzPath)));
    const first = await said('operator');
    expect(first).toContain(hash);
    expect(first).toContain('There is no archive yet.');
    const to = { owner: Principal.anonymous(), subaccount: [] as [] };
    const options = { from_subaccount: [], fee: [], memo: [], created_at_time: [] } as const;
    for (let i = 0n; i < 12n; i++) {
        expect(await ledger.icrc1_transfer({ ...options, to, amount: i } as never)).toHaveProperty('Ok');
    }
    const [archive] = await waitFor('an archive', 60, async () => {
        const archives = await ledger.icrc3_get_archives({ from: [] });
        return archives.length === 0 ? undefined : archives;
    });
    const again = await said('operator');
    expect(again).toContain(archive?.canister_id.toText());
    expect(again).toContain('Nothing stands in the way');
}, 120_000);
