import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { SetGovernanceResult, type CandidSetGovernanceResult } from '../../../src/azle/governance';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../src/azle/http';
import {
    CandidPeers,
    fromCandidPeers,
    SetPeersResult,
    toCandidPeers,
    type CandidSetPeersResult
} from '../../../src/azle/peers';
import { metricsOf } from '../domain/metrics';
import { archiveProblem } from '../jobs/feed_archive';
import { books, env, genesis, governance, peers } from '../wiring';
import type { Opt } from './idl';
import { settleGenesis } from './settle_genesis';

const VERSION = '0.1.0';

/** Administration and observation. Nothing here can mint, move or take tokens after genesis. */
export class Admin {
    /**
     * Role: governance, and a controller for ids that are not known yet. The first call that names the rewards canister
     * mints a profile's supply.
     */
    @update([CandidPeers], SetPeersResult, SERVED_WHILE_PAUSED)
    set_peers(candid: CandidPeers): CandidSetPeersResult {
        const caller = env.caller();
        const [isGovernance, isController] = [governance.isHeldBy(caller), env.isController(caller)];
        const named = peers.name(fromCandidPeers(candid), { isGovernance, isController });
        settleGenesis();
        return named;
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

    @query([], IDL.Text)
    version(): string {
        return VERSION;
    }

    /** Whether the supply exists: false while a profile's genesis waits for the rewards canister's id. */
    @query([], IDL.Bool)
    is_ledger_ready(): boolean {
        return genesis.isDone();
    }

    /** Why old blocks do not move to an archive; empty when all is well. */
    @query([], IDL.Text)
    archive_problem(): string {
        return archiveProblem().problem;
    }

    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        return serveMonitoring(request, () => metricsOf(books, archiveProblem().failures));
    }
}
