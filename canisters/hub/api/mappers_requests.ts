/** Candid ⇄ domain: requests. */
import {
    receiptHashOf,
    type CallRequest,
    type FinalStatus,
    type OpenRequest,
    type Opened,
    type RecordResult,
    type RequestFilter
} from '../domain/requests';
import type {
    CandidFinalStatus,
    CandidOpenedRequest,
    CandidOpenRequestArgs,
    CandidRecordResultArgs,
    CandidRequestFilter,
    CandidRequestStatus,
    CandidNodeRequestView,
    CandidRequestView
} from './idl_requests';
import { fromOpt, toBytes, toOpt, toOrigin } from './mappers';

export function fromOpenRequest(args: CandidOpenRequestArgs): OpenRequest {
    const { request_id: requestId, payer, app_id: appId, max_credits: maxCredits } = args;
    return {
        requestId,
        payer:
            'Principal' in payer
                ? { kind: 'Principal', owner: payer.Principal }
                : { kind: 'ApiKey', hash: toBytes(payer.ApiKey) },
        appId,
        maxCredits
    };
}

export function toOpenedRequest(opened: Opened): CandidOpenedRequest {
    const { nodes } = opened;
    return { owner: opened.owner, origin: toOrigin(opened.origin), nodes: toOpt(nodes && [...nodes]) };
}

export function fromRecordResult(args: CandidRecordResultArgs): RecordResult {
    const receipt = args.receipt[0] ?? args.receipt_hash[0];
    return {
        requestId: args.request_id,
        node: args.node[0],
        status: fromFinalStatus(args.status),
        creditsUsed: args.credits_used,
        receipt: receipt === undefined ? undefined : toBytes(receipt)
    };
}

export function fromFinalStatus(status: CandidFinalStatus): FinalStatus {
    if ('Success' in status) return 'Success';
    if ('Failed' in status) return 'Failed';
    return 'Timeout' in status ? 'Timeout' : 'Cancelled';
}

function toRequestStatus(status: FinalStatus | undefined): CandidRequestStatus {
    switch (status) {
        case undefined:
            return { Open: null };
        case 'Success':
            return { Success: null };
        case 'Failed':
            return { Failed: null };
        case 'Timeout':
            return { Timeout: null };
        case 'Cancelled':
            return { Cancelled: null };
    }
}

export function toRequestView(request: CallRequest): CandidRequestView {
    return { ...toNodeRequestView(request), owner: request.owner, origin: toOrigin(request.origin) };
}

export function toNodeRequestView(request: CallRequest): CandidNodeRequestView {
    const { outcome } = request;
    return {
        request_id: request.requestId,
        app_id: request.appId,
        node: toOpt(outcome?.node),
        status: toRequestStatus(outcome?.status),
        credits_held: request.creditsHeld,
        credits_used: outcome?.creditsUsed ?? 0n,
        receipt_hash: toOpt(receiptHashOf(request)),
        opened_at_ns: request.openedAtNs,
        closed_at_ns: toOpt(outcome?.closedAtNs),
        window: toOpt(outcome?.window)
    };
}

export function fromRequestFilter(filter: CandidRequestFilter): RequestFilter {
    const status = fromOpt(filter.status);
    const keyHash = fromOpt(filter.key_hash);
    return {
        status: status && fromRequestStatus(status),
        appId: fromOpt(filter.app_id),
        node: fromOpt(filter.node),
        keyHash: keyHash && toBytes(keyHash),
        window: fromOpt(filter.window)
    };
}

function fromRequestStatus(status: CandidRequestStatus): FinalStatus | 'Open' {
    return 'Open' in status ? 'Open' : fromFinalStatus(status);
}
