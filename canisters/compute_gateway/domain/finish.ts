import type { Principal } from '@dfinity/principal';
import { ackHash } from '../../../src/core/compute/direct_delivery';
import { sha256 } from '../../../src/core/hash';
import { sameBytes, samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { Job } from './job';
import type { JobBook } from './job_book';
import type { StoredJob } from './tables';
import { holdsLatestLease, type LeaseClaim } from './transition';

export interface Completion {
    readonly jobId: bigint;
    readonly claim: LeaseClaim;
    readonly output: Uint8Array;
    /** SHA-256 of the output as the node computed it; absent: computed here, for small outputs. */
    readonly outputHash?: Uint8Array;
    readonly units: bigint;
    readonly modelHash: Uint8Array;
    /** What the node tells about the output besides it. */
    readonly details?: Uint8Array;
    /** The gateway's secret: it has the output, which is not repeated here. */
    readonly ack?: Uint8Array;
}

export type CompleteError = ErrorOf<
    'NotFound' | 'StaleLease' | 'ResultConflict' | 'UsageTooHigh' | 'BadReceipt' | 'PayloadTooLarge'
>;

/**
 * A canister pays for every hashed block, so it hashes no more than this by itself. The bytes stay beside the hash that
 * the node signed for: whoever reads the output can hold the node to it.
 */
export const HASHED_HERE_BYTES = 4_096;

/** Bytes of details: what fits a receipt's margin, no second output. */
const MAX_DETAILS_BYTES = 1_024;

/** A result in good order: its hash, and whether the output itself came along. */
interface Delivered {
    readonly outputHash: Uint8Array;
    readonly isInline: boolean;
}

/**
 * Takes a result. The identical completion again is the same success; another output is a conflict: it changes nothing about the job,
 * and is counted against the node (compute.md §5.4).
 */
export function complete(book: JobBook, completion: Completion, nowNs: bigint): Result<Job, CompleteError> {
    const stored = book.load(completion.jobId);
    if (stored === undefined) return err({ kind: 'NotFound' });
    const { job } = stored;
    if (!holdsLatestLease(job, completion.claim)) return err({ kind: 'StaleLease' });
    if (job.state.kind === 'Completed') return repeated(book, job, completion);
    const delivered = checkCompletion(book, job, completion);
    return delivered.ok ? accept(book, stored, completion, delivered.value, nowNs) : delivered;
}

/** Where the output is not here, or not any more, the hash that was signed for is all there is to compare. */
function repeated(book: JobBook, job: Job, completion: Completion): Result<Job, CompleteError> {
    const { output, outputHash } = completion;
    const stored = book.tables.outputs.get(job.id);
    const known = job.state.kind === 'Completed' ? job.state.outputHash : undefined;
    const isSame =
        stored === undefined
            ? outputHash === undefined || (known !== undefined && sameBytes(known, outputHash))
            : sameBytes(stored, output);
    return isSame ? ok(job) : conflicting(book, job);
}

function conflicting({ tables: { conflicts } }: JobBook, job: Job): Result<never, CompleteError> {
    const { lease } = job;
    if (lease !== undefined) conflicts.set(lease.node, (conflicts.get(lease.node) ?? 0n) + 1n);
    return err({ kind: 'ResultConflict' });
}

function checkCompletion(book: JobBook, job: Job, completion: Completion): Result<Delivered, CompleteError> {
    const { output, details, modelHash } = completion;
    const { maxOutputBytes } = book.tables.limits.get();
    if (BigInt(output.length) > maxOutputBytes) return err({ kind: 'PayloadTooLarge', maxBytes: maxOutputBytes });
    if (details !== undefined && details.length > MAX_DETAILS_BYTES) return badReceipt('details');
    // A model belongs to one app.
    if (book.tables.appIdsByModelHash.get(modelHash) !== job.appId) return badReceipt('model_hash');
    return completion.ack === undefined ? inline(completion) : acknowledged(job, completion, completion.ack);
}

function inline(completion: Completion): Result<Delivered, CompleteError> {
    const { output, outputHash } = completion;
    if (outputHash === undefined) {
        return output.length <= HASHED_HERE_BYTES
            ? ok({ outputHash: sha256(output), isInline: true })
            : badReceipt('output_hash');
    }
    // Whoever says that the output is elsewhere must show that the gateway has it.
    const isMissing = output.length === 0 && !sameBytes(outputHash, sha256(output));
    if (isMissing || outputHash.length !== 32) return badReceipt('output_hash');
    return ok({ outputHash, isInline: true });
}

/** The gateway has revealed its secret, which it does for whoever has given it the whole output (G8). */
function acknowledged(job: Job, completion: Completion, ack: Uint8Array): Result<Delivered, CompleteError> {
    const { output, outputHash } = completion;
    if (job.ackHash === undefined || !sameBytes(ackHash(ack), job.ackHash)) return badReceipt('ack');
    if (output.length > 0 || outputHash?.length !== 32) return badReceipt('output_hash');
    return ok({ outputHash, isInline: false });
}

function accept(
    book: JobBook,
    stored: StoredJob,
    completion: Completion,
    delivered: Delivered,
    nowNs: bigint
): Result<Job, CompleteError> {
    const { outputHash, isInline } = delivered;
    const { claim, units, output, details } = completion;
    const { job } = stored;
    const done = book.applyTo(stored, { kind: 'Completed', claim, units, outputHash }, nowNs);
    if (done.ok && isInline) book.tables.outputs.set(job.id, output);
    if (done.ok && details !== undefined) book.tables.details.set(job.id, details);
    return done;
}

function badReceipt(reason: string): Result<never, CompleteError> {
    return err({ kind: 'BadReceipt', reason });
}

export interface Failure {
    readonly jobId: bigint;
    readonly claim: LeaseClaim;
    /** Short machine-readable reason; never a payload. */
    readonly code: string;
    readonly retryable: boolean;
    /** The node gives the job back without fault: the attempt does not count. */
    readonly isBlameless?: boolean;
}

const FAILURE_CODE = /^[a-z0-9_.:-]{1,64}$/;

/** Gives a job back, for another attempt or for good. */
export function fail(
    book: JobBook,
    failure: Failure,
    nowNs: bigint
): Result<Job, ErrorOf<'NotFound' | 'StaleLease' | 'InvalidArgument'>> {
    const { jobId, claim, code, retryable, isBlameless = false } = failure;
    if (!FAILURE_CODE.test(code)) return err({ kind: 'InvalidArgument', reason: 'code' });
    return book.apply(jobId, { kind: 'Failed', claim, code, retryable, isBlameless }, nowNs);
}

/** Cancels for the payer: the whole hold goes back. The node that runs the job learns it from its next heartbeat. */
export function cancel(
    book: JobBook,
    jobId: bigint,
    caller: Principal,
    nowNs: bigint
): Result<Job, ErrorOf<'NotFound' | 'Unauthorized' | 'NotCancellable'>> {
    const job = book.get(jobId);
    if (job === undefined) return err({ kind: 'NotFound' });
    if (!isParty(job, caller)) return err({ kind: 'Unauthorized' });
    return book.apply(jobId, { kind: 'CancelAsked' }, nowNs);
}

/** The owner of a job and whoever submitted it for the owner. */
export function isParty(job: Job, who: Principal): boolean {
    const isOwner = job.owner !== undefined && samePrincipal(job.owner, who);
    return isOwner || samePrincipal(job.submitter, who);
}
