import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { SetGovernanceResult, type CandidSetGovernanceResult } from '../../../src/azle/governance';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../src/azle/http';
import { SetPausedResult, type CandidSetPausedResult } from '../../../src/azle/pause';
import {
    CandidPeers,
    fromCandidPeers,
    SetPeersResult,
    toCandidPeers,
    type CandidSetPeersResult
} from '../../../src/azle/peers';
import { CanisterStatus, canisterStatus } from '../../../src/azle/status';
import { SCHEMA_VERSION } from '../storage';
import { env, governance, pause, peers } from '../wiring';
import { governance as governing } from './access';
import type { Opt } from './idl_errors';
import { metrics } from './metrics';

const VERSION = '0.1.0';

/** Peers, pausing, version and monitoring. */
export class Admin {
    /** Role: governance, and a controller for ids that are not known yet. Ids that are left out stay. */
    @update([CandidPeers], SetPeersResult, SERVED_WHILE_PAUSED)
    set_peers(candid: CandidPeers): CandidSetPeersResult {
        const caller = env.caller();
        const [isGovernance, isController] = [governance.isHeldBy(caller), env.isController(caller)];
        return peers.name(fromCandidPeers(candid), { isGovernance, isController });
    }

    /** Role: governance or a controller. While the hub is paused it takes nothing new. */
    @update([IDL.Bool], SetPausedResult, SERVED_WHILE_PAUSED)
    set_paused(paused: boolean): CandidSetPausedResult {
        return pause.set(paused, governing().ok);
    }

    /** Role: governance. Hands governance to another principal, `null` back to the rewards canister. */
    @update([IDL.Opt(IDL.Principal)], SetGovernanceResult, SERVED_WHILE_PAUSED)
    set_governance([to]: Opt<Principal>): CandidSetGovernanceResult {
        return governance.handOver(to, governance.isHeldBy(env.caller()));
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
        return serveMonitoring(request, () => [pause.metric(), ...metrics()]);
    }
}
