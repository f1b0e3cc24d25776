import { Principal } from '@dfinity/principal';
import { sameBytes } from '../../../src/core/principals';
import { maxAmount, minAmount } from '../../../src/core/amount';
import { NS_PER_MS, NS_PER_S } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import type { App } from './app';
import type { ErrorOf } from './errors';
import { servingNodes } from './claim';
import type { AllowedNodes, Job, Payer, Priority } from './job';
import type { JobBook } from './job_book';
import { openRequestOf, type OpenRequest } from './outbox';

export interface Submission {
    readonly appId: string;
    readonly input: Uint8Array;
    /** The input is elsewhere; `input` names it ({@link encodeInputReference}). */
    readonly isByReference?: boolean;
    /** The compute socket that pays, and what it has. */
    readonly socket?: bigint;
    readonly maxUnits?: bigint;
    readonly maxCredits: bigint;
    readonly idempotencyKey?: string;
    readonly payer: Payer;
    readonly submitter: Principal;
    readonly ttlS?: bigint;
    readonly priority: Priority;
    readonly sessionKey?: string;
    readonly group?: bigint;
    readonly redriveOf?: bigint;
    /** See {@link Job.ackHash}. */
    readonly ackHash?: Uint8Array;
}

export type SubmitError = ErrorOf<
    | 'Unauthorized'
    | 'AppNotFound'
    | 'InvalidArgument'
    | 'PayloadTooLarge'
    | 'PriceTooHigh'
    | 'IdempotencyConflict'
    | 'Busy'
    | 'TemporarilyUnavailable'
    | 'InsufficientCredits'
    | 'KeyNotFound'
    | 'KeyRevoked'
    | 'AppNotAllowed'
    | 'RateLimited'
    | 'KeyLimitReached'
>;

/** Either the job is there already, or its hold must be asked for (again: the hub answers a repeated question alike). */
export type Intent =
    { readonly kind: 'Known'; readonly job: Job } | { readonly kind: 'Ask'; readonly request: OpenRequest };

/** What the hub answered to a question for a hold; `Unknown` when it cannot be known whether the hold was made. */
export type OpenAnswer =
    | { readonly kind: 'Held'; readonly owner: Principal; readonly nodes?: AllowedNodes }
    | { readonly kind: 'Refused'; readonly error: OpenRefusal }
    | { readonly kind: 'Unknown'; readonly reason: string };

export type OpenRefusal = ErrorOf<
    | 'InsufficientCredits'
    | 'KeyNotFound'
    | 'KeyRevoked'
    | 'AppNotAllowed'
    | 'RateLimited'
    | 'KeyLimitReached'
    | 'TemporarilyUnavailable'
>;

const MAX_KEY_LENGTH = 128;
const MAX_SESSION_KEY_LENGTH = 64;
/** Keys that the canister gives itself begin with this. */
export const RESERVED_KEY = 'emc:';
const MIN_RETRY_MS = 1_000n;
const MAX_RETRY_MS = 60_000n;

/** Checks a submission and writes the intent. Nothing is stored when it is refused. */
export function submit(book: JobBook, submission: Submission, nowNs: bigint): Result<Intent, SubmitError> {
    const app = checkSubmission(book, submission);
    if (!app.ok) return app;
    const earlier = findEarlier(book, submission);
    if (!earlier.ok) return earlier;
    if (earlier.value !== undefined) return ok(intentOf(earlier.value));
    const room = checkRoom(book, app.value, submission.payer, nowNs);
    if (!room.ok) return room;
    const job = newJob(book, submission, app.value, nowNs);
    book.create(job, submission.input);
    return ok({ kind: 'Ask', request: openRequestOf(job) });
}

/** Brings the hub's answer into the book. Several callers may wait for the same answer: each gets the same. */
export function settleOpening(
    book: JobBook,
    request: OpenRequest,
    answer: OpenAnswer,
    nowNs: bigint
): Result<Job, SubmitError> {
    if (answer.kind === 'Held') return held(book, request, answer, nowNs);
    const job = book.get(request.requestId);
    // Another caller has had the hub's word: the hold is there, whatever this question came to.
    if (job !== undefined && job.state.kind !== 'Opening') return ok(job);
    switch (answer.kind) {
        case 'Refused':
            book.drop(request.requestId);
            return err(answer.error);
        case 'Unknown':
            book.abandon(request.requestId, nowNs);
            return err({ kind: 'TemporarilyUnavailable', reason: answer.reason });
    }
}

function held(
    book: JobBook,
    request: OpenRequest,
    { owner, nodes }: Extract<OpenAnswer, { kind: 'Held' }>,
    nowNs: bigint
): Result<Job, SubmitError> {
    const opened = book.apply(request.requestId, { kind: 'Opened', owner, nodes }, nowNs);
    if (opened.ok) return ok(opened.value);
    // The job was dropped while the hub was being asked: its hold belongs to nobody and goes back.
    const record = { requestId: request.requestId, status: 'Cancelled', creditsUsed: 0n } as const;
    book.outbox.push({ kind: 'Record', record }, nowNs);
    return err({ kind: 'TemporarilyUnavailable', reason: 'the submission was given up meanwhile' });
}

function checkSubmission(book: JobBook, submission: Submission): Result<App, SubmitError> {
    const { appsById, limits } = book.tables;
    const { maxInputBytes, maxTtlS } = limits.get();
    if (BigInt(submission.input.length) > maxInputBytes)
        return err({ kind: 'PayloadTooLarge', maxBytes: maxInputBytes });
    const app = appsById.get(submission.appId);
    if (app === undefined) return err({ kind: 'AppNotFound' });
    const { idempotencyKey: key, sessionKey, ttlS } = submission;
    if (key !== undefined && (key === '' || key.length > MAX_KEY_LENGTH)) return invalid('idempotency_key');
    const isSessionKeyBad =
        sessionKey !== undefined && (sessionKey === '' || sessionKey.length > MAX_SESSION_KEY_LENGTH);
    if (isSessionKeyBad) return invalid('session_key');
    if (ttlS !== undefined && (ttlS === 0n || ttlS > maxTtlS)) return invalid('ttl_s');
    if (affordableUnits(app, submission.maxCredits) === 0n) {
        return err({ kind: 'PriceTooHigh', unitPriceCredits: app.unitPriceCredits });
    }
    return ok(app);
}

/** The units that the caller's maximum pays for, within a bound: the app's, for one job. */
export function affordableUnits(app: App, maxCredits: bigint, mostUnits = app.maxUnits): bigint {
    if (app.unitPriceCredits === 0n) return mostUnits;
    return minAmount(maxCredits / app.unitPriceCredits, mostUnits);
}

/** What the submission's idempotency key has made. */
export function earlierOf(book: JobBook, submission: Submission): Job | undefined {
    const { payer, idempotencyKey: key } = submission;
    const id = key === undefined ? undefined : book.tables.jobIdsByIdempotencyKey.get({ payer, key });
    return id === undefined ? undefined : book.get(id);
}

function findEarlier(book: JobBook, submission: Submission): Result<Job | undefined, SubmitError> {
    const job = earlierOf(book, submission);
    if (job === undefined) return ok(undefined);
    const isSame =
        job.appId === submission.appId &&
        job.maxCredits === submission.maxCredits &&
        job.socket === submission.socket &&
        job.isByReference === (submission.isByReference === true) &&
        sameBytes(book.tables.inputs.get(job.id) ?? new Uint8Array(), submission.input);
    return isSame ? ok(job) : err({ kind: 'IdempotencyConflict', jobId: job.id });
}

function intentOf(job: Job): Intent {
    return job.state.kind === 'Opening' ? { kind: 'Ask', request: openRequestOf(job) } : { kind: 'Known', job };
}

/** Every queue has a bound: what is beyond it is refused with the time after which it is worth asking again. */
export function checkRoom(book: JobBook, app: App, payer: Payer, nowNs: bigint): Result<void, ErrorOf<'Busy'>> {
    const { appId } = app;
    const { limits, totals } = book.tables;
    const { maxActive, maxActivePerPayer, maxQueuedPerApp } = limits.get();
    const queueLength = book.queue.length(appId);
    const isFull =
        totals.get().active >= maxActive ||
        BigInt(book.loadOf(payer).active) >= maxActivePerPayer ||
        queueLength >= maxQueuedPerApp;
    return isFull ? err(busy(book, appId, queueLength, nowNs)) : ok(undefined);
}

function busy(book: JobBook, appId: string, queueLength: bigint, nowNs: bigint): ErrorOf<'Busy'> {
    const slots = servingNodes(book, appId, nowNs).reduce((sum, node) => sum + node.slots, 0);
    const runMs = book.tables.totals.get().usualRunNs / NS_PER_MS;
    const estimatedWaitMs = (queueLength * runMs) / BigInt(Math.max(1, slots));
    const oneJobMs = runMs / BigInt(Math.max(1, slots));
    const retryAfterMs = minAmount(maxAmount(oneJobMs, MIN_RETRY_MS), MAX_RETRY_MS);
    return { kind: 'Busy', retryAfterMs, queueLength, estimatedWaitMs };
}

function newJob(book: JobBook, submission: Submission, app: App, nowNs: bigint): Job {
    const { totals, limits } = book.tables;
    return {
        id: totals.get().nextId,
        appId: app.appId,
        payer: submission.payer,
        submitter: submission.submitter,
        priority: submission.priority,
        sessionKey: submission.sessionKey,
        group: submission.group,
        redriveOf: submission.redriveOf,
        idempotencyKey: submission.idempotencyKey,
        ackHash: submission.ackHash,
        socket: submission.socket,
        isByReference: submission.isByReference === true,
        receiptForm: 2,
        maxCredits: submission.maxCredits,
        maxUnits: submission.maxUnits ?? affordableUnits(app, submission.maxCredits),
        unitPriceCredits: app.unitPriceCredits,
        leaseNs: app.leaseS * NS_PER_S,
        createdAtNs: nowNs,
        expiresAtNs: nowNs + (submission.ttlS ?? limits.get().defaultTtlS) * NS_PER_S,
        queuedAtNs: nowNs,
        isAged: false,
        attempt: 0,
        failures: 0,
        excluded: [],
        state: { kind: 'Opening' }
    };
}

function invalid(reason: string): Result<never, SubmitError> {
    return err({ kind: 'InvalidArgument', reason });
}
