/** Candid types of the hub and their TypeScript twins. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { CandidPeers } from '../../../src/azle/peers';
import type { Blob, CandidError, Opt } from './idl_errors';

export const InitArgs = IDL.Opt(
    IDL.Record({
        credit_price_e8s: IDL.Opt(IDL.Nat),
        grace_s: IDL.Opt(IDL.Nat64),
        max_keys_per_owner: IDL.Opt(IDL.Nat64),
        peers: IDL.Opt(CandidPeers)
    })
);
export type CandidInitArgs = Opt<{
    credit_price_e8s: Opt<bigint>;
    grace_s: Opt<bigint>;
    max_keys_per_owner: Opt<bigint>;
    peers: Opt<CandidPeers>;
}>;

/** `bought = available + held + spent` */
export const AccountView = IDL.Record({
    available: IDL.Nat64,
    held: IDL.Nat64,
    spent: IDL.Nat64,
    bought: IDL.Nat64
});
export interface CandidAccountView {
    available: bigint;
    held: bigint;
    spent: bigint;
    bought: bigint;
}

export const BuyCreditsArgs = IDL.Record({ credits: IDL.Nat64, from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
export interface CandidBuyCreditsArgs {
    credits: bigint;
    from_subaccount: Opt<Blob>;
}
export const Purchase = IDL.Record({ account: AccountView, block_index: IDL.Nat });
export interface CandidPurchase {
    account: CandidAccountView;
    block_index: bigint;
}

export const Origin = IDL.Variant({ ApiUser: IDL.Null, Validator: IDL.Null });
export type CandidOrigin = { ApiUser: null } | { Validator: null };

export const CreateApiKeyArgs = IDL.Record({ label: IDL.Text, key_hash: IDL.Vec(IDL.Nat8) });
export interface CandidCreateApiKeyArgs {
    label: string;
    key_hash: Blob;
}
export const ApiKeyView = IDL.Record({
    key_hash: IDL.Vec(IDL.Nat8),
    label: IDL.Text,
    origin: Origin,
    created_at_ns: IDL.Nat64,
    revoked_at_ns: IDL.Opt(IDL.Nat64)
});
export interface CandidApiKeyView {
    key_hash: Uint8Array;
    label: string;
    origin: CandidOrigin;
    created_at_ns: bigint;
    revoked_at_ns: Opt<bigint>;
}
export const KeyCheck = IDL.Record({ owner: IDL.Principal, label: IDL.Text, origin: Origin });
export interface CandidKeyCheck {
    owner: Principal;
    label: string;
    origin: CandidOrigin;
}

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
export const OpenedRequest = IDL.Record({ owner: IDL.Principal, origin: Origin });
export interface CandidOpenedRequest {
    owner: Principal;
    origin: CandidOrigin;
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
    receipt_hash: IDL.Opt(IDL.Vec(IDL.Nat8))
});
export interface CandidRecordResultArgs {
    request_id: bigint;
    node: Opt<Principal>;
    status: CandidFinalStatus;
    credits_used: bigint;
    receipt_hash: Opt<Blob>;
}

export const RequestStatus = IDL.Variant({
    Open: IDL.Null,
    Success: IDL.Null,
    Failed: IDL.Null,
    Timeout: IDL.Null,
    Cancelled: IDL.Null
});
export type CandidRequestStatus = { Open: null } | CandidFinalStatus;
export const RequestView = IDL.Record({
    request_id: IDL.Nat64,
    owner: IDL.Principal,
    origin: Origin,
    app_id: IDL.Text,
    node: IDL.Opt(IDL.Principal),
    status: RequestStatus,
    credits_held: IDL.Nat64,
    credits_used: IDL.Nat64,
    receipt_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
    opened_at_ns: IDL.Nat64,
    closed_at_ns: IDL.Opt(IDL.Nat64),
    window: IDL.Opt(IDL.Nat64)
});
export interface CandidRequestView {
    request_id: bigint;
    owner: Principal;
    origin: CandidOrigin;
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

export type CandidResultOf<T> = { Ok: T } | { Err: CandidError };
