/** Candid types of holders' stakes. */
import { IDL } from 'azle';
import { Account } from './idl';
import type { CandidAccount } from '../../../src/core/account';

export const StakeTokensArgs = IDL.Record({
    amount_e8s: IDL.Nat,
    term_days: IDL.Nat64,
    from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8))
});
export interface StakeTokensArgs {
    amount_e8s: bigint;
    term_days: bigint;
    from_subaccount: [] | [Uint8Array];
}

export const HolderStakeView = IDL.Record({
    id: IDL.Nat64,
    staker: Account,
    amount_e8s: IDL.Nat,
    term_days: IDL.Nat64,
    apr_basis_points: IDL.Nat,
    reward_e8s: IDL.Nat,
    reward_paid_e8s: IDL.Nat,
    start_ns: IDL.Nat64,
    end_ns: IDL.Nat64,
    state: IDL.Variant({
        Pending: IDL.Null,
        Refused: IDL.Null,
        Active: IDL.Null,
        Paying: IDL.Null,
        /** The principal is paid; what the pool could not pay is owed. */
        Withdrawn: IDL.Record({ owed_e8s: IDL.Nat })
    }),
    voting_power_e8s: IDL.Nat,
    account: Account
});
export interface HolderStakeView {
    id: bigint;
    staker: CandidAccount;
    amount_e8s: bigint;
    term_days: bigint;
    apr_basis_points: bigint;
    reward_e8s: bigint;
    reward_paid_e8s: bigint;
    start_ns: bigint;
    end_ns: bigint;
    state: object;
    voting_power_e8s: bigint;
    account: CandidAccount;
}

export const StakeQuote = IDL.Record({
    term_days: IDL.Nat64,
    apr_basis_points: IDL.Nat,
    reward_e8s: IDL.Nat,
    /** What the staking pool could pay of it now. */
    covered_e8s: IDL.Nat,
    voting_power_e8s: IDL.Nat
});
export interface StakeQuote {
    term_days: bigint;
    apr_basis_points: bigint;
    reward_e8s: bigint;
    covered_e8s: bigint;
    voting_power_e8s: bigint;
}
