/** Candid types of node stakes beyond their order and view. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { Account, StakeView } from './idl';
import type * as idl from './idl';

export const TopUpArgs = IDL.Record({
    node: IDL.Principal,
    amount_e8s: IDL.Nat,
    from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8))
});
export interface TopUpArgs {
    node: Principal;
    amount_e8s: bigint;
    from_subaccount: [] | [Uint8Array];
}

export const SlashReason = IDL.Variant({ Liveness: IDL.Null, Impeachment: IDL.Null });
export type SlashReason = { Liveness: null } | { Impeachment: null };

export const SlashArgs = IDL.Record({
    node: IDL.Principal,
    windows: IDL.Nat64,
    case: IDL.Nat64,
    reason: SlashReason,
    all: IDL.Bool
});
export interface SlashArgs {
    node: Principal;
    windows: bigint;
    case: bigint;
    reason: SlashReason;
    all: boolean;
}

export const Slashed = IDL.Record({ slashed_e8s: IDL.Nat, remaining_e8s: IDL.Nat });
export interface Slashed {
    slashed_e8s: bigint;
    remaining_e8s: bigint;
}

export const DisputeArgs = IDL.Record({ node: IDL.Principal, case: IDL.Nat64, open: IDL.Bool });
export interface DisputeArgs {
    node: Principal;
    case: bigint;
    open: boolean;
}

export const SlashEvent = IDL.Record({
    node: IDL.Principal,
    case: IDL.Nat64,
    windows: IDL.Nat64,
    reason: SlashReason,
    all: IDL.Bool,
    slashed_e8s: IDL.Nat,
    remaining_e8s: IDL.Nat,
    at_ns: IDL.Nat64
});
export interface SlashEvent extends SlashArgs, Slashed {
    at_ns: bigint;
}

export const StakeStatus = IDL.Variant({
    Pending: IDL.Null,
    Active: IDL.Null,
    /** Deductions have left less than the class or the order demands. */
    UnderCollateralised: IDL.Record({ missing_e8s: IDL.Nat }),
    /** The case that keeps it from being released. */
    Disputed: IDL.Nat64,
    Releasing: IDL.Null,
    Released: IDL.Null,
    Forfeited: IDL.Null
});

export const StakeDetails = IDL.Record({
    stake: StakeView,
    status: StakeStatus,
    topped_up_e8s: IDL.Nat,
    slashed_e8s: IDL.Nat,
    forfeited_e8s: IDL.Nat,
    released_e8s: IDL.Nat,
    windows_charged: IDL.Nat64,
    renewals: IDL.Nat64,
    /** Deducted and not in the treasury yet. */
    unswept_e8s: IDL.Nat,
    account: Account
});
export interface StakeDetails {
    stake: idl.StakeView;
    status: object;
    topped_up_e8s: bigint;
    slashed_e8s: bigint;
    forfeited_e8s: bigint;
    released_e8s: bigint;
    windows_charged: bigint;
    renewals: bigint;
    unswept_e8s: bigint;
    account: { owner: Principal; subaccount: [] | [Uint8Array] };
}
