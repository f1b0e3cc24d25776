import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
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
import { env, pause, peers } from '../wiring';
import { governance } from './access';
import { metrics } from './metrics';

const VERSION = '0.1.0';

/** Peers, pausing, version and monitoring. */
export class Admin {
    /** Role: governance, and a controller for ids that are not known yet. Ids that are left out stay. */
    @update([CandidPeers], SetPeersResult, SERVED_WHILE_PAUSED)
    set_peers(candid: CandidPeers): CandidSetPeersResult {
        const caller = env.caller();
        const [isGovernance, isController] = [peers.is(caller, 'rewards'), env.isController(caller)];
        return peers.name(fromCandidPeers(candid), { isGovernance, isController });
    }

    /** Role: governance or a controller. While the hub is paused it takes nothing new. */
    @update([IDL.Bool], SetPausedResult, SERVED_WHILE_PAUSED)
    set_paused(paused: boolean): CandidSetPausedResult {
        return pause.set(paused, governance().ok);
    }

    @query([], CandidPeers)
    get_peers(): CandidPeers {
        return toCandidPeers(peers.all());
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
