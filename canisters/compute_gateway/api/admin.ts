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
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from '../domain/errors';
import { addGateway, removeGateway, setGatewayUrl } from '../domain/gateways';
import { SCHEMA_VERSION } from '../storage';
import { env, governance, pause, peers, tables, VERSION } from '../wiring';
import { AddGatewayAnswer, RemoveGatewayAnswer, SetGatewayUrlAnswer, type Opt } from './idl';
import { signedIn } from './mappers';
import { metrics } from './metrics';

const nothing = (): null => null;

export class Admin {
    /** Governance, and a controller for ids that are not known yet. Ids that are left out stay. */
    @update([CandidPeers], SetPeersResult, SERVED_WHILE_PAUSED)
    set_peers(given: CandidPeers): CandidSetPeersResult {
        const caller = env.caller();
        const [isGovernance, isController] = [governance.isHeldBy(caller), env.isController(caller)];
        return peers.name(fromCandidPeers(given), { isGovernance, isController });
    }

    /** Governance or controllers: pauses the canister, which then takes nothing new, or ends the pause. */
    @update([IDL.Bool], SetPausedResult, SERVED_WHILE_PAUSED)
    set_paused(paused: boolean): CandidSetPausedResult {
        return pause.set(paused, governing().ok);
    }

    /** Governance: hands governance to another principal, `null` back to the rewards canister. */
    @update([IDL.Opt(IDL.Principal)], SetGovernanceResult, SERVED_WHILE_PAUSED)
    set_governance([to]: Opt<Principal>): CandidSetGovernanceResult {
        return governance.handOver(to, governance.isHeldBy(env.caller()));
    }

    /** Anyone. */
    @query([], CandidPeers)
    get_peers(): CandidPeers {
        return toCandidPeers(peers.all());
    }

    /** Anyone: who governs; `null` while that is the rewards canister and its id is not known. */
    @query([], IDL.Opt(IDL.Principal))
    get_governance(): Opt<Principal> {
        const holder = governance.holder();
        return holder === undefined ? [] : [holder];
    }

    /** Governance or controllers: lets a gateway submit jobs for the owners of API keys. */
    @update([IDL.Principal], AddGatewayAnswer.idl, SERVED_WHILE_PAUSED)
    add_gateway(gateway: Principal) {
        const allowed = governing();
        if (!allowed.ok) return AddGatewayAnswer.of(allowed);
        return AddGatewayAnswer.of(mapOk(addGateway(tables, gateway), nothing));
    }

    /** Governance or controllers. */
    @update([IDL.Principal], RemoveGatewayAnswer.idl, SERVED_WHILE_PAUSED)
    remove_gateway(gateway: Principal) {
        const allowed = governing();
        if (!allowed.ok) return RemoveGatewayAnswer.of(allowed);
        return RemoveGatewayAnswer.of(mapOk(removeGateway(tables, gateway), nothing));
    }

    /** A listed gateway: where it takes results directly; nothing withdraws that. */
    @update([IDL.Opt(IDL.Text)], SetGatewayUrlAnswer.idl)
    set_gateway_url([url]: Opt<string>) {
        const gateway = signedIn(env.caller());
        if (!gateway.ok) return SetGatewayUrlAnswer.of(gateway);
        return SetGatewayUrlAnswer.of(mapOk(setGatewayUrl(tables, gateway.value, url), nothing));
    }

    /** Anyone. */
    @query([IDL.Principal], IDL.Opt(IDL.Text))
    get_gateway_url(gateway: Principal): Opt<string> {
        const url = tables.gatewayUrls.get(gateway);
        return url === undefined ? [] : [url];
    }

    /** Anyone. */
    @query([], IDL.Vec(IDL.Principal))
    list_gateways(): Principal[] {
        return [...tables.gateways.get()];
    }

    /** Anyone. */
    @query([], CanisterStatus)
    status(): CanisterStatus {
        return canisterStatus({ version: VERSION, schemaVersion: SCHEMA_VERSION, pause, peers });
    }

    /** Anyone. */
    @query([], IDL.Text)
    version(): string {
        return VERSION;
    }

    /** Anyone: `/metrics` and `/health`. */
    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        return serveMonitoring(request, () => [pause.metric(), ...metrics()]);
    }
}

/** Governance is the rewards canister, which executes passed proposals, unless it was handed over. */
function governing(): Result<void, ErrorOf<'Unauthorized'>> {
    const caller = env.caller();
    const isAllowed = governance.isHeldBy(caller) || env.isController(caller);
    return isAllowed ? ok(undefined) : err({ kind: 'Unauthorized' });
}
