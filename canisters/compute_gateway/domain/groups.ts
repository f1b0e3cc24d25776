import type { Principal } from '@dfinity/principal';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import { cancel, isParty } from './finish';
import { isTerminal, type Job } from './job';
import type { JobBook } from './job_book';
import { findJob } from './listing';
import type { OpenRequest } from './outbox';
import { RESERVED_KEY, settleOpening, submit, type OpenAnswer, type Submission, type SubmitError } from './submit';

/** Jobs that were submitted together: one request in several shards. */
export interface Group {
    readonly jobIds: readonly bigint[];
}

export interface GroupOrder {
    /** What all shards share; its input and idempotency key are those of each shard. */
    readonly common: Omit<Submission, 'input' | 'idempotencyKey' | 'group' | 'redriveOf'>;
    readonly inputs: readonly Uint8Array[];
    readonly idempotencyKey?: string;
}

export interface OpenGroup {
    readonly id: bigint;
    /** Holds that must be asked for. */
    readonly requests: readonly OpenRequest[];
}

/** Writes the intents of all shards, or of none. The same key again is the same group, unless it was called off. */
export function openGroup(book: JobBook, order: GroupOrder, nowNs: bigint): Result<OpenGroup, SubmitError> {
    const { inputs, common, idempotencyKey: key } = order;
    const { maxGroup } = book.tables.limits.get();
    if (inputs.length === 0 || BigInt(inputs.length) > maxGroup)
        return err({ kind: 'InvalidArgument', reason: 'inputs' });
    const earlier = earlierOf(book, order);
    if (!earlier.ok) return earlier;
    const nextId = book.tables.groups.length();
    const intents: (Job | OpenRequest)[] = [];
    for (const [index, input] of inputs.entries()) {
        const idempotencyKey = key === undefined ? undefined : shardKey(key, index);
        const intent = submit(book, { ...common, input, idempotencyKey, group: nextId }, nowNs);
        if (!intent.ok) return takeBack(book, nextId, intents, intent.error);
        intents.push(intent.value.kind === 'Known' ? intent.value.job : intent.value.request);
    }
    return ok(remembered(book, intents, nextId));
}

/** A repeated order finds the group of its first shard. */
function remembered(book: JobBook, intents: readonly (Job | OpenRequest)[], nextId: bigint): OpenGroup {
    const jobIds = intents.map((intent) => ('requestId' in intent ? intent.requestId : intent.id));
    const requests = intents.filter((intent) => 'requestId' in intent);
    const known = jobIds[0] === undefined ? undefined : book.get(jobIds[0])?.group;
    if (known !== undefined && known < nextId) return { id: known, requests };
    return { id: book.tables.groups.append({ jobIds }), requests };
}

function shardKey(key: string, index: number): string {
    return `${RESERVED_KEY}group:${index}:${key}`;
}

/** The key was used for another number of shards. */
function earlierOf(
    book: JobBook,
    { common: { payer }, inputs, idempotencyKey: key }: GroupOrder
): Result<void, ErrorOf<'IdempotencyConflict'>> {
    const first = key === undefined ? undefined : findJob(book, payer, shardKey(key, 0));
    const group = first?.group === undefined ? undefined : book.tables.groups.get(first.group);
    if (first === undefined || group === undefined || group.jobIds.length === inputs.length) return ok(undefined);
    return err({ kind: 'IdempotencyConflict', jobId: first.id });
}

/** What this order has written, and nothing of an earlier one with the same key. */
function takeBack(
    book: JobBook,
    group: bigint,
    intents: readonly (Job | OpenRequest)[],
    error: SubmitError
): Result<never, SubmitError> {
    for (const intent of intents) {
        if ('requestId' in intent && book.get(intent.requestId)?.group === group) book.drop(intent.requestId);
    }
    return err(error);
}

/** Brings the hub's answers in. A group of which one shard could not be paid is called off as a whole. */
export function settleGroup(
    book: JobBook,
    { id, requests }: OpenGroup,
    answers: readonly OpenAnswer[],
    nowNs: bigint
): Result<bigint, SubmitError> {
    const settled = requests.map((request, index) =>
        settleOpening(book, request, answers[index] ?? { kind: 'Unknown', reason: 'the hub did not answer' }, nowNs)
    );
    const refused = settled.find((result) => !result.ok);
    if (refused === undefined || refused.ok) return ok(id);
    for (const job of shardsOf(book, id)) {
        // Ordered again, it must be another group: of this one not all shards would run.
        book.forgetKey(job);
        if (!isTerminal(job.state)) book.apply(job.id, { kind: 'CancelAsked' }, nowNs);
    }
    return refused;
}

/** The jobs of a group that are still known. */
export function shardsOf(book: JobBook, id: bigint): readonly Job[] {
    return (book.tables.groups.get(id)?.jobIds ?? []).flatMap((jobId) => book.get(jobId) ?? []);
}

/** The jobs of a group, for those who may see them. */
export function visibleShards(
    book: JobBook,
    id: bigint,
    caller: Principal
): Result<readonly Job[], ErrorOf<'NotFound' | 'Unauthorized'>> {
    const shards = shardsOf(book, id);
    const [first] = shards;
    if (first === undefined) return err({ kind: 'NotFound' });
    return isParty(first, caller) ? ok(shards) : err({ kind: 'Unauthorized' });
}

/** Cancels what has not ended of a group. */
export function cancelGroup(
    book: JobBook,
    id: bigint,
    caller: Principal,
    nowNs: bigint
): Result<readonly Job[], ErrorOf<'NotFound' | 'Unauthorized'>> {
    const shards = visibleShards(book, id, caller);
    if (!shards.ok) return shards;
    for (const job of shards.value) cancel(book, job.id, caller, nowNs);
    return ok(shardsOf(book, id));
}
