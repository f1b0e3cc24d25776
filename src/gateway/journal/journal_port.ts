import type { JobRequest } from '../ports';
import type { SessionReceipt } from '../../core/compute/session_receipt';
import type { SessionRequest } from '../sessions/ports';

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
    /**
     * Resolves when the submission is remembered: before it is sent. `ack` acknowledges a result that comes directly; it must
     * be known after a crash as well.
     */
    opening(request: JobRequest, ack?: Uint8Array): Promise<OpenSubmission>;
    /** Cancels a job, now or as soon as the canister can be reached, also after a restart. */
    cancel(jobId: bigint): Promise<void>;
}

/** A session that the gateway answers for until the canister knows its end. */
export interface OpenSession {
    opened(sessionId: bigint): void;
    /** There is none. */
    refused(): void;
    /** Nobody knows whether there is one: if there is, nobody uses it. */
    unanswered(): void;
    /** So much is signed for by now; written down after a second at the latest, without waiting. */
    owes(receipt: SessionReceipt): void;
    /** Nobody uses it any more: tells the canister, now or as soon as it can be reached, also after a restart. */
    close(owed: SessionReceipt): Promise<void>;
}

/** Sessions that must not stay open when their gateway has gone: their holds would, too. */
export interface SessionJournal {
    /** Resolves when the session is remembered: before it is asked for. */
    opening(request: SessionRequest): Promise<OpenSession>;
}
