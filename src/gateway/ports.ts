import type { InputReference } from '../core/compute/input_reference';
import type { Result } from '../core/result';

/** An app as the gateway offers it: a model. */
export interface Model {
    readonly appId: string;
    readonly kind: 'Embedding' | 'Chat' | 'Completion' | 'Image' | 'Other';
    readonly unit: string;
    readonly unitPriceCredits: bigint;
    readonly maxUnits: bigint;
    /** How long one attempt may run, in seconds. */
    readonly execLimitS: bigint;
    readonly registeredAtMs: number;
}

/** How soon a job should run, beside those of others. */
export type Priority = 'Interactive' | 'Standard' | 'Batch';

export interface JobRequest {
    readonly appId: string;
    readonly input: Uint8Array;
    /** Where the input is, when it is not here: the node that runs the job fetches it and checks its hash. */
    readonly inputReference?: InputReference;
    readonly maxCredits: bigint;
    readonly idempotencyKey: string;
    /** SHA-256 of the caller's API key: who pays. */
    readonly keyHash: Uint8Array;
    readonly ttlS: bigint;
    readonly priority: Priority;
    /** Requests of one conversation. */
    readonly sessionKey?: string;
    /** Set when the gateway wants the result itself: hash of its acknowledgement. */
    readonly ackHash?: Uint8Array;
}

export type JobState =
    'Queued' | 'Leased' | 'Completed' | 'Failed' | 'TimedOut' | 'Cancelling' | 'Cancelled' | 'Expired';

export interface Job {
    readonly jobId: bigint;
    readonly appId: string;
    /** Principal of whoever pays, as text. */
    readonly owner: string;
    readonly state: JobState;
    /** Leases granted so far. */
    readonly attempt: number;
    /** Absent as well where the result went to a gateway directly. */
    readonly output?: Uint8Array;
    /** SHA-256 of a completed job's output; 32 bytes. */
    readonly outputHash?: Uint8Array;
    /** What the node tells about the output besides it. */
    readonly details?: Uint8Array;
    /** Names the live lease of a job whose result a gateway takes itself. */
    readonly leaseHash?: Uint8Array;
    readonly createdAtMs: number;
    /** Absent while it runs. */
    readonly finishedAtMs?: number;
    /** Code of a failure. */
    readonly error?: string;
    /** Code of the reason why it does not run. */
    readonly whyNot?: string;
}

/** Why the canisters do not take a job. */
export interface SubmitRefusal {
    readonly code:
        | 'KeyNotFound'
        | 'KeyRevoked'
        | 'InsufficientCredits'
        | 'AppNotFound'
        | 'IdempotencyConflict'
        | 'PayloadTooLarge'
        | 'PriceTooHigh'
        | 'InvalidArgument'
        | 'Busy'
        | 'AppNotAllowed'
        | 'RateLimited'
        | 'KeyLimitReached'
        | 'Paused'
        | 'TemporarilyUnavailable'
        | 'Unauthorized'
        | 'Anonymous';
    readonly retryAfterMs?: number;
}

/** The job queue as the gateway sees it. Every method throws `PortUnavailable` when it cannot be asked. */
export interface JobPort {
    submit(request: JobRequest): Promise<Result<Job, SubmitRefusal>>;
    get(jobId: bigint): Promise<Job | undefined>;
    cancel(jobId: bigint): Promise<void>;
    /** What an idempotency key has made already. */
    find(keyHash: Uint8Array, idempotencyKey: string): Promise<Job | undefined>;
    /** An owner's jobs that came through this gateway, newest first; `start` counts all of the owner's. */
    list(owner: string, start: bigint, take: bigint): Promise<readonly Job[]>;
    listModels(): Promise<readonly Model[]>;
    /** Whether a principal, as text, is a node that takes jobs. */
    isAttached(node: string): Promise<boolean>;
    /** Tells nodes where this gateway takes results; whether the canister listens to it. */
    announce(url: string): Promise<boolean>;
}

export type KeyRefusal = 'KeyNotFound' | 'KeyRevoked';

/** Whose a key is: a principal as text. */
export interface KeyOwner {
    readonly owner: string;
}

/** Knows API keys by their SHA-256. Throws `PortUnavailable` when it cannot be asked. */
export interface KeyPort {
    check(keyHash: Uint8Array): Promise<Result<KeyOwner, KeyRefusal>>;
}
