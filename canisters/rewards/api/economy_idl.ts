/** Candid types of what people ask about the token economy. */
import { IDL } from 'azle';
import { Ratio } from './profile_idl';

export const PeriodFactors = IDL.Record({
    period: IDL.Nat64,
    /** Emission of an epoch, as a part of one of period 1. */
    emission: Ratio,
    /** P(n): the part of a trade's fee that is rewarded. */
    trade_reward: Ratio,
    /** df(n): the buyer's part of that. */
    trade_buyer: Ratio
});
export interface PeriodFactors {
    period: bigint;
    emission: Ratio;
    trade_reward: Ratio;
    trade_buyer: Ratio;
}

export const TradeQuote = IDL.Record({
    period: IDL.Nat64,
    price_e8s: IDL.Nat,
    fee_e8s: IDL.Nat,
    buyer_reward_e8s: IDL.Nat,
    provider_reward_e8s: IDL.Nat,
    /** Of the fee: to the treasury, or burned. */
    treasury_e8s: IDL.Nat,
    burned_e8s: IDL.Nat,
    /** Price less reward. */
    buyer_pays_e8s: IDL.Nat,
    /** Price less fee, and the reward. */
    provider_gets_e8s: IDL.Nat
});
export interface TradeQuote {
    period: bigint;
    price_e8s: bigint;
    fee_e8s: bigint;
    buyer_reward_e8s: bigint;
    provider_reward_e8s: bigint;
    treasury_e8s: bigint;
    burned_e8s: bigint;
    buyer_pays_e8s: bigint;
    provider_gets_e8s: bigint;
}

export const NodeStakeQuote = IDL.Record({
    /** What the stake must be, at least for validators and routers, exactly for compute nodes. */
    required_e8s: IDL.Nat,
    minimum_days: IDL.Nat64,
    /** Terms that a compute stake may have; empty for the other classes. */
    terms_days: IDL.Vec(IDL.Nat64),
    weight: IDL.Nat,
    /** Deduction of one window without participation, and the window. */
    slash_e8s: IDL.Nat,
    slash_window_s: IDL.Nat64,
    voting_power_e8s: IDL.Nat
});
export interface NodeStakeQuote {
    required_e8s: bigint;
    minimum_days: bigint;
    terms_days: bigint[];
    weight: bigint;
    slash_e8s: bigint;
    slash_window_s: bigint;
    voting_power_e8s: bigint;
}

export const TreasuryEntry = IDL.Record({
    kind: IDL.Text,
    incoming: IDL.Bool,
    amount_e8s: IDL.Nat,
    /** In the list of transfers; absent for money that others sent. */
    transfer: IDL.Opt(IDL.Nat64),
    at_ns: IDL.Nat64
});
export interface TreasuryEntry {
    kind: string;
    incoming: boolean;
    amount_e8s: bigint;
    transfer: [] | [bigint];
    at_ns: bigint;
}

export const TreasuryView = IDL.Record({
    balance_e8s: IDL.Nat,
    free_e8s: IDL.Int,
    /** Before ledger fees. */
    income_e8s: IDL.Nat,
    /** Income that has not arrived yet: trade fees and deductions from stakes. */
    awaited_e8s: IDL.Nat,
    staking_due_e8s: IDL.Nat,
    staking_fed_e8s: IDL.Nat,
    entries: IDL.Nat64
});
export interface TreasuryView {
    balance_e8s: bigint;
    free_e8s: bigint;
    income_e8s: bigint;
    awaited_e8s: bigint;
    staking_due_e8s: bigint;
    staking_fed_e8s: bigint;
    entries: bigint;
}

export const WalletView = IDL.Record({
    available_e8s: IDL.Nat,
    in_claims_e8s: IDL.Nat,
    paid_e8s: IDL.Nat,
    earned_e8s: IDL.Nat,
    /** Entries of list_rewards, list_claims and list_stakes. */
    rewards: IDL.Nat64,
    claims: IDL.Nat64,
    stakes: IDL.Nat64,
    open_claim: IDL.Opt(IDL.Nat64),
    voting_power_e8s: IDL.Nat
});
export interface WalletView {
    available_e8s: bigint;
    in_claims_e8s: bigint;
    paid_e8s: bigint;
    earned_e8s: bigint;
    rewards: bigint;
    claims: bigint;
    stakes: bigint;
    open_claim: [] | [bigint];
    voting_power_e8s: bigint;
}
