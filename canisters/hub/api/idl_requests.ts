/** Candid types of requests and their TypeScript twins. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { Origin, type CandidOrigin } from './idl';
import type { Blob, Opt } from './idl_errors';

export const Payer = IDL.Variant({ Principal: IDL.Principal, ApiKey: IDL.Vec(IDL.Nat8) });
export type CandidPayer = { Principal: Principal } | { ApiKey: Blob };
export const OpenRequestArgs = IDL.Record({
    request_id: IDL.Nat64,
    payer: Payer,
    app_id: IDL.Text,
    max_credits: IDL.Nat64
});
export interface CandidOpenRequestArgs {
    request_id: bigint;
    payer: CandidPayer;
    app_id: string;
    max_credits: bigint;
}
export const OpenedRequest = IDL.Record({
    owner: IDL.Principal,
    origin: Origin,
    nodes: IDL.Opt(IDL.Vec(IDL.Principal))
});
export interface CandidOpenedRequest {
    owner: Principal;
    origin: CandidOrigin;
    /** Nodes that may execute the request; absent when any may. */
    nodes: Opt<Principal[]>;
}

export const FinalStatus = IDL.Variant({
    Success: IDL.Null,
    Failed: IDL.Null,
    Timeout: IDL.Null,
    Cancelled: IDL.Null
});
export type CandidFinalStatus = { Success: null } | { Failed: null } | { Timeout: null } | { Cancelled: null };
export const RecordResultArgs = IDL.Record({
    request_id: IDL.Nat64,
    node: IDL.Opt(IDL.Principal),
    status: FinalStatus,
    credits_used: IDL.Nat64,
    receipt_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
    receipt: IDL.Opt(IDL.Vec(IDL.Nat8))
});
export interface CandidRecordResultArgs {
    request_id: bigint;
    node: Opt<Principal>;
    status: CandidFinalStatus;
    credits_used: bigint;
    /** SHA-256 of a receipt that is not told by its body, such as a session's. */
    receipt_hash: Opt<Blob>;
    /** What a job's receipt says besides the job and the node: attempt (u32), units (u64), output hash, big-endian. */
    receipt: Opt<Blob>;
}

export const RequestStatus = IDL.Variant({
    Open: IDL.Null,
    Success: IDL.Null,
    Failed: IDL.Null,
    Timeout: IDL.Null,
    Cancelled: IDL.Null
});
export type CandidRequestStatus = { Open: null } | CandidFinalStatus;
const ofNode = {
    request_id: IDL.Nat64,
    app_id: IDL.Text,
    node: IDL.Opt(IDL.Principal),
    status: RequestStatus,
    credits_held: IDL.Nat64,
    credits_used: IDL.Nat64,
    receipt_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
    opened_at_ns: IDL.Nat64,
    closed_at_ns: IDL.Opt(IDL.Nat64),
    window: IDL.Opt(IDL.Nat64)
};

/** A request for the node that executed it, which is not told who pays (docs/decisions/0022-what-tells-a-probe.md). */
export const NodeRequestView = IDL.Record(ofNode);
export interface CandidNodeRequestView {
    request_id: bigint;
    app_id: string;
    node: Opt<Principal>;
    status: CandidRequestStatus;
    credits_held: bigint;
    credits_used: bigint;
    receipt_hash: Opt<Uint8Array>;
    opened_at_ns: bigint;
    closed_at_ns: Opt<bigint>;
    window: Opt<bigint>;
}

export const RequestView = IDL.Record({ ...ofNode, owner: IDL.Principal, origin: Origin });
export interface CandidRequestView extends CandidNodeRequestView {
    owner: Principal;
    origin: CandidOrigin;
}

/** An absent field does not filter. `window` is the one in which the result was recorded. */
export const RequestFilter = IDL.Record({
    status: IDL.Opt(RequestStatus),
    app_id: IDL.Opt(IDL.Text),
    node: IDL.Opt(IDL.Principal),
    key_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
    window: IDL.Opt(IDL.Nat64)
});
export interface CandidRequestFilter {
    status: Opt<CandidRequestStatus>;
    app_id: Opt<string>;
    node: Opt<Principal>;
    key_hash: Opt<Blob>;
    window: Opt<bigint>;
}
export const FindRequestsArgs = IDL.Record({ filter: RequestFilter, start: IDL.Nat64, take: IDL.Nat64 });
export interface CandidFindRequestsArgs {
    filter: CandidRequestFilter;
    start: bigint;
    take: bigint;
}
/** `next` is the `start` that goes on; a page may be empty although there is one. */
export const FoundRequests = IDL.Record({ requests: IDL.Vec(RequestView), next: IDL.Opt(IDL.Nat64) });
export interface CandidFoundRequests {
    requests: CandidRequestView[];
    next: Opt<bigint>;
}
