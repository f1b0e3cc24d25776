import { IDL } from 'azle';
import { query, update } from '../../../src/azle/endpoint';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../src/azle/http';
import { CandidPeers, fromCandidPeers, toCandidPeers } from '../../../src/azle/peers';
import { env, peers } from '../wiring';
import { metrics } from './metrics';

const SetPeersResult = IDL.Variant({ Ok: IDL.Null, Err: IDL.Variant({ NotController: IDL.Null }) });
type CandidSetPeersResult = { Ok: null } | { Err: { NotController: null } };

/** Peers, version and monitoring. */
export class Admin {
    /** Role: controller. Ids that are given replace what is stored, the others stay. */
    @update([CandidPeers], SetPeersResult)
    set_peers(candid: CandidPeers): CandidSetPeersResult {
        if (!env.isController(env.caller())) return { Err: { NotController: null } };
        peers.merge(fromCandidPeers(candid));
        return { Ok: null };
    }

    @query([], CandidPeers)
    get_peers(): CandidPeers {
        return toCandidPeers(peers.all());
    }

    @query([], IDL.Text)
    version(): string {
        return '0.1.0';
    }

    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        return serveMonitoring(request, metrics);
    }
}
