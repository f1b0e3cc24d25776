import type { Result } from '../../core/result';
import type { Refusal } from '../ports';
import type { Slot } from './prover';

/** Where a challenge stands (docs/poc.md §10). */
export type ChallengeState =
    | 'Requested'
    | 'Accepted'
    | 'Committed'
    | 'Sampled'
    | 'Opened'
    | 'Attesting'
    | 'Disputed'
    | 'Passed'
    | 'Failed'
    | 'Lapsed';

/** What a node committed to. */
export interface CommittedWork {
    readonly rounds: number;
    readonly commitment: Uint8Array;
}

/** A challenge of this node. */
export interface Challenge {
    readonly id: bigint;
    readonly state: ChallengeState;
    /** Of the specification. */
    readonly version: number;
    readonly slot: Slot;
    /** How long to work. */
    readonly windowMs: number;
    /** Rows to open. */
    readonly samples: number;
    /** When the current step must be done, by canister time; undefined when it is not the node's. */
    readonly deadlineMs: number | undefined;
    /** Known once the challenge is accepted. */
    readonly nodeSeed: Uint8Array | undefined;
    readonly committed: CommittedWork | undefined;
    /** Known once the commitment is stored. */
    readonly sampleRandomness: Uint8Array | undefined;
    readonly eValueE8: bigint | undefined;
    readonly fault: string | undefined;
}

/** The challenges as their node sees them. Every method throws `PortUnavailable` when the canister cannot be asked. */
export interface ChallengeSource {
    /** The challenge that is open; a free query. */
    open(): Promise<Challenge | undefined>;
    find(id: bigint): Promise<Challenge | undefined>;
    /** `UnknownVersion`: this software implements no version that the canister may accept. */
    accept(challenge: Pick<Challenge, 'id' | 'version'>): Promise<Result<Challenge, Refusal>>;
    commit(id: bigint, work: CommittedWork): Promise<Result<Challenge, Refusal>>;
    show(id: bigint, opening: Uint8Array): Promise<Result<Challenge, Refusal>>;
}

/** What else the device is busy with. */
export interface IdleGate {
    /** Takes no new work; resolves when what runs has ended, or after so long. The answer lets new work in again. */
    reserve(maxMs: number, signal: AbortSignal): Promise<() => void>;
}
