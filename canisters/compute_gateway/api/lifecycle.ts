import { IDL } from 'azle';
import { init, postUpgrade } from '../../../src/azle/endpoint';
import { discoverPeers } from '../../../src/azle/peer_discovery';
import { fromCandidPeers } from '../../../src/azle/peers';
import { stampSchema, upgradeSchema } from '../../../src/azle/schema';
import { seedTokensSoon } from '../jobs/seed_tokens';
import { startSweeping } from '../jobs/sweep';
import { migrations } from '../migrations';
import { SCHEMA_VERSION } from '../storage';
import { governance, peers, stableTables, tables } from '../wiring';
import { InitArgs, type Opt } from './idl';
import { mergeLimits } from './mappers';

export class Lifecycle {
    /** By the installer. */
    @init([IDL.Opt(InitArgs)])
    init([args]: Opt<InitArgs>): void {
        stampSchema(stableTables, SCHEMA_VERSION);
        governance.found(args?.governance[0]);
        configure(args);
    }

    /** By the installer. Stable memory is left as it is; timers do not survive and are armed again. */
    @postUpgrade([IDL.Opt(InitArgs)])
    postUpgrade([args]: Opt<InitArgs>): void {
        upgradeSchema(stableTables, SCHEMA_VERSION, migrations(stableTables, tables));
        configure(args);
    }
}

function configure(args: InitArgs | undefined): void {
    peers.mergeEnvironment();
    const [given] = args?.peers ?? [];
    if (given !== undefined) peers.merge(fromCandidPeers(given));
    discoverPeers(peers);
    tables.limits.set(mergeLimits(tables.limits.get(), args?.limits[0], args?.sweep_s[0]));
    startSweeping();
    seedTokensSoon();
}
