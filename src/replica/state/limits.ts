/** Instruction limits by kind of execution (replica.md d.2). */

export interface InstructionLimits {
    /** Updates, callbacks, timers, heartbeats. */
    readonly message: bigint;
    /** One query, and a composite query's whole call graph. */
    readonly query: bigint;
    readonly install: bigint;
    readonly inspect: bigint;
    /** A round stops starting messages once it has used this many. */
    readonly round: bigint;
}

const billion = 1_000_000_000n;

/** As on an application subnet. */
export const productionLimits: InstructionLimits = {
    message: 40n * billion,
    query: 5n * billion,
    install: 300n * billion,
    inspect: 200_000_000n,
    round: 7n * billion
};

/** As on the NNS and other system subnets. */
export const systemLimits: InstructionLimits = {
    ...productionLimits,
    message: 50n * billion,
    install: 1_000n * billion
};

/** Out of the way, as PocketIC's `Benchmarking`; still finite, since the counter is a signed 64-bit number. */
const unreachable = 1_000_000n * billion;

/** Of PocketIC's subnets for benchmarks. */
export const benchmarkingLimits: InstructionLimits = {
    message: unreachable,
    query: unreachable,
    install: unreachable,
    inspect: unreachable,
    round: 7n * billion
};

/**
 * Instructions after which an execution no longer holds up a network that follows the clock (README, "Long executions"). About 0.2 s;
 * the messages of an Azle canister use some millions, its installation one billion.
 */
export const sliceLimits = {
    message: 500_000_000n,
    /** For a canister whose last execution was a long one: it will probably be sent away again. */
    repeated: 50_000_000n,
    install: 2n * billion,
    /** Timers and heartbeats of a round; who had no turn is first in the next. */
    tasks: 1n * billion,
    /** A whole round: queries and requests are answered between rounds. */
    round: 3n * billion
} as const;

/**
 * The same of queries, inspections and transforms in a network that follows the clock (README, "Queries"): 40 ms, and 4 ms while others of the
 * canister have outlasted that. Those of Azle canisters take some millions.
 */
export const querySliceLimits = { query: 100_000_000n, repeated: 10_000_000n } as const;

/** Bytes of users' messages that wait, for one canister and for all, and of answers that are kept until their requests expire. */
export const ingressLimits = {
    waitingOfOneBytes: 64 * 2 ** 20,
    waitingBytes: 512 * 2 ** 20,
    answerBytes: 512 * 2 ** 20
} as const;

/** The network gives up an outcall that nobody has answered for so long. */
export const outcallTimeoutNs = 180_000_000_000n;

/** Counted per message towards the round, so that a round of tiny messages ends too. */
export const roundOverheadPerMessage = 2_000_000n;
