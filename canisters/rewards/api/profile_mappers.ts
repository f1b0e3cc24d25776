/** Candid ⇄ a token economy. Nothing is judged here but the names of pools. */
import { fromWeights, toWeights } from '../../../src/azle/weight_rules';
import type { Allocation, PoolName, StakeClassRules, TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import * as profile from '../../../src/core/tokenomics/profile';
import type { ProfileVersionRow } from '../domain/profiles/profile_rows';
import type * as idl from './profile_idl';

type Opt<T> = [] | [T];

function opt<T>(value: T | undefined): Opt<T> {
    return value === undefined ? [] : [value];
}

export function toProfileVersion({ fromEpoch, proposal, profile: rules }: ProfileVersionRow): idl.ProfileVersion {
    return { from_epoch: fromEpoch, proposal: opt(proposal), profile: toProfile(rules) };
}

export function toProfile(rules: TokenomicsProfile): idl.Profile {
    return {
        id: rules.id,
        total_supply_e8s: rules.totalSupplyE8s,
        allocations: rules.allocations.map(({ pool, amountE8s }) => ({ pool, amount_e8s: amountE8s })),
        emission: toEmission(rules.emission),
        weights: toWeights(rules.weights),
        trade: toTrade(rules.trade),
        validator: toStakeClass(rules.nodeClasses.validator),
        router: toStakeClass(rules.nodeClasses.router),
        compute: toStakeClass(rules.nodeClasses.compute),
        compute_stake_per_e_e8s: rules.computeStakePerEE8s,
        compute_terms_days: [...rules.computeTermsDays],
        staking_tiers: rules.stakingTiers.map(({ days, aprBasisPoints }) => ({
            days,
            apr_basis_points: aprBasisPoints
        })),
        staking_year_days: rules.stakingYearDays,
        staking_income_share: rules.stakingIncomeShare,
        minimum_claim_e8s: rules.minimumClaimE8s,
        minimum_holder_stake_e8s: rules.minimumHolderStakeE8s,
        governance: toGovernance(rules.governance)
    };
}

/** Undefined when an allocation names a pool that does not exist. */
export function fromProfile(candid: idl.Profile): TokenomicsProfile | undefined {
    const allocations: Allocation[] = [];
    for (const { pool, amount_e8s: amountE8s } of candid.allocations) {
        if (!isPool(pool)) return undefined;
        allocations.push({ pool, amountE8s });
    }
    return {
        id: candid.id,
        totalSupplyE8s: candid.total_supply_e8s,
        allocations,
        emission: fromEmission(candid.emission),
        weights: fromWeights(candid.weights),
        trade: fromTrade(candid.trade),
        nodeClasses: {
            validator: fromStakeClass(candid.validator),
            router: fromStakeClass(candid.router),
            compute: fromStakeClass(candid.compute)
        },
        computeStakePerEE8s: candid.compute_stake_per_e_e8s,
        computeTermsDays: Array.from(candid.compute_terms_days),
        stakingTiers: candid.staking_tiers.map(({ days, apr_basis_points }) => ({
            days,
            aprBasisPoints: apr_basis_points
        })),
        stakingYearDays: candid.staking_year_days,
        stakingIncomeShare: candid.staking_income_share,
        minimumClaimE8s: candid.minimum_claim_e8s,
        minimumHolderStakeE8s: candid.minimum_holder_stake_e8s,
        governance: fromGovernance(candid.governance)
    };
}

function isPool(name: string): name is PoolName {
    return profile.POOL_NAMES.some((pool) => pool === name);
}

function toEmission(rules: profile.EmissionRules): idl.Emission {
    const { decay } = rules;
    return {
        cap_e8s: rules.capE8s,
        first_period_e8s: rules.firstPeriodE8s,
        decay:
            decay.kind === 'fibonacci'
                ? { Fibonacci: null }
                : { EulerPi: { pi_num: decay.piNum, pi_den: decay.piDen } },
        epochs_per_period: rules.epochsPerPeriod,
        growth: rules.growth
    };
}

function fromEmission(candid: idl.Emission): profile.EmissionRules {
    const { decay } = candid;
    return {
        capE8s: candid.cap_e8s,
        firstPeriodE8s: candid.first_period_e8s,
        decay:
            'Fibonacci' in decay
                ? { kind: 'fibonacci' }
                : { kind: 'euler_pi', piNum: decay.EulerPi.pi_num, piDen: decay.EulerPi.pi_den },
        epochsPerPeriod: candid.epochs_per_period,
        growth: candid.growth
    };
}

function toTrade(rules: profile.TradeRules): idl.Trade {
    return {
        fee: rules.fee,
        cap_e8s: rules.capE8s,
        source: rules.source === 'pool' ? { Pool: null } : { Fee: null },
        sink: rules.sink === 'treasury' ? { Treasury: null } : { BurnRemainder: null },
        precision: rules.precision === 'exact' ? { Exact: null } : { SeedTable: null },
        opens_in_epoch: [rules.opensInEpoch],
        epoch_limit_e8s: opt(rules.epochLimitE8s),
        trader_epoch_limit_e8s: opt(rules.traderEpochLimitE8s)
    };
}

function fromTrade(candid: idl.Trade): profile.TradeRules {
    const [opensInEpoch = 0n] = candid.opens_in_epoch;
    const [epochLimitE8s] = candid.epoch_limit_e8s;
    const [traderEpochLimitE8s] = candid.trader_epoch_limit_e8s;
    return {
        fee: candid.fee,
        capE8s: candid.cap_e8s,
        source: 'Pool' in candid.source ? 'pool' : 'fee',
        sink: 'Treasury' in candid.sink ? 'treasury' : 'burn_remainder',
        precision: 'Exact' in candid.precision ? 'exact' : 'seed_table',
        opensInEpoch,
        epochLimitE8s,
        traderEpochLimitE8s
    };
}

function toStakeClass(rules: StakeClassRules): idl.StakeClass {
    return {
        minimum_e8s: rules.minimumE8s,
        minimum_days: rules.minimumDays,
        renewals: opt(rules.renewals),
        renewal_days: rules.renewalDays,
        slash_window_s: rules.slashWindowS,
        slash_e8s: opt(rules.slashE8s)
    };
}

function fromStakeClass(candid: idl.StakeClass): StakeClassRules {
    const [renewals] = candid.renewals;
    const [slashE8s] = candid.slash_e8s;
    return {
        minimumE8s: candid.minimum_e8s,
        minimumDays: candid.minimum_days,
        renewals,
        renewalDays: candid.renewal_days,
        slashWindowS: candid.slash_window_s,
        slashE8s
    };
}

const toPassRule = ({ yesOver, turnoutOver }: profile.PassRule) => ({ yes_over: yesOver, turnout_over: turnoutOver });
const fromPassRule = (rule: idl.PassRule) => ({ yesOver: rule.yes_over, turnoutOver: rule.turnout_over });

function toGovernance({ rules, ...governance }: profile.GovernanceRules): idl.GovernanceRules {
    return {
        propose_e8s: governance.proposeE8s,
        voting_epochs: governance.votingEpochs,
        timelock_epochs: governance.timelockEpochs,
        bonus: governance.bonus,
        bonus_days: governance.bonusDays,
        grant: toPassRule(rules.grant),
        reward_rule: toPassRule(rules.reward_rule),
        poc_standard: toPassRule(rules.poc_standard),
        ordinary: toPassRule(rules.ordinary),
        constitution: toPassRule(rules.constitution),
        committee_seats: governance.committeeSeats
    };
}

function fromGovernance(candid: idl.GovernanceRules): profile.GovernanceRules {
    return {
        proposeE8s: candid.propose_e8s,
        votingEpochs: candid.voting_epochs,
        timelockEpochs: candid.timelock_epochs,
        bonus: candid.bonus,
        bonusDays: candid.bonus_days,
        rules: {
            grant: fromPassRule(candid.grant),
            reward_rule: fromPassRule(candid.reward_rule),
            poc_standard: fromPassRule(candid.poc_standard),
            ordinary: fromPassRule(candid.ordinary),
            constitution: fromPassRule(candid.constitution)
        },
        committeeSeats: candid.committee_seats
    };
}
