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
        allow_self_trade: IDL.Opt(IDL.Bool),
        probe_min_s: IDL.Opt(IDL.Nat64),
        probe_max_s: IDL.Opt(IDL.Nat64),
        online_window_s: IDL.Opt(IDL.Nat64),
        peers: IDL.Opt(CandidPeers),
        /** Who governs; default: the rewards canister. Counts at installation. */
        governance: IDL.Opt(IDL.Principal)
    })
);
export type CandidInitArgs = Opt<{
    credit_price_e8s: Opt<bigint>;
    grace_s: Opt<bigint>;
    max_keys_per_owner: Opt<bigint>;
    allow_self_trade: Opt<boolean>;
    probe_min_s: Opt<bigint>;
    probe_max_s: Opt<bigint>;
    online_window_s: Opt<bigint>;
    peers: Opt<CandidPeers>;
    governance: Opt<Principal>;
}>;

/** `bought = available + held + spent + withdrawn` */
export const AccountView = IDL.Record({
    available: IDL.Nat64,
    held: IDL.Nat64,
    spent: IDL.Nat64,
    withdrawn: IDL.Nat64,
    bought: IDL.Nat64
});
export interface CandidAccountView {
    available: bigint;
    held: bigint;
    spent: bigint;
    withdrawn: bigint;
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

export const WithdrawCreditsArgs = IDL.Record({ credits: IDL.Nat64, to_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
export interface CandidWithdrawCreditsArgs {
    credits: bigint;
    to_subaccount: Opt<Blob>;
}
/** `paid_e8s` arrived: the credits' price less the ledger's fee. */
export const Withdrawal = IDL.Record({ account: AccountView, block_index: IDL.Nat, paid_e8s: IDL.Nat });
export interface CandidWithdrawal {
    account: CandidAccountView;
    block_index: bigint;
    paid_e8s: bigint;
}

export const Origin = IDL.Variant({ ApiUser: IDL.Null, Validator: IDL.Null });
export type CandidOrigin = { ApiUser: null } | { Validator: null };

/** What a key may be used for; an absent limit does not limit. */
export const KeyLimits = IDL.Record({
    apps: IDL.Opt(IDL.Vec(IDL.Text)),
    nodes: IDL.Opt(IDL.Vec(IDL.Principal)),
    requests_per_minute: IDL.Opt(IDL.Nat64),
    max_credits: IDL.Opt(IDL.Nat64)
});
export interface CandidKeyLimits {
    apps: Opt<string[]>;
    nodes: Opt<Principal[]>;
    requests_per_minute: Opt<bigint>;
    max_credits: Opt<bigint>;
}
export const CreateApiKeyArgs = IDL.Record({ label: IDL.Text, key_hash: IDL.Vec(IDL.Nat8) });
export interface CandidCreateApiKeyArgs {
    label: string;
    key_hash: Blob;
}
export const SetKeyLimitsArgs = IDL.Record({ key_hash: IDL.Vec(IDL.Nat8), limits: KeyLimits });
export interface CandidSetKeyLimitsArgs {
    key_hash: Blob;
    limits: CandidKeyLimits;
}
export const ApiKeyView = IDL.Record({
    key_hash: IDL.Vec(IDL.Nat8),
    label: IDL.Text,
    origin: Origin,
    created_at_ns: IDL.Nat64,
    revoked_at_ns: IDL.Opt(IDL.Nat64),
    limits: KeyLimits,
    held_credits: IDL.Nat64,
    spent_credits: IDL.Nat64
});
export interface CandidApiKeyView {
    key_hash: Uint8Array;
    label: string;
    origin: CandidOrigin;
    created_at_ns: bigint;
    revoked_at_ns: Opt<bigint>;
    limits: CandidKeyLimits;
    held_credits: bigint;
    spent_credits: bigint;
}
export const KeyCheck = IDL.Record({ owner: IDL.Principal, label: IDL.Text, origin: Origin, limits: KeyLimits });
export interface CandidKeyCheck {
    owner: Principal;
    label: string;
    origin: CandidOrigin;
    limits: CandidKeyLimits;
}

export type CandidResultOf<T> = { Ok: T } | { Err: CandidError };
