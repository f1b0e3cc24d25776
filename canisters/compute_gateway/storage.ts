import {
    blob,
    bool,
    bytesKey,
    codecOf,
    fixedBytes,
    list,
    oneOf,
    optional,
    principal,
    principalKey,
    record,
    text,
    textKey,
    u32,
    u64,
    u64Key,
    variant,
    type Field
} from '../../src/core/codec';
import type { TableFactory } from '../../src/core/table';
import { APP_KINDS, type App } from './domain/app';
import type { DequeEnds, DequePosition } from './domain/deque';
import { PRIORITIES, type Job, type JobState, type Lease, type Payer } from './domain/job';
import { DEFAULT_LIMITS, type Limits } from './domain/limits';
import type { Attachment } from './domain/node';
import {
    RESULT_STATUSES,
    type OpenRequest,
    type OutboxEntry,
    type OutboxMessage,
    type ResultRecord
} from './domain/outbox';
import type {
    DueKey,
    GatewayTables,
    IdempotencyScope,
    NodeCheckKey,
    QueueKey,
    StoredJob,
    TokenSeed,
    Totals
} from './domain/tables';

/** Raised whenever a codec below changes; an upgrade over another version is refused. */
export const SCHEMA_VERSION = 2;

type Case<Union extends { readonly kind: string }, Kind extends Union['kind']> = Extract<
    Union,
    { readonly kind: Kind }
>;

/** The tag of a union's case: the union stores it, so the case itself takes no bytes for it. */
function tag<const Kind extends string>(kind: Kind): Field<Kind> {
    return { write: () => undefined, read: () => kind };
}

const hash = fixedBytes(32);

const limits: Field<Limits> = record<Limits>({
    maxInputBytes: u64,
    maxOutputBytes: u64,
    maxActivePerPayer: u64,
    maxActive: u64,
    maxAttempts: u64,
    defaultTtlS: u64,
    maxTtlS: u64,
    execLimitS: u64,
    retentionS: u64,
    nodeCacheS: u64,
    maxNodesPerApp: u64,
    minLeaseS: u64,
    maxLeaseS: u64,
    maxSlots: u64,
    sweepS: u64
});

const app: Field<App> = record<App>({
    appId: text,
    kind: oneOf(APP_KINDS),
    modelHash: hash,
    unit: text,
    unitPriceCredits: u64,
    maxUnits: u64,
    leaseS: u64,
    developer: principal,
    registeredAtNs: u64
});

const payer: Field<Payer> = variant<Payer>({
    Principal: record<Case<Payer, 'Principal'>>({ kind: tag('Principal'), who: principal }),
    ApiKey: record<Case<Payer, 'ApiKey'>>({ kind: tag('ApiKey'), keyHash: hash })
});

const lease: Field<Lease> = record<Lease>({
    node: principal,
    token: u64,
    attempt: u32,
    grantedAtNs: u64,
    deadlineNs: u64
});

/** Append cases, never reorder them. */
const jobState: Field<JobState> = variant<JobState>({
    Opening: record<Case<JobState, 'Opening'>>({ kind: tag('Opening') }),
    Queued: record<Case<JobState, 'Queued'>>({ kind: tag('Queued') }),
    Waiting: record<Case<JobState, 'Waiting'>>({ kind: tag('Waiting'), untilNs: u64 }),
    Leased: record<Case<JobState, 'Leased'>>({ kind: tag('Leased') }),
    Completed: record<Case<JobState, 'Completed'>>({
        kind: tag('Completed'),
        finishedAtNs: u64,
        units: u64,
        creditsUsed: u64,
        outputHash: hash,
        receiptHash: hash
    }),
    Failed: record<Case<JobState, 'Failed'>>({ kind: tag('Failed'), finishedAtNs: u64, code: text }),
    TimedOut: record<Case<JobState, 'TimedOut'>>({ kind: tag('TimedOut'), finishedAtNs: u64 }),
    Cancelled: record<Case<JobState, 'Cancelled'>>({ kind: tag('Cancelled'), finishedAtNs: u64 }),
    Expired: record<Case<JobState, 'Expired'>>({ kind: tag('Expired'), finishedAtNs: u64 })
});

const job: Field<Job> = record<Job>({
    id: u64,
    appId: text,
    payer,
    submitter: principal,
    owner: optional(principal),
    priority: oneOf(PRIORITIES),
    idempotencyKey: optional(text),
    ackHash: optional(hash),
    maxCredits: u64,
    maxUnits: u64,
    unitPriceCredits: u64,
    leaseNs: u64,
    createdAtNs: u64,
    expiresAtNs: u64,
    attempt: u32,
    excluded: list(principal),
    lease: optional(lease),
    state: jobState
});

const storedJob = record<StoredJob>({ job, position: optional(u64), wakeNs: optional(u64) });

const attachment: Field<Attachment> = record<Attachment>({
    node: principal,
    apps: list(text),
    slots: u32,
    leases: list(u64),
    active: bool,
    checkedAtNs: u64,
    nextCheckNs: u64
});

const resultRecord: Field<ResultRecord> = record<ResultRecord>({
    requestId: u64,
    node: optional(principal),
    status: oneOf(RESULT_STATUSES),
    creditsUsed: u64,
    receiptHash: optional(hash)
});

const openRequest: Field<OpenRequest> = record<OpenRequest>({
    requestId: u64,
    payer,
    appId: text,
    maxCredits: u64
});

const outboxEntry: Field<OutboxEntry> = record<OutboxEntry>({
    message: variant<OutboxMessage>({
        Record: record<Case<OutboxMessage, 'Record'>>({ kind: tag('Record'), record: resultRecord }),
        Release: record<Case<OutboxMessage, 'Release'>>({ kind: tag('Release'), request: openRequest })
    }),
    tries: u32
});

const totals: Field<Totals> = record<Totals>({
    active: u64,
    completed: u64,
    failed: u64,
    timedOut: u64,
    cancelled: u64,
    expired: u64
});

const NO_TOTALS: Totals = { active: 0n, completed: 0n, failed: 0n, timedOut: 0n, cancelled: 0n, expired: 0n };

const queueKey = record<QueueKey>({ appId: text, priority: oneOf(PRIORITIES) });
const dueKey = codecOf(record<DueKey>({ atNs: u64, id: u64 }));

/** All tables of the canister. One memory id each; an id is never used for anything else. */
export function openTables(factory: TableFactory): GatewayTables {
    return {
        limits: factory.cell('limits', codecOf(limits), DEFAULT_LIMITS),
        gateways: factory.cell('gateways', codecOf(list(principal)), []),
        tokenSeed: factory.cell('token_seed', codecOf(record<TokenSeed>({ seed: blob, drawn: u64 })), {
            seed: new Uint8Array(),
            drawn: 0n
        }),
        nextJobId: factory.cell('next_job_id', u64Key, 1n),
        totals: factory.cell('totals', codecOf(totals), NO_TOTALS),
        appsById: factory.table(0, textKey, codecOf(app)),
        appIds: factory.log(1, textKey),
        appIdsByModelHash: factory.table(2, bytesKey, textKey),
        nodesByApp: factory.table(3, textKey, codecOf(list(principal))),
        attachments: factory.table(4, principalKey, codecOf(attachment)),
        nodeChecks: factory.ordered(5, codecOf(record<NodeCheckKey>({ atNs: u64, node: principal })), principalKey),
        jobs: factory.table(6, u64Key, codecOf(storedJob)),
        inputs: factory.table(7, u64Key, bytesKey),
        outputs: factory.table(8, u64Key, bytesKey),
        jobIdsByOwner: factory.lists(9, principalKey, u64Key),
        jobIdsByIdempotencyKey: factory.table(10, codecOf(record<IdempotencyScope>({ payer, key: text })), u64Key),
        activeByPayer: factory.table(11, codecOf(payer), u64Key),
        schedule: factory.ordered(12, dueKey, u64Key),
        queueEnds: factory.table(
            13,
            codecOf(queueKey),
            codecOf(record<DequeEnds>({ head: u64, tail: u64, live: u64 }))
        ),
        queueEntries: factory.table(
            14,
            codecOf(record<DequePosition<QueueKey>>({ key: queueKey, position: u64 })),
            u64Key
        ),
        outbox: factory.ordered(15, dueKey, codecOf(outboxEntry)),
        details: factory.table(16, u64Key, bytesKey),
        gatewayUrls: factory.table(17, principalKey, textKey)
    };
}
