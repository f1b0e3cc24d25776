/** What makes a profile a token economy, and what of it can still change once money moves (domain.md A.2.1). */
import type { Ratio } from '../amount';
import type { Allocation, GovernanceRules, PoolName, TokenomicsProfile } from './profile';
import { allocated } from './profiles';

/** Why a profile is refused. */
export type ProfileFault =
    | { readonly kind: 'allocation_mismatch'; readonly sumE8s: bigint }
    /** A part that was decided at genesis. */
    | { readonly kind: 'immutable'; readonly field: string }
    | { readonly kind: 'invalid'; readonly field: string };

/** The first fault of a profile by itself. */
export function profileFault(profile: TokenomicsProfile): ProfileFault | undefined {
    if (allocated(profile) !== profile.totalSupplyE8s) {
        return { kind: 'allocation_mismatch', sumE8s: allocated(profile) };
    }
    const field = CHECKS.find(([, holds]) => !holds(profile))?.[0];
    return field === undefined ? undefined : { kind: 'invalid', field };
}

/** The first fault of a profile that is to follow another: the supply is minted, and the calendar has begun. */
export function successorFault(before: TokenomicsProfile, after: TokenomicsProfile): ProfileFault | undefined {
    const field = FIXED.find(([, part]) => part(before) !== part(after))?.[0];
    return field === undefined ? profileFault(after) : { kind: 'immutable', field };
}

type Check = readonly [field: string, holds: (profile: TokenomicsProfile) => boolean];

const CHECKS: readonly Check[] = [
    ['allocations', ({ allocations }) => isUnique(allocations.map(({ pool }) => pool))],
    ['emission.cap', (profile) => profile.emission.capE8s <= allocationOf(profile, 'node')],
    ['emission.epochs_per_period', ({ emission }) => emission.epochsPerPeriod > 0n],
    ['emission.growth', ({ emission }) => emission.growth.every > 0n && emission.growth.factor > 0n],
    [
        'emission.decay',
        ({ emission: { decay } }) => decay.kind === 'fibonacci' || (decay.piNum > 0n && decay.piDen > 0n)
    ],
    ['weights', weightsHold],
    ['trade.fee', ({ trade }) => isPart(trade.fee)],
    [
        'trade.cap',
        ({ trade, ...profile }) => trade.source === 'fee' || trade.capE8s <= allocationOf(profile, 'trading')
    ],
    ['node_classes', ({ nodeClasses }) => Object.values(nodeClasses).every(isClass)],
    ['compute_terms_days', ({ computeTermsDays }) => computeTermsDays.every((days) => days > 0n)],
    [
        'staking_tiers',
        ({ stakingTiers }) => isUnique(stakingTiers.map(({ days }) => days)) && stakingTiers.every(isTier)
    ],
    ['staking_year_days', ({ stakingYearDays }) => stakingYearDays > 0n],
    ['staking_income_share', ({ stakingIncomeShare }) => isPart(stakingIncomeShare)],
    ['governance', ({ governance }) => governanceHolds(governance)]
];

const FIXED: readonly (readonly [field: string, part: (profile: TokenomicsProfile) => unknown])[] = [
    ['id', ({ id }) => id],
    ['total_supply', ({ totalSupplyE8s }) => totalSupplyE8s],
    ['allocations', ({ allocations }) => spelled(allocations)],
    ['emission.epochs_per_period', ({ emission }) => emission.epochsPerPeriod],
    ['emission.growth', ({ emission }) => `${emission.growth.every} ${emission.growth.factor}`]
];

function spelled(allocations: readonly Allocation[]): string {
    return allocations
        .map(({ pool, amountE8s }) => `${pool} ${amountE8s}`)
        .sort()
        .join();
}

function allocationOf(profile: Pick<TokenomicsProfile, 'allocations'>, name: PoolName): bigint {
    return profile.allocations.find(({ pool }) => pool === name)?.amountE8s ?? 0n;
}

function isUnique(values: readonly (string | bigint)[]): boolean {
    return new Set(values).size === values.length;
}

function isRatio({ den }: Ratio): boolean {
    return den > 0n;
}

function isPart(ratio: Ratio): boolean {
    return isRatio(ratio) && ratio.num <= ratio.den;
}

function weightsHold({ weights }: TokenomicsProfile): boolean {
    if (weights.kind !== 'e_unit') return true;
    const { refMs, minMs, validator, router, termCoefficients } = weights;
    const perStake = validator.perStakeE8s > 0n && router.perStakeE8s > 0n;
    return refMs > 0n && minMs > 0n && perStake && termCoefficients.every(({ coefficient }) => isRatio(coefficient));
}

function isClass({ minimumDays, slashWindowS }: TokenomicsProfile['nodeClasses']['router']): boolean {
    return minimumDays > 0n && slashWindowS > 0n;
}

function isTier({ days }: TokenomicsProfile['stakingTiers'][number]): boolean {
    return days > 0n;
}

/** No rule may ask for more than all, or nothing could ever change it again. */
function governanceHolds({ votingEpochs, bonus, bonusDays, rules, committeeSeats }: GovernanceRules): boolean {
    const passable = Object.values(rules).every(
        ({ yesOver, turnoutOver }) => isBelowAll(yesOver) && isBelowAll(turnoutOver)
    );
    return votingEpochs > 0n && isRatio(bonus) && bonusDays > 0n && committeeSeats > 0n && passable;
}

function isBelowAll({ num, den }: Ratio): boolean {
    return num < den;
}
