import { E8S_PER_EMC } from '../amount';

/** The standard task's time: E = 15000 ms / elapsed (domain.md A.1.9, white paper §8). */
const REFERENCE_MS = 15_000n;

/** Times that a measurement may have: below, E would exceed 150; above, the task counts as not done (AS-30). */
export const MIN_POC_MS = 100n;
export const MAX_POC_MS = 600_000n;

/** E in 10^-8 of a time in milliseconds; faster than {@link MIN_POC_MS} counts as that (AS-12, AS-30). */
export function eValueE8(elapsedMs: bigint): bigint {
    const counted = elapsedMs < MIN_POC_MS ? MIN_POC_MS : elapsedMs;
    return (REFERENCE_MS * E8S_PER_EMC) / counted;
}
