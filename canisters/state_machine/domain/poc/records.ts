import type { Principal } from '@dfinity/principal';
import type { NewcomerProbe } from '../../../../src/core/poc/measure';
import type { ChallengePolicy } from '../../../../src/core/poc/policy';
import type { PocClass, PocSpec } from '../../../../src/core/poc/spec';
import type { Cell, Log, OrderedTable, Table } from '../../../../src/core/table';
import type { DueKey } from '../due_key';

/** Stored by position: append, never reorder. */
export const CHALLENGE_STATES = [
    'Requested',
    'Accepted',
    /** The commitment is here; the canister owes the randomness of the samples. */
    'Committed',
    'Sampled',
    /** The opening is here; the canister owes the randomness of the check. */
    'Opened',
    'Attesting',
    /** The validators did not say yes; the canister owes its own check. */
    'Disputed',
    'Passed',
    'Failed',
    /** Nobody checked in time: nobody's fault is shown, nothing follows. */
    'Lapsed'
] as const;
export type ChallengeState = (typeof CHALLENGE_STATES)[number];

/** Why a node failed; the four before the last are the verifier's own (docs/poc.md §8). */
export const CHALLENGE_FAULTS = [
    'NotAccepted',
    'NotCommitted',
    'NotOpened',
    'RejectedByValidators',
    'Range',
    'Fold',
    'Path',
    'Product',
    /** So few rounds that E would be below the least one; told from the commitment alone. */
    'TooLittle'
] as const;
export type ChallengeFault = (typeof CHALLENGE_FAULTS)[number];

/** The node's work: begins at T0. */
export interface ChallengeWork {
    readonly nodeSeed: Uint8Array;
    readonly acceptedAtNs: bigint;
}

/** What the node committed to at T1. */
export interface ChallengeCommitment {
    readonly digest: Uint8Array;
    readonly rounds: number;
    readonly committedAtNs: bigint;
}

export interface ChallengeVote {
    readonly validator: Principal;
    readonly ok: boolean;
}

/** A vote that the canister's own check of the same opening contradicts. */
export interface FalseVerdict {
    readonly validator: Principal;
    /** Its record has the seeds, the commitment and what the canister found. */
    readonly challenge: bigint;
    readonly saidOk: boolean;
    /** SHA-256 of the opening, which whoever attested has read and may show. */
    readonly openingHash: Uint8Array;
    readonly seenNs: bigint;
}

/** Why the canister checks an opening by itself although it did not choose to. Stored by position: append, never reorder. */
export const CHECK_CAUSES = ['newcomer', 'dispute'] as const;
export type CheckCause = (typeof CHECK_CAUSES)[number];

/** A validator's share of the checks of a cause. */
export interface CheckShare {
    readonly validator: Principal;
    readonly cause: CheckCause;
}

/** A challenge with every seed that it took, so that anybody can repeat the check. */
export interface ChallengeRecord {
    readonly node: Principal;
    readonly requestedBy: Principal;
    /** Of the specification; fixed when the node accepts. */
    readonly version: number;
    readonly pocClass: PocClass;
    /** Rows to open. */
    readonly samples: number;
    readonly newcomer: boolean;
    readonly slotSeed: Uint8Array;
    readonly state: ChallengeState;
    readonly fault: ChallengeFault | undefined;
    readonly requestedAtNs: bigint;
    /**
     * What the node or the validators owe must be done by then; what the canister owes has none, unless its check waits
     * for the quota: then it is looked at again.
     */
    readonly deadlineNs: bigint | undefined;
    readonly work: ChallengeWork | undefined;
    readonly commitment: ChallengeCommitment | undefined;
    readonly sampleRandomness: Uint8Array | undefined;
    readonly checkRandomness: Uint8Array | undefined;
    readonly votes: readonly ChallengeVote[];
    readonly eValueE8: bigint | undefined;
    readonly finalAtNs: bigint | undefined;
}

export interface KnownChallenge extends ChallengeRecord {
    readonly id: bigint;
}

/** The seed that challenges share, and since when. */
export interface Slot {
    readonly seed: Uint8Array;
    readonly drawnAtNs: bigint;
}

/** How a node has done lately. */
export interface Score {
    /** The epoch that `probes` belong to. */
    readonly epoch: bigint;
    /** E of its probes in that epoch, in their order; a failed one counts as zero. */
    readonly probes: readonly bigint[];
    /** E before that epoch; undefined for a node that had none. */
    readonly before: bigint | undefined;
    /** Accepted probes of a newcomer. */
    readonly first: readonly NewcomerProbe[];
    readonly proven: boolean;
    /** Failed probes in a row. */
    readonly failures: number;
    /** By what the last probe showed. */
    readonly nextClass: PocClass;
}

/** A time in which no challenge could begin; `untilNs` is undefined while it lasts. */
export interface SuspendedSpan {
    readonly sinceNs: bigint;
    readonly untilNs: bigint | undefined;
}

/** The emergency pause of the validators. */
export interface PocSuspension {
    /** Members of the set that stand for it. */
    readonly votes: readonly Principal[];
    /** The latest, in their order. */
    readonly spans: readonly SuspendedSpan[];
}

export interface ChallengeTables {
    /** Versions of the specification, by ascending activation epoch. */
    readonly pocSpecs: Log<PocSpec>;
    readonly challengePolicy: Cell<ChallengePolicy>;
    readonly challengeSlot: Cell<Slot>;
    readonly challenges: Log<ChallengeRecord>;
    readonly challengeOfNode: Table<Principal, bigint>;
    readonly challengeDeadlines: OrderedTable<DueKey, boolean>;
    /** Challenges for which the canister owes randomness. */
    readonly challengeDraws: OrderedTable<bigint, boolean>;
    /** The challenges that are not final: ids by position, positions by id. */
    readonly openChallenges: Table<bigint, bigint>;
    readonly openChallengePositions: Table<bigint, bigint>;
    /** While the challenge is not final. */
    readonly challengeOpenings: Table<bigint, Uint8Array>;
    readonly challengeScores: Table<Principal, Score>;
    readonly falseVerdicts: Log<FalseVerdict>;
    readonly pocSuspension: Cell<PocSuspension>;
    /** Until when the shares of the quota of checks are used, in ns. */
    readonly checkTimes: Table<CheckShare, bigint>;
}
