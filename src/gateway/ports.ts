import type { Result } from '../core/result';

/** An app as the gateway offers it: a model. */
export interface Model {
    readonly appId: string;
    readonly kind: 'Embedding' | 'Chat' | 'Completion' | 'Image' | 'Other';
    readonly unit: string;
    readonly unitPriceCredits: bigint;
    readonly maxUnits: bigint;
    readonly registeredAtMs: number;
}

export interface JobRequest {
    readonly appId: string;
    readonly input: Uint8Array;
    readonly maxCredits: bigint;
    readonly idempotencyKey: string;
    /** SHA-256 of the caller's API key: who pays. */
    readonly keyHash: Uint8Array;
    readonly ttlS: bigint;
}

export type JobState = 'Queued' | 'Leased' | 'Completed' | 'Failed' | 'TimedOut' | 'Cancelled' | 'Expired';

export interface Job {
    readonly jobId: bigint;
    readonly state: JobState;
    readonly output?: Uint8Array;
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
    listModels(): Promise<readonly Model[]>;
}

export type KeyRefusal = 'KeyNotFound' | 'KeyRevoked';

/** Knows API keys by their SHA-256. Throws `PortUnavailable` when it cannot be asked. */
export interface KeyPort {
    check(keyHash: Uint8Array): Promise<Result<void, KeyRefusal>>;
}
