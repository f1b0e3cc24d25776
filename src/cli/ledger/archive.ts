import { CanisterStatus, type HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildArchive } from '../../../scripts/lib/canister_build';
import { connectAgent } from '../../client/agent';
import { canisterActor, type Services } from '../../client/canisters';
import { loadIdentity } from '../../client/key_file';
import { giveArchiveModule } from '../../client/ledger_archive';
import { toHex } from '../../core/bytes';
import { CommandFailed } from '../command_failed';
import { readDeployment } from '../deployment_file';
import type { Print } from '../print';

/** What `emc ledger archive` is told. */
export interface ArchiveCommandOptions {
    /** File that says where the suite runs. */
    readonly deployment: string;
    /** Key of a controller of the ledger, as PEM. */
    readonly key: string;
    /** A module that is built already. */
    readonly module?: string;
}

type Ledger = Services['token_icrc1'];

/** Gives the ledger the code of its archives, and prints how archiving stands. @throws {@link CommandFailed} */
export async function giveArchives(options: ArchiveCommandOptions, print: Print): Promise<void> {
    const { access, ids } = await readDeployment(options.deployment);
    const identity = await loadIdentity(options.key);
    const agent = await connectAgent(access, identity);
    await checkController(agent, ids.token_icrc1, identity.getPrincipal());
    const ledger = canisterActor('token_icrc1', agent, ids.token_icrc1);
    const module = await readModule(options.module ?? (await buildArchive()).wasmGzPath);
    const hash = await giveArchiveModule(ledger, module);
    print(`Archives will run ${toHex(hash)} (${module.length} bytes).`);
    for (const line of await standing(ledger)) print(line);
}

/** The ledger would refuse the upload unread, without a reason: messages of its size are for controllers only. */
async function checkController(agent: HttpAgent, ledger: Principal, caller: Principal): Promise<void> {
    const status = await CanisterStatus.request({ agent, canisterId: ledger, paths: ['controllers'] });
    const controllers = status.get('controllers') as readonly Principal[];
    if (controllers.some((controller) => controller.compareTo(caller) === 'eq')) return;
    throw new CommandFailed(`${caller.toText()} is no controller of the ledger`, [
        '--key names the key of whoever installed the ledger.'
    ]);
}

async function readModule(path: string): Promise<Uint8Array> {
    const module = await readFile(path).catch(() => undefined);
    if (module === undefined) throw new CommandFailed(`${path}: no such module`);
    return new Uint8Array(module);
}

async function standing(ledger: Ledger): Promise<readonly string[]> {
    const [archives, problem] = await Promise.all([ledger.icrc3_get_archives({ from: [] }), ledger.archive_problem()]);
    const listed = archives.map(({ canister_id, start, end }) => `  ${canister_id.toText()}  ${start} … ${end}`);
    return [
        archives.length === 0 ? 'There is no archive yet.' : 'Archives and the blocks that they hold:',
        ...listed,
        problem === '' ? 'Nothing stands in the way of archiving.' : `Archiving waits: ${problem}`
    ];
}
