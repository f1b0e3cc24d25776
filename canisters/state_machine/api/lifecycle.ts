import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { init, postUpgrade, query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { SetGovernanceResult, type CandidSetGovernanceResult } from '../../../src/azle/governance';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../src/azle/http';
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
import { chainIdOf } from '../../../src/core/consensus/state_hash';
import { makeConfig } from '../domain/config';
import { beginChallenges } from '../domain/poc/begin';
import { certifyHead } from '../jobs/certify';
import { startTimer } from '../jobs/tick';
import { pushSoon } from '../jobs/push_facts';
import { SCHEMA_VERSION } from '../storage';
import { agreement, challenges, factory, governance, pause, peers, tables } from '../wiring';
import { governanceCaller } from './guards';
import { ConfigView, InitArgs, type Opt } from './idl';
import { fromInitArgs, toConfigView } from './mappers';
import { stateMetrics } from './metrics';
import { fromPocInit } from './poc_mappers';

const VERSION = '0.1.0';

/** Installation, upgrades, configuration and monitoring. */
export class Lifecycle {
    @init([IDL.Opt(InitArgs)])
    init([args]: Opt<InitArgs>): void {
        stampSchema(factory, SCHEMA_VERSION);
        tables.config.set(makeConfig(fromInitArgs(args)));
        const poc = fromPocInit(args?.poc[0]);
        beginChallenges(tables, challenges.specs, poc, azleEnv.nowNs());
        agreement.begin(chainIdOf(azleEnv.self().toUint8Array(), azleEnv.nowNs()));
        governance.found(args?.governance[0]);
        adoptPeers(args);
        certifyHead();
        startTimer();
    }

    /** Parameters keep the values of the installation; ids of peers may be added. */
    @postUpgrade([IDL.Opt(InitArgs)])
    postUpgrade([args]: Opt<InitArgs>): void {
        checkSchema(factory, SCHEMA_VERSION);
        adoptPeers(args);
        certifyHead();
        startTimer();
    }

    /** Governance, and a controller for ids that are not known yet: names the other canisters of the suite; ids that are left out stay. */
    @update([CandidPeers], SetPeersResult, SERVED_WHILE_PAUSED)
    set_peers(given: CandidPeers): CandidSetPeersResult {
        const caller = azleEnv.caller();
        const [isGovernance, isController] = [governance.isHeldBy(caller), azleEnv.isController(caller)];
        const named = peers.name(fromCandidPeers(given), { isGovernance, isController });
        pushSoon();
        return named;
    }

    /** Governance or a controller: pauses the canister, which then takes nothing new, or ends the pause. */
    @update([IDL.Bool], SetPausedResult, SERVED_WHILE_PAUSED)
    set_paused(paused: boolean): CandidSetPausedResult {
        return pause.set(paused, governanceCaller().ok);
    }

    /** Governance: hands governance to another principal, `null` back to the rewards canister. */
    @update([IDL.Opt(IDL.Principal)], SetGovernanceResult, SERVED_WHILE_PAUSED)
    set_governance([to]: Opt<Principal>): CandidSetGovernanceResult {
        return governance.handOver(to, governance.isHeldBy(azleEnv.caller()));
    }

    @query([], CandidPeers)
    get_peers(): CandidPeers {
        return toCandidPeers(peers.all());
    }

    /** Who governs; `null` while that is the rewards canister and its id is not known. */
    @query([], IDL.Opt(IDL.Principal))
    get_governance(): Opt<Principal> {
        const holder = governance.holder();
        return holder === undefined ? [] : [holder];
    }

    @query([], ConfigView)
    get_config(): ConfigView {
        return toConfigView(tables.config.get());
    }

    @query([], CanisterStatus)
    status(): CanisterStatus {
        return canisterStatus({ version: VERSION, schemaVersion: SCHEMA_VERSION, pause, peers });
    }

    @query([], IDL.Text)
    version(): string {
        return VERSION;
    }

    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        return serveMonitoring(request, () => [pause.metric(), ...stateMetrics()]);
    }
}

function adoptPeers(args: InitArgs | undefined): void {
    peers.mergeEnvironment();
    const [given] = args?.peers ?? [];
    if (given !== undefined) peers.merge(fromCandidPeers(given));
    discoverPeers(peers, pushSoon);
}
