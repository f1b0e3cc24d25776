import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { init, postUpgrade, query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { SetGovernanceResult, type CandidSetGovernanceResult } from '../../../src/azle/governance';
import { SetPausedResult, type CandidSetPausedResult } from '../../../src/azle/pause';
import { discoverPeers } from '../../../src/azle/peer_discovery';
import {
    CandidPeers,
    fromCandidPeers,
    SetPeersResult,
    toCandidPeers,
    type CandidSetPeersResult
} from '../../../src/azle/peers';
import { checkSchema, stampSchema } from '../../../src/azle/schema';
import { CanisterStatus, canisterStatus } from '../../../src/azle/status';
import { interruptAll } from '../domain/transfers/attempts';
import { install } from '../domain/install';
import { armTimers } from '../jobs/tick';
import { SCHEMA_VERSION } from '../storage';
import { env, governance, pause, peers, state, tables } from '../wiring';
import { isGoverning } from './guards';
import { InitArgs } from './idl';

const VERSION = '0.1.0';

export class Lifecycle {
    /** `(null)` gives the default profile with its genesis now. */
    @init([InitArgs])
    start([args]: [] | [InitArgs]): void {
        stampSchema(tables, SCHEMA_VERSION);
        const [profileId] = args?.profile ?? [];
        const [genesisNs = env.nowNs()] = args?.genesis_ns ?? [];
        const [roundS] = args?.round_s ?? [];
        const [roundsPerEpoch] = args?.rounds_per_epoch ?? [];
        install(state, { profileId, genesisNs, roundS, roundsPerEpoch });
        governance.found(args?.governance[0]);
        takePeers(args);
        armTimers();
    }

    /** Ignores what only counts at install; calls that were under way are in doubt from now on. */
    @postUpgrade([InitArgs])
    upgrade([args]: [] | [InitArgs]): void {
        checkSchema(tables, SCHEMA_VERSION);
        interruptAll(state, env.nowNs());
        takePeers(args);
        armTimers();
    }

    /**
     * A controller, for ids that are not known yet: names the other canisters of the suite. A passed proposal (`SetRole`), or
     * another principal that governs, changes them.
     */
    @update([CandidPeers], SetPeersResult, SERVED_WHILE_PAUSED)
    set_peers(candid: CandidPeers): CandidSetPeersResult {
        const isController = env.isController(env.caller());
        return peers.name(fromCandidPeers(candid), { isGovernance: isGoverning(), isController });
    }

    /** Controllers, and governance, as which this canister executes its proposals: pauses it, so that it takes nothing new, or ends that. */
    @update([IDL.Bool], SetPausedResult, SERVED_WHILE_PAUSED)
    set_paused(paused: boolean): CandidSetPausedResult {
        return pause.set(paused, isGoverning() || env.isController(env.caller()));
    }

    /**
     * Governance, as which this canister executes its proposals: hands governance to another principal, `null` back to this
     * canister's voters.
     */
    @update([IDL.Opt(IDL.Principal)], SetGovernanceResult, SERVED_WHILE_PAUSED)
    set_governance([to]: [] | [Principal]): CandidSetGovernanceResult {
        return governance.handOver(to, isGoverning());
    }

    @query([], CandidPeers)
    get_peers(): CandidPeers {
        return toCandidPeers(peers.all());
    }

    /** Who governs: this canister by its proposals, or whom it was handed to. */
    @query([], IDL.Principal)
    get_governance(): Principal {
        return governance.holder() ?? env.self();
    }

    @query([], CanisterStatus)
    status(): CanisterStatus {
        return canisterStatus({ version: VERSION, schemaVersion: SCHEMA_VERSION, pause, peers });
    }

    @query([], IDL.Text)
    version(): string {
        return VERSION;
    }
}

function takePeers(args: InitArgs | undefined): void {
    peers.mergeEnvironment();
    const [candid] = args?.peers ?? [];
    if (candid !== undefined) peers.merge(fromCandidPeers(candid));
    discoverPeers(peers);
}
