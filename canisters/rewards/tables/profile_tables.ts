/** Bytes of a token economy. Fields and cases are stored by position: append, never reorder. */
import type { Ratio } from '../../../src/core/amount';
import {
    bool,
    codecOf,
    list,
    nat,
    oneOf,
    optional,
    record,
    text,
    u64,
    variant,
    type Field
} from '../../../src/core/codec';
import type { TableFactory } from '../../../src/core/table';
import * as profile from '../../../src/core/tokenomics/profile';
import type { ProfileTables, ProfileVersionRow } from '../domain/profiles/profile_rows';

const ratio = record<Ratio>({ num: nat, den: nat });
const allocation = record<profile.Allocation>({ pool: oneOf(profile.POOL_NAMES), amountE8s: nat });

const emission = record<profile.EmissionRules>({
    capE8s: nat,
    firstPeriodE8s: nat,
    decay: variant<profile.DecayKind>({
        fibonacci: record({}),
        euler_pi: record<{ piNum: bigint; piDen: bigint }>({ piNum: nat, piDen: nat })
    }),
    epochsPerPeriod: u64,
    growth: record<{ every: bigint; factor: bigint }>({ every: u64, factor: u64 })
});

type EUnit = Omit<Extract<profile.WeightRules, { kind: 'e_unit' }>, 'kind'>;
type CreditStake = Omit<Extract<profile.WeightRules, { kind: 'credit_stake' }>, 'kind'>;

const perStake = record<EUnit['validator']>({ e: nat, perStakeE8s: nat });
const weights = variant<profile.WeightRules>({
    e_unit: record<EUnit>({
        refMs: nat,
        minMs: nat,
        validator: perStake,
        router: perStake,
        termCoefficients: list(record<EUnit['termCoefficients'][number]>({ days: u64, coefficient: ratio }))
    }),
    credit_stake: record<CreditStake>({ validator: nat, router: nat, compute: nat }),
    hub_credits: record<{ timesStake: boolean }>({ timesStake: bool })
});

type MarketRules = Pick<profile.TradeRules, 'opensInEpoch' | 'epochLimitE8s' | 'traderEpochLimitE8s'>;
type FeeRules = Omit<profile.TradeRules, 'precision' | keyof MarketRules>;

const PRECISIONS = ['exact', 'seed_table'] as const;
const feeRules = record<FeeRules>({
    fee: ratio,
    capE8s: nat,
    source: oneOf(['pool', 'fee']),
    sink: oneOf(['treasury', 'burn_remainder'])
});
const marketRules = record<MarketRules>({
    opensInEpoch: u64,
    epochLimitE8s: optional(nat),
    traderEpochLimitE8s: optional(nat)
});
/** The precision is stored as a tag. The first two tags end the record, as the first schema wrote it: no market rules. */
const tradeTag = oneOf(['exact', 'seed_table', 'exact_with_market', 'seed_table_with_market']);

const trade: Field<profile.TradeRules> = {
    write(writer, rules) {
        feeRules.write(writer, rules);
        tradeTag.write(writer, `${rules.precision}_with_market`);
        marketRules.write(writer, rules);
    },
    read(reader) {
        const fees = feeRules.read(reader);
        const tag = tradeTag.read(reader);
        const precision = PRECISIONS.find((name) => tag.startsWith(name)) ?? 'exact';
        const hasMarket = tag !== precision;
        return { ...fees, precision, ...(hasMarket ? marketRules.read(reader) : { opensInEpoch: 0n }) };
    }
};

const stakeClass = record<profile.StakeClassRules>({
    minimumE8s: nat,
    minimumDays: u64,
    renewals: optional(u64),
    renewalDays: u64,
    slashWindowS: u64,
    slashE8s: optional(nat)
});

const passRule = record<profile.PassRule>({ yesOver: ratio, turnoutOver: ratio });

const governance = record<profile.GovernanceRules>({
    proposeE8s: nat,
    votingEpochs: u64,
    timelockEpochs: u64,
    bonus: ratio,
    bonusDays: u64,
    rules: record<profile.GovernanceRules['rules']>({
        grant: passRule,
        reward_rule: passRule,
        poc_standard: passRule,
        ordinary: passRule,
        constitution: passRule
    }),
    committeeSeats: u64
});

/** Stored form of a token economy. */
export const profileField = record<profile.TokenomicsProfile>({
    id: text,
    totalSupplyE8s: nat,
    allocations: list(allocation),
    emission,
    weights,
    trade,
    nodeClasses: record<profile.TokenomicsProfile['nodeClasses']>({
        validator: stakeClass,
        router: stakeClass,
        compute: stakeClass
    }),
    computeStakePerEE8s: nat,
    computeTermsDays: list(u64),
    stakingTiers: list(record<profile.StakingTier>({ days: u64, aprBasisPoints: nat })),
    stakingYearDays: u64,
    stakingIncomeShare: ratio,
    minimumClaimE8s: nat,
    minimumHolderStakeE8s: nat,
    governance
});

const version = record<ProfileVersionRow>({ fromEpoch: u64, profile: profileField, proposal: optional(u64) });

export function openProfileTables(tables: TableFactory, memory: { readonly profiles: number }): ProfileTables {
    return { profiles: tables.log(memory.profiles, codecOf(version)) };
}
