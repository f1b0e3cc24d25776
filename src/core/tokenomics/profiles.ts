import { E8S_PER_EMC } from '../amount';
import type { GovernanceRules, NodeClass, PassRule, StakeClassRules, TokenomicsProfile } from './profile';

const emc = (amount: bigint): bigint => amount * E8S_PER_EMC;
const TWENTY_PERCENT = { num: 20n, den: 100n };

/** Stakes and deductions of the white paper's §9 (domain.md A.1.7), the same in both profiles. */
const NODE_CLASSES: Readonly<Record<NodeClass, StakeClassRules>> = {
    validator: {
        minimumE8s: emc(1_000_000n),
        minimumDays: 360n,
        renewals: 1n,
        renewalDays: 180n,
        slashWindowS: 3_600n,
        slashE8s: 11_570_000_000n
    },
    router: {
        minimumE8s: emc(100_000n),
        minimumDays: 180n,
        renewalDays: 90n,
        slashWindowS: 600n,
        slashE8s: 386_000_000n
    },
    compute: { minimumE8s: 0n, minimumDays: 7n, renewalDays: 7n, slashWindowS: 3_600n }
};

const HALF = { num: 1n, den: 2n };
/** Without it one small holder could decide alone while the others are away; the SNS asks the same. */
const SOME_TURNOUT = { num: 3n, den: 100n };
const MAJORITY: PassRule = { yesOver: HALF, turnoutOver: SOME_TURNOUT };
const SUPERMAJORITY: PassRule = { yesOver: { num: 60n, den: 100n }, turnoutOver: { num: 10n, den: 100n } };

/** Majorities of the white paper's §8; what it leaves open is a default of this project (domain.md A.1.13). */
const GOVERNANCE: GovernanceRules = {
    proposeE8s: emc(10_000n),
    votingEpochs: 4n,
    timelockEpochs: 2n,
    bonus: { num: 1n, den: 1n },
    bonusDays: 1_080n,
    rules: {
        grant: MAJORITY,
        reward_rule: MAJORITY,
        poc_standard: MAJORITY,
        ordinary: MAJORITY,
        constitution: SUPERMAJORITY
    },
    committeeSeats: 7n
};

/** The Chinese white paper: 2.1 billion EMC, Fibonacci decay, E weights, the trade fee to the treasury. */
export const S2_2100M: TokenomicsProfile = {
    id: 's2_2100m',
    totalSupplyE8s: emc(2_100_000_000n),
    allocations: [
        { pool: 'node', amountE8s: emc(420_000_000n) },
        { pool: 'trading', amountE8s: emc(378_000_000n) },
        { pool: 'developer', amountE8s: emc(252_000_000n) },
        { pool: 'treasury', amountE8s: emc(483_000_000n) },
        { pool: 'airdrop', amountE8s: emc(105_000_000n) },
        { pool: 'team', amountE8s: emc(210_000_000n) },
        { pool: 'advisors', amountE8s: emc(42_000_000n) },
        { pool: 'public', amountE8s: emc(210_000_000n) }
    ],
    emission: {
        capE8s: emc(420_000_000n),
        firstPeriodE8s: emc(64_800_000n),
        decay: { kind: 'fibonacci' },
        epochsPerPeriod: 90n,
        growth: { every: 4n, factor: 1n }
    },
    weights: {
        kind: 'e_unit',
        refMs: 15_000n,
        minMs: 100n,
        validator: { e: 100n, perStakeE8s: emc(1_000_000n) },
        router: { e: 10n, perStakeE8s: emc(100_000n) },
        termCoefficients: [
            { days: 7n, coefficient: { num: 14n, den: 10n } },
            { days: 30n, coefficient: { num: 27n, den: 10n } },
            { days: 90n, coefficient: { num: 62n, den: 10n } },
            { days: 180n, coefficient: { num: 100n, den: 10n } }
        ]
    },
    trade: {
        fee: TWENTY_PERCENT,
        capE8s: emc(378_000_000n),
        source: 'pool',
        sink: 'treasury',
        precision: 'exact',
        opensInEpoch: 0n
    },
    nodeClasses: NODE_CLASSES,
    computeStakePerEE8s: emc(1_000n),
    computeTermsDays: [7n, 30n, 90n, 180n],
    stakingTiers: [],
    stakingYearDays: 360n,
    stakingIncomeShare: { num: 0n, den: 100n },
    minimumClaimE8s: E8S_PER_EMC,
    minimumHolderStakeE8s: emc(10n),
    governance: GOVERNANCE
};

/** The English "Acquisition of Tokens": 1 billion EMC, (1+1/n)^n / 3.1416 decay, credit × stake weights, the rest of the fee burned. */
export const S3_1000M: TokenomicsProfile = {
    ...S2_2100M,
    id: 's3_1000m',
    totalSupplyE8s: emc(1_000_000_000n),
    allocations: [
        { pool: 'node', amountE8s: emc(100_000_000n) },
        { pool: 'developer', amountE8s: emc(150_000_000n) },
        { pool: 'trading', amountE8s: emc(200_000_000n) },
        { pool: 'staking', amountE8s: emc(20_000_000n) },
        { pool: 'treasury', amountE8s: emc(150_000_000n) },
        { pool: 'team', amountE8s: emc(150_000_000n) },
        { pool: 'public', amountE8s: emc(100_000_000n) },
        { pool: 'venture', amountE8s: emc(100_000_000n) },
        { pool: 'airdrop', amountE8s: emc(30_000_000n) }
    ],
    emission: {
        capE8s: emc(100_000_000n),
        firstPeriodE8s: emc(4_500_000n),
        decay: { kind: 'euler_pi', piNum: 31_416n, piDen: 10_000n },
        epochsPerPeriod: 90n,
        growth: { every: 4n, factor: 1n }
    },
    weights: { kind: 'credit_stake', validator: 200n, router: 20n, compute: 10n },
    trade: {
        fee: TWENTY_PERCENT,
        capE8s: emc(200_000_000n),
        source: 'fee',
        sink: 'burn_remainder',
        precision: 'exact',
        opensInEpoch: 0n
    },
    stakingTiers: [
        { days: 30n, aprBasisPoints: 270n },
        { days: 90n, aprBasisPoints: 315n },
        { days: 180n, aprBasisPoints: 360n },
        { days: 360n, aprBasisPoints: 480n },
        { days: 720n, aprBasisPoints: 570n },
        { days: 1_080n, aprBasisPoints: 710n }
    ],
    stakingIncomeShare: { num: 5n, den: 100n },
    governance: {
        ...GOVERNANCE,
        // F9: the paper asks for the turnout only; a grant that most voters refuse is refused.
        rules: { ...GOVERNANCE.rules, grant: { yesOver: HALF, turnoutOver: HALF } }
    }
};

const PROFILES: readonly TokenomicsProfile[] = [S2_2100M, S3_1000M];

/** The ICRC-1 economy of the white paper: what an install without a choice gets (Q2). */
export const DEFAULT_PROFILE = S2_2100M;

/** Undefined for an unknown id. */
export function profileById(id: string): TokenomicsProfile | undefined {
    return PROFILES.find((profile) => profile.id === id);
}

/** Sum of the allocations; a valid profile's equals its supply. */
export function allocated(profile: TokenomicsProfile): bigint {
    return profile.allocations.reduce((sum, allocation) => sum + allocation.amountE8s, 0n);
}
