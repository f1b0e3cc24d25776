/** Rewards of holders' stakes: simple interest over the tier's term, floored once (domain.md A.1.15; AS-65, AS-66). */
import type { StakingTier, TokenomicsProfile } from './profile';

const BASIS_POINTS = 10_000n;

/** The tier of a term; undefined when the profile has none of that length. */
export function tierOf(profile: TokenomicsProfile, days: bigint): StakingTier | undefined {
    return profile.stakingTiers.find((tier) => tier.days === days);
}

/** floor(amount × rate × days / year). */
export function holderReward(amountE8s: bigint, tier: StakingTier, yearDays: bigint): bigint {
    return (amountE8s * tier.aprBasisPoints * tier.days) / (BASIS_POINTS * yearDays);
}

/** The largest amount whose reward a pool can pay in full, floored (AS-70). */
export function coveredPrincipal(poolE8s: bigint, tier: StakingTier, yearDays: bigint): bigint {
    return (poolE8s * BASIS_POINTS * yearDays) / (tier.aprBasisPoints * tier.days);
}
