/** Turns of the proposers (domain.md C.1, B.3.2): a round ends without a state when its time is over, the next one lasts twice as long. */

/** Votes that make a decision final among so many validators: floor(2N/3) + 1 (AS-38). */
export function quorumOf(setSize: number): number {
    return Math.floor((2 * setSize) / 3) + 1;
}

export interface RoundParams {
    /** Time of round 0, for the proposal and again for the votes. */
    readonly timeoutNs: bigint;
    /** Later rounds are no longer than `timeoutNs · 2^maxDoublings`. */
    readonly maxDoublings: number;
}

/** Where the agreement on one height stands. */
export interface RoundPosition {
    readonly round: number;
    readonly startedNs: bigint;
    /** When the round's proposal came; its votes have their time from then. */
    readonly proposedNs: bigint | undefined;
}

/** Length of a round's steps. */
export function roundTimeoutNs(params: RoundParams, round: number): bigint {
    return params.timeoutNs << BigInt(Math.min(round, params.maxDoublings));
}

/** The first instant at which the round is over. */
export function roundDeadlineNs(params: RoundParams, position: RoundPosition): bigint {
    return (position.proposedNs ?? position.startedNs) + roundTimeoutNs(params, position.round);
}

/** The position at an instant: rounds whose time is over are passed. Constant work however long it was silent. */
export function positionAt(params: RoundParams, from: RoundPosition, nowNs: bigint): RoundPosition {
    let position = from;
    for (let step = 0; step <= params.maxDoublings; step++) {
        const deadlineNs = roundDeadlineNs(params, position);
        if (nowNs < deadlineNs) return position;
        position = { round: position.round + 1, startedNs: deadlineNs, proposedNs: undefined };
    }
    const timeoutNs = roundTimeoutNs(params, position.round);
    const passed = (nowNs - position.startedNs) / timeoutNs;
    if (passed <= 0n) return position;
    const startedNs = position.startedNs + passed * timeoutNs;
    return { round: position.round + Number(passed), startedNs, proposedNs: undefined };
}

/** Index of a round's proposer: round-robin from the one after the last successful proposer. */
export function proposerIndex(base: number, round: number, setSize: number): number {
    return setSize === 0 ? 0 : (base + round) % setSize;
}
