import {
    appended,
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
import { cachedCell } from '../../src/core/cached_cell';
import { byBytes, byValue, cachedTable } from '../../src/core/cached_table';
import { idCodec } from '../../src/core/fixed_rows';
import { pagedIds, pageKey } from '../../src/core/paged_ids';
import { nameOf } from '../../src/core/principals';
import { onlyRow, type Cell, type Table, type TableFactory } from '../../src/core/table';
import { APP_KINDS, usualExecLimitS, type App } from './domain/app';
import type { FlowName } from './domain/fair_queue';
import type { Group } from './domain/groups';
import type { Payer } from './domain/job';
import { DEFAULT_LIMITS, type Limits } from './domain/limits';
import type { Attachment } from './domain/node';
import {
    RESULT_STATUSES,
    type OpenRequest,
    type OutboxEntry,
    type OutboxMessage,
    type ResultRecord
} from './domain/outbox';
import { LACKS } from './domain/lacks';
import type { AppQuantization, Capacity, Requirements, Shortfall } from './domain/requirements';
import type { SessionLease, SessionState, Usage } from './domain/session_lease';
import type { Session } from './domain/sessions';
import type { BadReceipts } from './domain/receipt_gate';
import type { GatewayTables, NodeCheckKey, StoredJob, Totals } from './domain/tables';
import { openSocketTables } from './storage_sockets';
import { EntryPages } from './entry_pages';
import { storedJobCodec } from './job_codec';
import {
    alarmKey,
    appQueueCodec,
    dueKey,
    entryPageCodec,
    entryPageKey,
    entryPageName,
    flowCodec,
    flowNameKey,
    heldJobsCodec,
    idempotencyKey,
    outboxCodec,
    payerKey,
    payerLoadCodec,
    payerName,
    rememberedKey,
    sessionKey,
    totalsCodec
} from './queue_codecs';

/** Raised whenever a codec below changes; an upgrade over another version is refused. */
export const SCHEMA_VERSION = 7;

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
    maxLeasedPerPayer: u64,
    maxQueuedPerApp: u64,
    maxAttempts: u64,
    defaultTtlS: u64,
    maxTtlS: u64,
    maxExecS: u64,
    retentionS: u64,
    nodeCacheS: u64,
    maxNodesPerApp: u64,
    minLeaseS: u64,
    maxLeaseS: u64,
    maxSlots: u64,
    affinityMs: u64,
    maxGroup: u64,
    sweepS: u64,
    maxAppsPerDeveloper: appended(u64, DEFAULT_LIMITS.maxAppsPerDeveloper),
    settleSpacingS: appended(u64, DEFAULT_LIMITS.settleSpacingS),
    maxBadReceipts: appended(u64, DEFAULT_LIMITS.maxBadReceipts),
    maxSilenceS: appended(u64, DEFAULT_LIMITS.maxSilenceS)
});

const appRow = record<App>({
    appId: text,
    kind: oneOf(APP_KINDS),
    modelHash: hash,
    unit: text,
    unitPriceCredits: u64,
    maxUnits: u64,
    leaseS: u64,
    developer: principal,
    registeredAtNs: u64,
    execLimitS: appended(u64, 0n)
});

/** An app of schema 6 has no limit of its own: it gets that of its kind. */
const app: Field<App> = {
    write: (writer, value) => appRow.write(writer, value),
    read(reader) {
        const row = appRow.read(reader);
        return row.execLimitS === 0n ? { ...row, execLimitS: usualExecLimitS(row) } : row;
    }
};

const payer: Field<Payer> = variant<Payer>({
    Principal: record<Case<Payer, 'Principal'>>({ kind: tag('Principal'), who: principal }),
    ApiKey: record<Case<Payer, 'ApiKey'>>({ kind: tag('ApiKey'), keyHash: hash })
});

const attachment: Field<Attachment> = record<Attachment>({
    node: principal,
    apps: list(text),
    slots: u32,
    region: text,
    active: bool,
    checkedAtNs: u64,
    nextCheckNs: u64,
    withheld: appended(list(text), [])
});

const requirements: Field<Requirements> = record<Requirements>({
    minE: u64,
    region: text,
    minVramMib: appended(u64, 0n),
    quantization: appended(text, '')
});

const capacity: Field<Capacity> = record<Capacity>({
    vramMib: u64,
    quantizations: list(record<AppQuantization>({ appId: text, quantization: text }))
});

const resultRecord: Field<ResultRecord> = record<ResultRecord>({
    requestId: u64,
    node: optional(principal),
    status: oneOf(RESULT_STATUSES),
    creditsUsed: u64,
    receipt: optional(hash)
});

const openRequest: Field<OpenRequest> = record<OpenRequest>({
    requestId: u64,
    payer,
    appId: text,
    maxCredits: u64,
    purse: optional(principal)
});

const outboxEntry: Field<OutboxEntry> = record<OutboxEntry>({
    message: variant<OutboxMessage>({
        Ended: record<Case<OutboxMessage, 'Ended'>>({ kind: tag('Ended'), requestId: u64 }),
        Fund: record<Case<OutboxMessage, 'Fund'>>({ kind: tag('Fund'), requestId: u64, socketId: u64 }),
        Record: record<Case<OutboxMessage, 'Record'>>({ kind: tag('Record'), record: resultRecord }),
        Release: record<Case<OutboxMessage, 'Release'>>({ kind: tag('Release'), request: openRequest })
    }),
    tries: u32
});

const NO_TOTALS: Totals = {
    active: 0n,
    completed: 0n,
    failed: 0n,
    timedOut: 0n,
    cancelled: 0n,
    expired: 0n,
    usualRunNs: 0n,
    nextId: 1n
};

const session: Field<Session> = record<Session>({ running: u64, latest: u64, node: principal });

const sessionLease: Field<SessionLease> = record<SessionLease>({
    id: u64,
    appId: text,
    payer,
    opener: principal,
    owner: optional(principal),
    node: optional(principal),
    publicKey: fixedBytes(32),
    maxUnits: u64,
    unitPriceCredits: u64,
    createdAtNs: u64,
    expiresAtNs: u64,
    settled: record<Usage>({ calls: u32, units: u64, digest: hash }),
    state: variant<SessionState>({
        Opening: record<Case<SessionState, 'Opening'>>({ kind: tag('Opening') }),
        Open: record<Case<SessionState, 'Open'>>({ kind: tag('Open') }),
        Closing: record<Case<SessionState, 'Closing'>>({ kind: tag('Closing'), untilNs: u64 }),
        Ended: record<Case<SessionState, 'Ended'>>({ kind: tag('Ended'), finishedAtNs: u64 })
    }),
    verifiedAtNs: appended(u64, 0n)
});

/** Rows that stay decoded in memory: what the operations of a busy queue read again and again. */
const APPS_KEPT = 64;
const NODES_KEPT = 256;
const PAYERS_KEPT = 256;
const JOBS_KEPT = 256;

const flowName = ({ appId, lane, payer: of }: FlowName): string => `${appId} ${lane} ${payerName(of)}`;

const appKey = rememberedKey(textKey, APPS_KEPT);

/** All tables of the canister. One memory id each; an id is never used for anything else. */
export function openTables(factory: TableFactory): GatewayTables {
    const totals = cachedCell(onlyRow(factory.table(36, bytesKey, totalsCodec), NO_TOTALS));
    return {
        limits: cachedCell(factory.cell('limits', codecOf(limits), DEFAULT_LIMITS)),
        gateways: cachedCell(factory.cell('gateways', codecOf(list(principal)), [])),
        nextJobId: nextIdOf(totals),
        totals,
        appsById: cachedTable(factory.table(0, appKey, codecOf(app)), byValue, APPS_KEPT),
        requirements: factory.table(51, textKey, codecOf(requirements)),
        shortfalls: factory.table(52, textKey, codecOf(record<Shortfall>({ lacks: oneOf(LACKS), atNs: u64 }))),
        capacities: factory.table(53, principalKey, codecOf(capacity)),
        badReceipts: factory.table(54, principalKey, codecOf(record<BadReceipts>({ count: u32, sinceNs: u64 }))),
        appsByDeveloper: factory.table(55, principalKey, u64Key),
        appIds: factory.log(1, textKey),
        appIdsByModelHash: cachedTable(factory.table(2, bytesKey, textKey), byBytes(bytesKey), APPS_KEPT),
        nodesByApp: cachedTable(factory.table(3, appKey, codecOf(list(principal))), byValue, APPS_KEPT),
        attachments: cachedTable(factory.table(4, principalKey, codecOf(attachment)), nameOf, NODES_KEPT),
        conflicts: factory.table(50, principalKey, u64Key),
        nodeChecks: factory.ordered(5, codecOf(record<NodeCheckKey>({ atNs: u64, node: principal })), principalKey),
        jobs: openJobs(factory),
        inputs: factory.table(7, idCodec(), bytesKey),
        outputs: factory.table(8, idCodec(), bytesKey),
        jobIdsByOwner: pagedIds(
            cachedTable(
                factory.table(9, pageKey(principalKey), bytesKey),
                ({ key, page }) => `${nameOf(key)} ${page}`,
                PAYERS_KEPT
            )
        ),
        jobIdsByIdempotencyKey: factory.table(10, idempotencyKey, idCodec()),
        loadByPayer: cachedTable(factory.table(11, payerKey, payerLoadCodec), payerName, PAYERS_KEPT),
        schedule: factory.ordered(12, dueKey, idCodec()),
        appQueues: cachedTable(factory.table(13, appKey, appQueueCodec), byValue, APPS_KEPT),
        flowIds: cachedTable(factory.table(14, flowNameKey, idCodec()), flowName, PAYERS_KEPT),
        outbox: factory.ordered(15, dueKey, outboxCodec(codecOf(outboxEntry))),
        details: factory.table(16, idCodec(), bytesKey),
        gatewayUrls: factory.table(17, principalKey, textKey),
        flows: cachedTable(factory.table(18, idCodec(), flowCodec), byValue, PAYERS_KEPT),
        flowEntries: new EntryPages(
            cachedTable(factory.table(37, entryPageKey, entryPageCodec), entryPageName, PAYERS_KEPT)
        ),
        leases: cachedTable(factory.table(20, principalKey, heldJobsCodec), nameOf, NODES_KEPT),
        sessions: factory.table(21, sessionKey, codecOf(session)),
        groups: factory.log(22, codecOf(record<Group>({ jobIds: list(u64) }))),
        sessionLeases: factory.table(24, u64Key, codecOf(sessionLease)),
        sessionIdsByKey: factory.table(25, bytesKey, u64Key),
        sessionSchedule: factory.ordered(26, dueKey, u64Key),
        nextSeen: cachedCell(factory.cell('next_seen', u64Key, 1n)),
        alarms: factory.ordered(39, alarmKey, principalKey),
        alarmOfNode: cachedTable(factory.table(40, principalKey, idCodec()), nameOf, NODES_KEPT),
        ...openSocketTables(factory),
        deadIdsByOwner: factory.lists(23, principalKey, u64Key)
    };
}

/** Jobs whose hold is being asked for are few, and soon rewritten: a small tree of their own spares them one of thousands of rows. */
function openJobs(factory: TableFactory): Table<bigint, StoredJob> {
    const opened = factory.table(6, idCodec(), storedJobCodec);
    const opening = factory.table(38, idCodec(), storedJobCodec);
    const rows: Table<bigint, StoredJob> = {
        get: (id) => opened.get(id) ?? opening.get(id),
        set(id, stored) {
            const { state, attempt } = stored.job;
            if (state.kind === 'Opening') return opening.set(id, stored);
            if (state.kind === 'Queued' && attempt === 0) opening.delete(id);
            opened.set(id, stored);
        },
        delete(id) {
            opening.delete(id);
            opened.delete(id);
        },
        has: (id) => opened.has(id) || opening.has(id),
        size: () => opened.size() + opening.size()
    };
    return cachedTable(rows, byValue, JOBS_KEPT);
}

function nextIdOf(totals: Cell<Totals>): Cell<bigint> {
    return {
        get: () => totals.get().nextId,
        set: (nextId) => totals.set({ ...totals.get(), nextId })
    };
}
