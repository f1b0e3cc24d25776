/** Calendar of the protocol (architecture.md §4). Every length is a parameter of the deployment. */
export interface ClockParams {
    readonly genesisNs: bigint;
    /** 2 h on the live network. */
    readonly roundNs: bigint;
    /** 12 on the live network: an epoch is 24 h. */
    readonly roundsPerEpoch: bigint;
}

export const NS_PER_S = 1_000_000_000n;
export const NS_PER_MS = 1_000_000n;

/** Round that contains the instant; instants before genesis belong to round 0. */
export function roundAt(clock: ClockParams, atNs: bigint): bigint {
    return atNs <= clock.genesisNs ? 0n : (atNs - clock.genesisNs) / clock.roundNs;
}

/** First instant of a round. */
export function roundStartNs(clock: ClockParams, round: bigint): bigint {
    return clock.genesisNs + round * clock.roundNs;
}

/** First instant after a round. */
export function roundEndNs(clock: ClockParams, round: bigint): bigint {
    return roundStartNs(clock, round + 1n);
}

/** Epoch (24 h on the live network) that contains a round. */
export function epochOfRound(clock: ClockParams, round: bigint): bigint {
    return round / clock.roundsPerEpoch;
}

/** The last round of an epoch takes the remainder of the epoch's division. */
export function isLastRoundOfEpoch(clock: ClockParams, round: bigint): boolean {
    return round % clock.roundsPerEpoch === clock.roundsPerEpoch - 1n;
}
