/** Candid types of a token economy (src/core/tokenomics/profile.ts). */
import { IDL } from 'azle';
import { Ratio, Weights } from '../../../src/azle/weight_rules';

export { Ratio, Weights };

export const Decay = IDL.Variant({
    Fibonacci: IDL.Null,
    EulerPi: IDL.Record({ pi_num: IDL.Nat, pi_den: IDL.Nat })
});
export type Decay = { Fibonacci: null } | { EulerPi: { pi_num: bigint; pi_den: bigint } };

export const Emission = IDL.Record({
    cap_e8s: IDL.Nat,
    first_period_e8s: IDL.Nat,
    decay: Decay,
    epochs_per_period: IDL.Nat64,
    growth: IDL.Record({ every: IDL.Nat64, factor: IDL.Nat64 })
});
export interface Emission {
    cap_e8s: bigint;
    first_period_e8s: bigint;
    decay: Decay;
    epochs_per_period: bigint;
    growth: { every: bigint; factor: bigint };
}

export const Trade = IDL.Record({
    fee: Ratio,
    cap_e8s: IDL.Nat,
    source: IDL.Variant({ Pool: IDL.Null, Fee: IDL.Null }),
    sink: IDL.Variant({ Treasury: IDL.Null, BurnRemainder: IDL.Null }),
    precision: IDL.Variant({ Exact: IDL.Null, SeedTable: IDL.Null }),
    /** First epoch of the market's period 1; absent: 0. */
    opens_in_epoch: IDL.Opt(IDL.Nat64),
    /** Most that the trades of an epoch are rewarded together; absent: no limit. */
    epoch_limit_e8s: IDL.Opt(IDL.Nat),
    /** Most that one principal is rewarded for trades of an epoch; absent: no limit. */
    trader_epoch_limit_e8s: IDL.Opt(IDL.Nat)
});
export interface Trade {
    fee: Ratio;
    cap_e8s: bigint;
    source: { Pool: null } | { Fee: null };
    sink: { Treasury: null } | { BurnRemainder: null };
    precision: { Exact: null } | { SeedTable: null };
    opens_in_epoch: [] | [bigint];
    epoch_limit_e8s: [] | [bigint];
    trader_epoch_limit_e8s: [] | [bigint];
}

export const StakeClass = IDL.Record({
    minimum_e8s: IDL.Nat,
    minimum_days: IDL.Nat64,
    /** Absent: any number. */
    renewals: IDL.Opt(IDL.Nat64),
    renewal_days: IDL.Nat64,
    slash_window_s: IDL.Nat64,
    /** Absent: floor(stake / windows of the term). */
    slash_e8s: IDL.Opt(IDL.Nat)
});
export interface StakeClass {
    minimum_e8s: bigint;
    minimum_days: bigint;
    renewals: [] | [bigint];
    renewal_days: bigint;
    slash_window_s: bigint;
    slash_e8s: [] | [bigint];
}

const PassRule = IDL.Record({ yes_over: Ratio, turnout_over: Ratio });
export interface PassRule {
    yes_over: Ratio;
    turnout_over: Ratio;
}

export const GovernanceRules = IDL.Record({
    propose_e8s: IDL.Nat,
    voting_epochs: IDL.Nat64,
    timelock_epochs: IDL.Nat64,
    bonus: Ratio,
    bonus_days: IDL.Nat64,
    grant: PassRule,
    reward_rule: PassRule,
    poc_standard: PassRule,
    ordinary: PassRule,
    constitution: PassRule,
    committee_seats: IDL.Nat64
});
export interface GovernanceRules {
    propose_e8s: bigint;
    voting_epochs: bigint;
    timelock_epochs: bigint;
    bonus: Ratio;
    bonus_days: bigint;
    grant: PassRule;
    reward_rule: PassRule;
    poc_standard: PassRule;
    ordinary: PassRule;
    constitution: PassRule;
    committee_seats: bigint;
}

const StakingTier = IDL.Record({ days: IDL.Nat64, apr_basis_points: IDL.Nat });

export const Profile = IDL.Record({
    id: IDL.Text,
    total_supply_e8s: IDL.Nat,
    allocations: IDL.Vec(IDL.Record({ pool: IDL.Text, amount_e8s: IDL.Nat })),
    emission: Emission,
    weights: Weights,
    trade: Trade,
    validator: StakeClass,
    router: StakeClass,
    compute: StakeClass,
    compute_stake_per_e_e8s: IDL.Nat,
    compute_terms_days: IDL.Vec(IDL.Nat64),
    staking_tiers: IDL.Vec(StakingTier),
    staking_year_days: IDL.Nat64,
    staking_income_share: Ratio,
    minimum_claim_e8s: IDL.Nat,
    minimum_holder_stake_e8s: IDL.Nat,
    governance: GovernanceRules
});
export interface Profile {
    id: string;
    total_supply_e8s: bigint;
    allocations: { pool: string; amount_e8s: bigint }[];
    emission: Emission;
    weights: Weights;
    trade: Trade;
    validator: StakeClass;
    router: StakeClass;
    compute: StakeClass;
    compute_stake_per_e_e8s: bigint;
    compute_terms_days: bigint[];
    staking_tiers: { days: bigint; apr_basis_points: bigint }[];
    staking_year_days: bigint;
    staking_income_share: Ratio;
    minimum_claim_e8s: bigint;
    minimum_holder_stake_e8s: bigint;
    governance: GovernanceRules;
}

export const ProfileVersion = IDL.Record({
    from_epoch: IDL.Nat64,
    /** The proposal that put it in force; absent for the one that was shipped. */
    proposal: IDL.Opt(IDL.Nat64),
    profile: Profile
});
export interface ProfileVersion {
    from_epoch: bigint;
    proposal: [] | [bigint];
    profile: Profile;
}
