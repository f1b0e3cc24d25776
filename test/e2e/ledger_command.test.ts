/** `emc ledger archive`: the operator's way to a ledger whose old blocks move to archives, over HTTP. */
import { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildArchive } from '../../scripts/lib/canister_build';
import { CommandFailed } from '../../src/cli/command_failed';
import { giveArchives } from '../../src/cli/ledger/archive';
import { waitFor } from '../../src/cli/start/outcome';
import { canisterActor } from '../../src/client/canisters';
import { toHex } from '../../src/core/bytes';
import { sha256 } from '../../src/core/hash';
import { operate, type OperatedCanister } from '../support/operated_canister';

let operated: OperatedCanister;
const file = (name: string): string => operated.file(name);

/** The ledger as it is deployed, with archives above eight blocks. */
beforeAll(async () => {
    operated = await operate('token_icrc1', { archiveAbove: 8n });
});
afterAll(() => operated.close());

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
    const ledger = canisterActor('token_icrc1', operated.agent, operated.ids.token_icrc1);
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
});
