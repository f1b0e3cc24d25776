import { APP_KINDS, execLimitS, type App, type AppSpec } from '../../../canisters/compute_gateway/domain/app';
import { heartbeat } from '../../../canisters/compute_gateway/domain/claim';
import { receiptHashOf, type Job } from '../../../canisters/compute_gateway/domain/job';
import { JobBook } from '../../../canisters/compute_gateway/domain/job_book';
import type { StoredJob } from '../../../canisters/compute_gateway/domain/tables';
import { storedJobCodec } from '../../../canisters/compute_gateway/job_codec';
import { migrations } from '../../../canisters/compute_gateway/migrations';
import { dueKey } from '../../../canisters/compute_gateway/queue_codecs';
import { openTables, SCHEMA_VERSION } from '../../../canisters/compute_gateway/storage';
import { SchemaMismatch, upgradeSchema } from '../../../src/azle/schema';
import {
    bytesKey,
    codecOf,
    fixedBytes,
    list,
    oneOf,
    principal,
    principalKey,
    record,
    text,
    textKey,
    u32,
    u64,
    u64Key
} from '../../../src/core/codec';
import { firstReceiptHash } from '../../../src/core/compute/receipt';
import { NS_PER_S } from '../../../src/core/clock';
import { MemoryTables, type Table } from '../../../src/core/table';
import { BOB, GENESIS_NS, Market, NODE_A } from './support/market';

/** What schema 5 had instead of pages: a row for each waiting job. */
const oldEntryKey = codecOf(record<{ flow: bigint; position: bigint }>({ flow: u64, position: u64 }));

/** Writes what a book has in the form of schema 5, over a memory that nothing else holds. */
function writeSchema5(market: Market, jobs: readonly Job[]): MemoryTables {
    const { tables } = market.book;
    const memory = new MemoryTables();
    const limits = tables.limits.get();
    // What the two schemas have in common goes through the tables of today.
    const common = openTables(memory);
    common.limits.set(limits);
    const app = tables.appsById.get('embed-en');
    if (app === undefined) throw new TypeError('no app');
    common.appsById.set(app.appId, app);
    common.appIdsByModelHash.set(app.modelHash, app.appId);
    const attachment = tables.attachments.get(NODE_A);
    if (attachment !== undefined) common.attachments.set(NODE_A, attachment);
    common.nodesByApp.set(app.appId, [NODE_A]);
    const queue = tables.appQueues.get(app.appId);
    if (queue !== undefined) common.appQueues.set(app.appId, queue);
    const old = memory.reopened();
    const rows = old.table(6, u64Key, storedJobCodec);
    const schedule = old.ordered(12, dueKey, u64Key);
    const entries = old.table(19, oldEntryKey, u64Key);
    for (const { id } of jobs) {
        const stored = tables.jobs.get(id);
        if (stored === undefined) continue;
        const { job, place } = stored;
        const wakeNs = job.lease?.deadlineNs ?? job.createdAtNs + 120n * NS_PER_S;
        const former: Job = { ...job, payer: { ...job.payer }, receiptForm: 1 };
        rows.set(id, { job: former, place, wakeNs } satisfies StoredJob);
        schedule.set({ atNs: wakeNs, id }, id);
        common.loadByPayer.set(job.payer, tables.loadByPayer.get(job.payer) ?? { active: 0, leased: 0 });
        common.inputs.set(id, tables.inputs.get(id) ?? new Uint8Array());
        if (place === undefined) continue;
        entries.set(place, id);
        const flow = tables.flows.get(place.flow);
        if (flow !== undefined) common.flows.set(place.flow, flow);
        common.flowIds.set({ appId: job.appId, lane: job.priority, payer: job.payer }, place.flow);
    }
    old.table(20, principalKey, codecOf(list(u64))).set(NODE_A, tables.leases.get(NODE_A) ?? []);
    const { active, completed, failed, timedOut, cancelled, expired, usualRunNs, nextId } = tables.totals.get();
    const totals = BigUint64Array.of(active, completed, failed, timedOut, cancelled, expired, usualRunNs);
    old.cell('totals', bytesKey, new Uint8Array()).set(new Uint8Array(totals.buffer));
    old.cell('next_job_id', u64Key, 1n).set(nextId);
    old.cell('schema', codecOf(u32), 0).set(5);
    return old;
}

/** A market of schema 5 with a leased job and three that wait, upgraded. */
function upgraded(): { market: Market; book: JobBook; leased: Job; waiting: readonly Job[]; memory: MemoryTables } {
    const market = new Market();
    market.attach(NODE_A);
    market.queued();
    const leased = market.leased(NODE_A);
    const payer = { kind: 'Principal', who: BOB } as const;
    const waiting = [market.queued(), market.queued({ payer, submitter: BOB }), market.queued()];
    const memory = writeSchema5(market, [leased, ...waiting]).reopened();
    const tables = openTables(memory);
    upgradeSchema(memory, SCHEMA_VERSION, migrations(memory, tables));
    return { market, book: new JobBook(tables), leased, waiting, memory };
}

test('an upgrade from schema 5 keeps counts, ids, the queue and its order', () => {
    const { market, book, waiting, memory } = upgraded();
    const { tables } = book;
    expect(tables.totals.get()).toEqual(market.book.tables.totals.get());
    expect(tables.nextJobId.get()).toBe(5n);
    expect(book.queue.length('embed-en')).toBe(3n);
    const after = Object.assign(market, { book });
    const order = after.claim(NODE_A, 8).map(({ id }) => id);
    expect([...order].sort()).toEqual(waiting.map(({ id }) => id));
    expect(order.indexOf(waiting[0]?.id ?? 0n)).toBeLessThan(order.indexOf(waiting[2]?.id ?? 0n));
    expect(book.queue.length('embed-en')).toBe(0n);
    expect(after.queued().id).toBe(5n);
    const again = memory.reopened();
    expect(() => upgradeSchema(again, SCHEMA_VERSION, new Map())).not.toThrow();
});

test('a lease of schema 5 is renewed, completed with the receipt that it had, and ends by its time', () => {
    const { market, book, leased } = upgraded();
    const after = Object.assign(market, { book });
    const held = [{ jobId: leased.id, token: leased.lease?.token ?? 0n }];
    expect(heartbeat(book, NODE_A, held, after.nowNs).extended).toEqual([leased.id]);
    after.advance(59);
    while (book.sweep(after.nowNs, 5));
    expect(after.state(leased)).toBe('Leased');
    const done = after.complete(leased);
    if (!done.ok || done.value.state.kind !== 'Completed') throw new TypeError('not completed');
    const { outputHash, units } = done.value.state;
    const receipt = { jobId: leased.id, attempt: 1, node: NODE_A, outputHash, units };
    expect(receiptHashOf(done.value)).toEqual(firstReceiptHash(receipt));

    const other = upgraded();
    other.market.advance(61);
    while (other.book.sweep(other.market.nowNs, 5));
    expect(other.book.get(other.leased.id)?.state.kind).toBe('Waiting');
});

test('what waits after the upgrade expires by its time', () => {
    const { market, book, waiting } = upgraded();
    market.advance(601);
    while (book.sweep(market.nowNs, 2));
    for (const { id } of waiting) expect(book.get(id)?.state.kind).toBe('Expired');
    expect(book.queue.length('embed-en')).toBe(0n);
});

/** An app as schema 6 wrote it: without a limit of its own. */
type OldApp = Omit<App, 'execLimitS'>;

const oldApp = codecOf(
    record<OldApp>({
        appId: text,
        kind: oneOf(APP_KINDS),
        modelHash: fixedBytes(32),
        unit: text,
        unitPriceCredits: u64,
        maxUnits: u64,
        leaseS: u64,
        developer: principal,
        registeredAtNs: u64
    })
);

/** A market whose apps are written as schema 6 wrote them and which is upgraded, with a lease of each app. */
function upgradedFromSix(apps: Readonly<Record<string, Partial<AppSpec>>>, maxExecS: bigint) {
    const memory = new MemoryTables();
    const before = new Market({ maxExecS }, openTables(memory));
    const names = Object.keys(apps);
    names.forEach((appId, index) =>
        before.registerApp(appId, new Uint8Array(32).fill(100 + index), { ...apps[appId], leaseS: 60n })
    );
    before.attach(NODE_A, 8, names);
    for (const appId of names) before.queued({ appId });
    const leases = before.claim(NODE_A, 8);
    const old = memory.reopened();
    const rows = old.table(0, textKey, oldApp);
    for (const appId of names) {
        const app = before.book.tables.appsById.get(appId);
        if (app !== undefined) rows.set(appId, app);
    }
    old.cell('schema', codecOf(u32), 0).set(6);
    const opened = old.reopened();
    const tables = openTables(opened);
    upgradeSchema(opened, SCHEMA_VERSION, migrations(opened, tables));
    const after = Object.assign(before, { book: new JobBook(tables) });
    return { after, leases, tables };
}

test('an app of schema 6 gets the limit of its kind, and leases that live through the upgrade end by it', () => {
    const { after, leases, tables } = upgradedFromSix({ talk: { kind: 'Chat' }, batch: { kind: 'Other' } }, 3_600n);
    expect(tables.limits.get().maxExecS).toBe(43_200n);
    const limits = ['talk', 'batch'].map((appId) => tables.appsById.get(appId)?.execLimitS);
    expect(limits).toEqual([300n, 7_200n]);
    const held = leases.map(({ id, lease }) => ({ jobId: id, token: lease?.token ?? 0n }));
    const ended: Record<string, bigint> = {};
    for (let beats = 0; beats < 400 && Object.keys(ended).length < 2; beats++) {
        after.advance(30);
        const { unknown } = heartbeat(after.book, NODE_A, held, after.nowNs);
        for (const id of unknown) {
            const job = leases.find((leased) => leased.id === id);
            ended[job?.appId ?? ''] ??= (after.nowNs - GENESIS_NS) / NS_PER_S;
        }
    }
    expect(ended).toEqual({ talk: 300n, batch: 7_200n });
});

test('a limit of all apps that was set at schema 6 bounds their own', () => {
    const { tables } = upgradedFromSix({ batch: { kind: 'Other' } }, 600n);
    const app = tables.appsById.get('batch');
    expect(tables.limits.get().maxExecS).toBe(600n);
    expect(app && execLimitS(app, tables.limits.get())).toBe(600n);
});

/** Bytes of a row without what schema 7 has appended to it. */
function cut(bytes: Uint8Array, count: number): Uint8Array {
    return bytes.slice(0, bytes.length - count);
}

test('nodes, requirements and limits of schema 6 are read as what they meant', () => {
    const memory = new MemoryTables();
    const market = new Market({}, openTables(memory));
    const { tables } = market.book;
    const asked = { minE: 5n, region: 'eu', minVramMib: 0n, quantization: '' };
    market.registerApp('asking', new Uint8Array(32), { requirements: asked });
    market.attach(NODE_A);
    const [attachment, limits] = [tables.attachments.get(NODE_A), tables.limits.get()];
    const raw = memory.reopened();
    const shorten = (table: Table<Uint8Array, Uint8Array>, key: Uint8Array, count: number): void => {
        const row = table.get(key);
        if (row === undefined) throw new TypeError('no row');
        table.set(key, cut(row, count));
    };
    // An empty list, a number and an empty text, and four numbers.
    shorten(raw.table(4, bytesKey, bytesKey), principalKey.encode(NODE_A), 4);
    shorten(raw.table(51, bytesKey, bytesKey), textKey.encode('asking'), 8 + 4);
    const cell = raw.cell('limits', bytesKey, new Uint8Array());
    cell.set(cut(cell.get(), 4 * 8));
    const after = openTables(raw.reopened());
    expect(after.attachments.get(NODE_A)).toEqual(attachment);
    expect(after.requirements.get('asking')).toEqual(asked);
    expect(after.limits.get()).toEqual(limits);
});

test('an upgrade over a version that no step starts from is refused', () => {
    for (const version of [4, 8]) {
        const memory = new MemoryTables();
        memory.cell('schema', codecOf(u32), 0).set(version);
        const steps = migrations(memory, openTables(memory));
        expect(() => upgradeSchema(memory, SCHEMA_VERSION, steps)).toThrow(SchemaMismatch);
    }
});
