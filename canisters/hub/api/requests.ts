import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { ok, type Result } from '../../../src/core/result';
import { windowAt } from '../domain/calendar';
import type { ErrorOf } from '../domain/errors';
import { env, hub } from '../wiring';
import { mayRead, onlyPeer } from './access';
import type { CandidResultOf } from './idl';
import { resultOf, type Opt } from './idl_errors';
import {
    FindRequestsArgs,
    FoundRequests,
    NodeRequestView,
    OpenedRequest,
    OpenRequestArgs,
    RecordResultArgs,
    RequestView,
    type CandidFindRequestsArgs,
    type CandidFoundRequests,
    type CandidNodeRequestView,
    type CandidOpenedRequest,
    type CandidOpenRequestArgs,
    type CandidRecordResultArgs,
    type CandidRequestView
} from './idl_requests';
import { never, toNull, toOpt, toResult } from './mappers';
import {
    fromOpenRequest,
    fromRecordResult,
    fromRequestFilter,
    toNodeRequestView,
    toOpenedRequest,
    toRequestView
} from './mappers_requests';

const OpenResult = resultOf(
    OpenedRequest,
    'Unauthorized',
    'KeyNotFound',
    'KeyRevoked',
    'AppNotAllowed',
    'RateLimited',
    'KeyLimitReached',
    'InsufficientCredits',
    'DuplicateRequest',
    'TemporarilyUnavailable'
);
const RecordedResult = resultOf(
    IDL.Null,
    'Unauthorized',
    'NotFound',
    'AlreadyRecorded',
    'CreditsExceedReservation',
    'BadReceipt',
    'NodeNotAllowed',
    'InvalidArgument',
    'TemporarilyUnavailable'
);

const FundedResult = resultOf(IDL.Null, 'Unauthorized', 'NotFound', 'AlreadyRecorded', 'TemporarilyUnavailable');

/** Results that one message may bring. */
const MAX_RECORDED = 64;

/** Call records: opened and closed by the gateway canister, read by those whom they concern. */
export class Requests {
    /** Role: compute_gateway. Reserves credits; the identical call again answers the same. */
    @update([OpenRequestArgs], OpenResult)
    c2c_open_request(args: CandidOpenRequestArgs): CandidResultOf<CandidOpenedRequest> {
        const gateway = onlyPeer('compute_gateway');
        if (!gateway.ok) return toResult(gateway, never);
        const clock = hub.calendar.require();
        if (!clock.ok) return toResult(clock, never);
        return toResult(hub.requests.open(fromOpenRequest(args), env.nowNs()), toOpenedRequest);
    }

    /** Role: compute_gateway. The same for a compute socket: its purse pays, the request stays the payer's. */
    @update([OpenRequestArgs, IDL.Principal], OpenResult)
    c2c_open_prepaid(args: CandidOpenRequestArgs, purse: Principal): CandidResultOf<CandidOpenedRequest> {
        const gateway = onlyPeer('compute_gateway');
        if (!gateway.ok) return toResult(gateway, never);
        const clock = hub.calendar.require();
        if (!clock.ok) return toResult(clock, never);
        return toResult(hub.requests.open({ ...fromOpenRequest(args), purse }, env.nowNs()), toOpenedRequest);
    }

    /** Role: compute_gateway. Closes a request by moving its reservation to a compute socket's purse; idempotent. */
    @update([IDL.Nat64, IDL.Principal], FundedResult, SERVED_WHILE_PAUSED)
    c2c_fund_purse(requestId: bigint, purse: Principal): CandidResultOf<null> {
        const now = recordingNow();
        if (!now.ok) return toResult(now, toNull);
        return toResult(hub.requests.fund(requestId, purse, now.value.window, now.value.nowNs), toNull);
    }

    /**
     * Role: compute_gateway. Captures or releases; the identical call again answers the same. BadReceipt and NodeNotAllowed
     * close the request as Failed.
     */
    @update([RecordResultArgs], RecordedResult, SERVED_WHILE_PAUSED)
    c2c_record_result(args: CandidRecordResultArgs): CandidResultOf<null> {
        const now = recordingNow();
        return now.ok ? recorded(args, now.value) : toResult(now, toNull);
    }

    /** Role: compute_gateway. The same for several requests in one message, at most 64: an answer for each, in their order. */
    @update([IDL.Vec(RecordResultArgs)], IDL.Vec(RecordedResult), SERVED_WHILE_PAUSED)
    c2c_record_results(all: CandidRecordResultArgs[]): CandidResultOf<null>[] {
        const now = recordingNow();
        return all.slice(0, MAX_RECORDED).map((args) => (now.ok ? recorded(args, now.value) : toResult(now, toNull)));
    }

    /** A request that concerns the caller: its payer, a prober, the gateway canister or a controller. */
    @query([IDL.Nat64], IDL.Opt(RequestView))
    get_request(requestId: bigint): Opt<CandidRequestView> {
        const request = hub.requests.get(requestId);
        return request !== undefined && mayRead(request) ? toOpt(toRequestView(request)) : [];
    }

    /** Requests that the caller paid, newest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(RequestView))
    list_requests(start: bigint, take: bigint): CandidRequestView[] {
        return hub.requests.listByOwner(env.caller(), start, take).map(toRequestView);
    }

    /** Requests that the caller paid and that the filter lets through, newest first. */
    @query([FindRequestsArgs], FoundRequests)
    find_requests({ filter, start, take }: CandidFindRequestsArgs): CandidFoundRequests {
        const found = hub.requests.find(env.caller(), fromRequestFilter(filter), start, take);
        return { requests: found.requests.map(toRequestView), next: toOpt(found.next) };
    }

    /** Requests that the calling node executed, newest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(NodeRequestView))
    list_node_requests(start: bigint, take: bigint): CandidNodeRequestView[] {
        return hub.requests.listByNode(env.caller(), start, take).map(toNodeRequestView);
    }
}

interface Moment {
    readonly window: bigint;
    readonly nowNs: bigint;
}

/** When, and in which window, the gateway's message records. */
function recordingNow(): Result<Moment, ErrorOf<'Unauthorized' | 'TemporarilyUnavailable'>> {
    const gateway = onlyPeer('compute_gateway');
    if (!gateway.ok) return gateway;
    const clock = hub.calendar.require();
    if (!clock.ok) return clock;
    const nowNs = env.nowNs();
    return ok({ window: windowAt(clock.value, nowNs), nowNs });
}

function recorded(args: CandidRecordResultArgs, now: Moment): CandidResultOf<null> {
    return toResult(hub.requests.record(fromRecordResult(args), now.window, now.nowNs), toNull);
}
