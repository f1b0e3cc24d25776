import type { JobRequest } from '../ports';

/** A submission that the gateway answers for until its end is known. */
export interface OpenSubmission {
    /** The canister has made a job of it. */
    submitted(jobId: bigint): void;
    /** Nobody knows whether there is a job: if there is, nobody waits for it. */
    unanswered(): void;
    /** The canister has refused it, its job has ended, or its client knows the job. */
    closed(): void;
}

/** What the gateway must not forget in a crash: submissions under way, and cancellations that the canister has not heard. */
export interface JournalPort {
    /** Resolves when the submission is remembered: before it is sent. */
    opening(request: JobRequest): Promise<OpenSubmission>;
    /** Cancels a job, now or as soon as the canister can be reached, also after a restart. */
    cancel(jobId: bigint): Promise<void>;
}
