import type { Ratio } from '../amount';

/** Purposes that the supply is divided among at genesis, stored by position: append only. `public` goes to the deployer, all others to the rewards canister. */
export const POOL_NAMES = [
    'node',
    'trading',
    'developer',
    'staking',
    'airdrop',
    'treasury',
    'team',
    'advisors',
    'venture',
    'public'
] as const;
/** A purpose of the genesis allocation. */
export type PoolName = (typeof POOL_NAMES)[number];

/** What genesis gives to a purpose, in e8s. */
export interface Allocation {
    readonly pool: PoolName;
    readonly amountE8s: bigint;
}

/** R(n) of the node reward: Fibonacci divides R(1) by F(n), Euler multiplies by (1+1/n)^n / pi. */
export type DecayKind =
    { readonly kind: 'fibonacci' } | { readonly kind: 'euler_pi'; readonly piNum: bigint; readonly piDen: bigint };

/** The node reward’s schedule (domain.md A.3.1, A.3.2). */
export interface EmissionRules {
    readonly capE8s: bigint;
    /** R(1): the reward of the whole first period. */
    readonly firstPeriodE8s: bigint;
    readonly decay: DecayKind;
    /** 90 epochs on the live network. */
    readonly epochsPerPeriod: bigint;
    /** Every `every` periods the length of a period is multiplied by `factor`; factor 1 keeps it. */
    readonly growth: { readonly every: bigint; readonly factor: bigint };
}

/** How a round's emission is shared (domain.md A.2). */
export type WeightRules =
    | {
          readonly kind: 'e_unit';
          /** E of a compute node is refMs / elapsed. */
          readonly refMs: bigint;
          readonly minMs: bigint;
          readonly validator: { readonly e: bigint; readonly perStakeE8s: bigint };
          readonly router: { readonly e: bigint; readonly perStakeE8s: bigint };
          /** Coefficient of a compute stake by its term in days; 1 without a stake. */
          readonly termCoefficients: readonly { readonly days: bigint; readonly coefficient: Ratio }[];
      }
    | { readonly kind: 'credit_stake'; readonly validator: bigint; readonly router: bigint; readonly compute: bigint }
    /** Credits that a node earned by successful calls in the window, alone or times its stake. */
    | { readonly kind: 'hub_credits'; readonly timesStake: boolean };

/** Fee and reward of compute trades (domain.md A.1.10, A.3.3). */
export interface TradeRules {
    readonly fee: Ratio;
    readonly capE8s: bigint;
    /** Who pays the trade reward: a pool of its own, or the fee itself. */
    readonly source: 'pool' | 'fee';
    /** What becomes of the fee: all to the treasury, or the rest after the reward is burned. */
    readonly sink: 'treasury' | 'burn_remainder';
    /** Exact rationals, or the rounded factors that the white paper prints. */
    readonly precision: 'exact' | 'seed_table';
    /**
     * First epoch of the market's period 1: when it opens officially (domain.md A.1.10). Trades before it are settled, their
     * fees go where fees go, and nothing is rewarded. 0: the market opens with the network.
     */
    readonly opensInEpoch: bigint;
    /** F23: most that the trades of one epoch may be rewarded together; undefined: no limit. */
    readonly epochLimitE8s?: bigint;
    /** F23: most that one principal may be rewarded for the trades of one epoch, on both sides; undefined: no limit. */
    readonly traderEpochLimitE8s?: bigint;
}

/** Classes of nodes (domain.md A.1.2 … A.1.4). */
export type NodeClass = 'validator' | 'router' | 'compute';

/** What a class of nodes must stake, and what missing a window costs (domain.md A.1.7). */
export interface StakeClassRules {
    readonly minimumE8s: bigint;
    readonly minimumDays: bigint;
    /** Renewals allowed (undefined: any number) and their least length. */
    readonly renewals?: bigint;
    readonly renewalDays: bigint;
    readonly slashWindowS: bigint;
    /** Deduction per window; undefined: floor(stake / (days × 24)). */
    readonly slashE8s?: bigint;
}

/** A term that holders may stake for (domain.md A.1.15). */
export interface StakingTier {
    readonly days: bigint;
    /** Yearly rate in 1/10 000. */
    readonly aprBasisPoints: bigint;
}

/** What a proposal needs: both parts must be exceeded, so that 1/2 is a majority. */
export interface PassRule {
    /** Of the votes for and against, the part for it. */
    readonly yesOver: Ratio;
    /** Of all voting power at the submission, the part that voted at all. */
    readonly turnoutOver: Ratio;
}

/** Proposals that are judged alike: by what they can do. */
export type ProposalGroup = 'grant' | 'reward_rule' | 'poc_standard' | 'ordinary' | 'constitution';

/** Votes and what follows from them (domain.md A.1.13). Periods are epochs, so that they scale with the deployment's clock. */
export interface GovernanceRules {
    /** Voting power that a proposer needs. */
    readonly proposeE8s: bigint;
    readonly votingEpochs: bigint;
    /** Between the vote's end and the execution. */
    readonly timelockEpochs: bigint;
    /** Power of a stake: amount × (1 + bonus × min(days, bonusDays) / bonusDays). */
    readonly bonus: Ratio;
    readonly bonusDays: bigint;
    readonly rules: Readonly<Record<ProposalGroup, PassRule>>;
    readonly committeeSeats: bigint;
}

/** The numbers of one token economy: data, so that another needs no code (domain.md A.2.1). */
export interface TokenomicsProfile {
    readonly id: string;
    readonly totalSupplyE8s: bigint;
    readonly allocations: readonly Allocation[];
    readonly emission: EmissionRules;
    readonly weights: WeightRules;
    readonly trade: TradeRules;
    readonly nodeClasses: Readonly<Record<NodeClass, StakeClassRules>>;
    /** Terms that a compute stake may have; its amount is computeStakePerE × E. */
    readonly computeStakePerEE8s: bigint;
    readonly computeTermsDays: readonly bigint[];
    readonly stakingTiers: readonly StakingTier[];
    readonly stakingYearDays: bigint;
    /** Share of the treasury's income that feeds the staking pool. */
    readonly stakingIncomeShare: Ratio;
    readonly minimumClaimE8s: bigint;
    /** Least amount of a holder's stake. */
    readonly minimumHolderStakeE8s: bigint;
    readonly governance: GovernanceRules;
}
