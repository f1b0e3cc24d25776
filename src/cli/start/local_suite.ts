import type { Identity } from '@dfinity/agent';
import { IcrcLedgerCanister } from '@dfinity/ledger-icrc';
import { readFile } from 'node:fs/promises';
import { buildArchive, buildCanisters, type ARCHIVE, type CanisterBuild } from '../../../scripts/lib/canister_build';
import { connectAgent, type NetworkAccess } from '../../client/agent';
import { canisterActors, type CanisterIds, type Canisters } from '../../client/canisters';
import { initArguments, type SuiteOptions } from '../../client/deployment';
import { createLocalCanister, installCode } from '../../client/install';
import { giveArchiveModule } from '../../client/ledger_archive';
import { CANISTERS, type CanisterName } from '../../core/peers';

/** Enough for years of local use. */
const CANISTER_CYCLES = 1_000_000_000_000_000n;

/** The deployed suite, as each identity sees it. */
export class LocalSuite {
    private readonly connections = new Map<string, Promise<Canisters>>();

    constructor(
        readonly access: NetworkAccess,
        readonly ids: CanisterIds
    ) {}

    /** Typed actors that call as this identity. */
    as(identity: Identity): Promise<Canisters> {
        const key = identity.getPrincipal().toText();
        const known = this.connections.get(key);
        if (known !== undefined) return known;
        const connection = connectAgent(this.access, identity).then((agent) => canisterActors(agent, this.ids));
        this.connections.set(key, connection);
        return connection;
    }

    /** The ledger through the standard client. */
    async ledger(identity: Identity): Promise<IcrcLedgerCanister> {
        const agent = await connectAgent(this.access, identity);
        return IcrcLedgerCanister.create({ agent, canisterId: this.ids.token_icrc1 });
    }
}

/** What is built before the network starts. */
export interface Modules {
    readonly canisters: readonly CanisterBuild[];
    /** What archives of the ledger run. */
    readonly archive: CanisterBuild<typeof ARCHIVE>;
}

/** Builds what has changed. */
export async function prepareModules(): Promise<Modules> {
    const [canisters, archive] = await Promise.all([buildCanisters(), buildArchive()]);
    return { canisters, archive };
}

/** Creates the five canisters on a development network and installs them, each knowing the others; the ledger can make archives. */
export async function deployLocalSuite(
    access: NetworkAccess,
    deployer: Identity,
    { canisters, archive }: Modules,
    options: SuiteOptions
): Promise<LocalSuite> {
    const agent = await connectAgent(access, deployer);
    const created = await Promise.all(
        CANISTERS.map(async (name) => [name, await createLocalCanister(agent, CANISTER_CYCLES)] as const)
    );
    const ids = Object.fromEntries(created) as CanisterIds;
    const args = initArguments(ids, options);
    await Promise.all(
        canisters.map(async ({ name, wasmGzPath }) =>
            installCode(agent, ids[name], { install: null }, await readFile(wasmGzPath), argumentOf(args, name))
        )
    );
    await giveArchiveModule(canisterActors(agent, ids).token_icrc1, await readFile(archive.wasmGzPath));
    return new LocalSuite(access, ids);
}

function argumentOf(args: ReadonlyMap<CanisterName, Uint8Array>, name: CanisterName): Uint8Array {
    return args.get(name) ?? new Uint8Array();
}
