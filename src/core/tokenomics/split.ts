/** The shares of a pool, in the order of the weights, and what division left over. */
export interface PoolSplit {
    readonly shares: readonly bigint[];
    readonly totalWeight: bigint;
    /** pool − Σ shares: carried into the next round; the whole pool when no weight is positive (F16). */
    readonly carryE8s: bigint;
}

/** Splits a pool by weight, every share floored once: share = floor(pool × weight / Σ weights). */
export function splitPool(poolE8s: bigint, weights: readonly bigint[]): PoolSplit {
    const totalWeight = weights.reduce((sum, weight) => sum + weight, 0n);
    if (totalWeight === 0n) return { shares: weights.map(() => 0n), totalWeight, carryE8s: poolE8s };
    const shares = weights.map((weight) => (poolE8s * weight) / totalWeight);
    const assigned = shares.reduce((sum, share) => sum + share, 0n);
    return { shares, totalWeight, carryE8s: poolE8s - assigned };
}
