/** Candid types of the market and their TypeScript twins. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import type { CandidAccount } from '../../../src/core/account';
import type { Blob, Opt } from './idl_errors';

const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });

/** `delivery_s`: seconds that the node takes to deliver at most; 72 h when absent. */
export const CreateListingArgs = IDL.Record({
    node: IDL.Principal,
    units: IDL.Nat64,
    unit_price_e8s: IDL.Nat,
    delivery_s: IDL.Opt(IDL.Nat64),
    expires_ns: IDL.Nat64
});
export interface CandidCreateListingArgs {
    node: Principal;
    units: bigint;
    unit_price_e8s: bigint;
    delivery_s: Opt<bigint>;
    expires_ns: bigint;
}

export const ListingView = IDL.Record({
    id: IDL.Nat64,
    node: IDL.Principal,
    seller: IDL.Principal,
    unit_price_e8s: IDL.Nat,
    units_offered: IDL.Nat64,
    units_left: IDL.Nat64,
    delivery_s: IDL.Nat64,
    created_at_ns: IDL.Nat64,
    expires_ns: IDL.Nat64,
    open: IDL.Bool
});
export interface CandidListingView {
    id: bigint;
    node: Principal;
    seller: Principal;
    unit_price_e8s: bigint;
    units_offered: bigint;
    units_left: bigint;
    delivery_s: bigint;
    created_at_ns: bigint;
    expires_ns: bigint;
    open: boolean;
}

export const BuyComputeArgs = IDL.Record({
    listing: IDL.Nat64,
    units: IDL.Nat64,
    from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8))
});
export interface CandidBuyComputeArgs {
    listing: bigint;
    units: bigint;
    from_subaccount: Opt<Blob>;
}

/** `Expired` and `Refunding`: the price is on its way back; `Refunded`: it has arrived. */
export const OrderState = IDL.Variant({
    Open: IDL.Null,
    Escrowed: IDL.Null,
    Delivered: IDL.Null,
    Disputed: IDL.Text,
    Settled: IDL.Null,
    Expired: IDL.Null,
    Refunding: IDL.Null,
    Refunded: IDL.Null,
    Cancelled: IDL.Null
});
export type CandidOrderState =
    | { Open: null }
    | { Escrowed: null }
    | { Delivered: null }
    | { Disputed: string }
    | { Settled: null }
    | { Expired: null }
    | { Refunding: null }
    | { Refunded: null }
    | { Cancelled: null };

/** `deadline_ns`: when an escrowed order expires, or a delivered one is confirmed by silence. */
export const OrderView = IDL.Record({
    id: IDL.Nat64,
    listing: IDL.Nat64,
    node: IDL.Principal,
    seller: IDL.Principal,
    buyer: IDL.Principal,
    payer: Account,
    units: IDL.Nat64,
    price_e8s: IDL.Nat,
    state: OrderState,
    created_at_ns: IDL.Nat64,
    deadline_ns: IDL.Opt(IDL.Nat64),
    ended_at_ns: IDL.Opt(IDL.Nat64),
    window: IDL.Opt(IDL.Nat64),
    provider_e8s: IDL.Nat,
    refund_e8s: IDL.Nat
});
export interface CandidOrderView {
    id: bigint;
    listing: bigint;
    node: Principal;
    seller: Principal;
    buyer: Principal;
    payer: CandidAccount;
    units: bigint;
    price_e8s: bigint;
    state: CandidOrderState;
    created_at_ns: bigint;
    deadline_ns: Opt<bigint>;
    ended_at_ns: Opt<bigint>;
    window: Opt<bigint>;
    /** The part of the price that is a trade of the window, and the part that goes back, ledger fee included. */
    provider_e8s: bigint;
    refund_e8s: bigint;
}

export const DisputeArgs = IDL.Record({ order: IDL.Nat64, why: IDL.Text });
export interface CandidDisputeArgs {
    order: bigint;
    why: string;
}

export const ResolveArgs = IDL.Record({ order: IDL.Nat64, provider_e8s: IDL.Nat });
export interface CandidResolveArgs {
    order: bigint;
    provider_e8s: bigint;
}

/** Prices in escrow over a page of orders, so that anybody can add the escrow up again (H5). */
export const EscrowSums = IDL.Record({ escrowed_e8s: IDL.Nat, next: IDL.Opt(IDL.Nat64) });
export interface CandidEscrowSums {
    escrowed_e8s: bigint;
    next: Opt<bigint>;
}
