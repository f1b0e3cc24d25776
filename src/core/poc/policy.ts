/** Who verifies (compute.md §4.4). */
export const VERIFICATION_MODES = ['onchain', 'hybrid', 'quorum'] as const;
export type VerificationMode = (typeof VERIFICATION_MODES)[number];

/** What governance decides besides the specification. */
export interface ChallengePolicy {
    readonly mode: VerificationMode;
    /** Requests within so long of a slot's draw share its seed. */
    readonly slotS: bigint;
    /** A node's next challenge may be requested only after so long. */
    readonly spacingS: bigint;
    /** Time for the validators to vote. */
    readonly attestationS: bigint;
    /** Length of the epochs of E. */
    readonly epochS: bigint;
    /** Openings of newcomers, and disputed ones, that the canister checks in an hour: so many of each. */
    readonly checksPerHour: number;
    /** A proof that is worth less has failed. */
    readonly minEValueE8: bigint;
}

/**
 * A probe every forty minutes, E every two hours (compute.md §4.4-4.5). Checks are at most one in ten seconds of each cause;
 * the least E is that of a tenth of a CPU core under the standard of GPUs (docs/decisions/0024).
 */
export const DEFAULT_POLICY: ChallengePolicy = {
    mode: 'hybrid',
    slotS: 30n,
    spacingS: 600n,
    attestationS: 600n,
    epochS: 7_200n,
    checksPerHour: 360,
    minEValueE8: 10_000n
};

const LONGEST_S = 365n * 86_400n;
/** Far more than a canister can execute. */
const MOST_CHECKS = 1_000_000;
/** E = 100: whoever asks for more would end all computing. */
const MOST_E_E8 = 10_000_000_000n;

/** The first field that cannot be meant; undefined when there is none. */
export function policyFault({
    slotS,
    spacingS,
    attestationS,
    epochS,
    checksPerHour,
    minEValueE8
}: ChallengePolicy): keyof ChallengePolicy | undefined {
    const fits = (seconds: bigint, least: bigint): boolean => seconds >= least && seconds <= LONGEST_S;
    if (!fits(slotS, 0n)) return 'slotS';
    if (!fits(spacingS, 0n)) return 'spacingS';
    if (!fits(attestationS, 1n)) return 'attestationS';
    if (!fits(epochS, 1n)) return 'epochS';
    if (checksPerHour < 1 || checksPerHour > MOST_CHECKS) return 'checksPerHour';
    return minEValueE8 <= MOST_E_E8 ? undefined : 'minEValueE8';
}

/** Fills fields that are not given in. */
export function policyWith(given: Partial<ChallengePolicy>, base: ChallengePolicy = DEFAULT_POLICY): ChallengePolicy {
    return {
        mode: given.mode ?? base.mode,
        slotS: given.slotS ?? base.slotS,
        spacingS: given.spacingS ?? base.spacingS,
        attestationS: given.attestationS ?? base.attestationS,
        epochS: given.epochS ?? base.epochS,
        checksPerHour: given.checksPerHour ?? base.checksPerHour,
        minEValueE8: given.minEValueE8 ?? base.minEValueE8
    };
}
