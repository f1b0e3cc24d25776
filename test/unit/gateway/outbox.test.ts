import { appendFile, mkdtemp, open as openReal, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { PortUnavailable } from '../../../src/client/asked';
import { AlreadyRunning } from '../../../src/client/process_lock';
import { JournalFile, type JournalHandle } from '../../../src/gateway/journal/journal_file';
import { Outbox, type OutboxFile } from '../../../src/gateway/journal/outbox';
import type { JobRequest } from '../../../src/gateway/ports';
import { APP } from '../compute_gateway/support/market';
import { FakeNetwork, GOOD_KEY, startOn, until } from './support/fakes';

let folder: string;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'deep', 'journal');
const request = (idempotencyKey: string): JobRequest => ({
    appId: APP,
    input: new Uint8Array(),
    maxCredits: 1n,
    idempotencyKey,
    keyHash: new Uint8Array(32).fill(1),
    ttlS: 60n,
    priority: 'Standard'
});

/** Sends what is owed once. */
async function sendOnce(outbox: Outbox): Promise<void> {
    await outbox.run(AbortSignal.abort());
}

interface Entry {
    readonly kind: 'opening' | 'submitted' | 'closed' | 'cancel' | 'cancelled';
    readonly id?: string;
    readonly ours?: boolean;
    readonly jobId?: string;
}

/** Jobs that a crash after these records leaves to be cancelled, worked out the slow way. */
function owedBy(records: readonly Entry[]): bigint[] {
    const has = (kind: Entry['kind'], id?: string) => records.some((other) => other.kind === kind && other.id === id);
    const open = records.filter(({ kind, id }) => {
        const isOurs = records.some((other) => other.kind === 'opening' && other.id === id && other.ours);
        return kind === 'submitted' && isOurs && !has('closed', id);
    });
    const asked = records.filter(({ kind }) => kind === 'cancel');
    return [...new Set([...open, ...asked].map(({ jobId }) => BigInt(jobId ?? '')))];
}

/** A gateway's headers for one embedding. */
function embed(url: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(`${url}/v1/embeddings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${GOOD_KEY}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: APP, input: 'x' }),
        signal
    });
}

test('a journal keeps its records, is private, and leaves out what a crash has torn', async () => {
    const { journal, records } = await JournalFile.open(path());
    expect(records).toEqual([]);
    await Promise.all([journal.append({ a: 1 }), journal.append({ b: 2 })]);
    await journal.append({ c: 3 });
    await journal.close();
    expect((await stat(path())).mode & 0o077).toBe(0);
    const whole = await readFile(path(), 'utf8');
    await writeFile(path(), whole.slice(0, -4));
    const torn = await JournalFile.open(path());
    expect(torn.records).toEqual([{ a: 1 }, { b: 2 }]);
    await torn.journal.append({ d: 4 });
    await torn.journal.close();
    await appendFile(path(), 'no record at all\n');
    const again = await JournalFile.open(path());
    expect(again.records).toEqual([{ a: 1 }, { b: 2 }, { d: 4 }]);
    await again.journal.close();
});

test('a rewritten journal loses nothing that is appended meanwhile', async () => {
    const { journal } = await JournalFile.open(path());
    const state: object[] = [];
    const append = (record: object): Promise<void> => {
        state.push(record);
        return journal.append(record);
    };
    const work: Promise<void>[] = [];
    for (let count = 0; count < 30; count++) {
        work.push(append({ count }));
        if (count % 7 === 0) work.push(journal.rewrite(() => [...state]));
        if (count % 5 === 0) await work[work.length - 1];
    }
    await Promise.all(work);
    await journal.close();
    const { journal: read, records } = await JournalFile.open(path());
    expect(records).toEqual(state);
    await read.close();
});

test('a journal that a living process writes to is not opened; a dead one leaves it to its successor', async () => {
    const { journal } = await JournalFile.open(path());
    await expect(JournalFile.open(path())).rejects.toThrow(AlreadyRunning);
    const lock = JSON.parse(await readFile(`${path()}.lock`, 'utf8')) as object;
    await writeFile(`${path()}.lock`, JSON.stringify({ ...lock, start: 'another process of that number' }));
    const { journal: taken } = await JournalFile.open(path());
    await Promise.all([journal.close(), taken.close()]);
});

test('a cancellation that the canister has not heard is sent again until it has', async () => {
    const network = new FakeNetwork();
    const job = network.market.queued();
    const outbox = new Outbox({ jobs: network });
    network.outages.cancel = 2;
    await outbox.jobs.cancel(job.id);
    expect(outbox.depth).toBe(1);
    await sendOnce(outbox);
    expect(outbox.depth).toBe(1);
    await sendOnce(outbox);
    expect(outbox.depth).toBe(0);
});

test('scenario 25: a crash at any record loses no cancellation and cancels no job that a client may come back for', async () => {
    const kinds = fc.constantFrom('ours', 'theirs', 'refused', 'closed', 'unanswered', 'cancelled');
    await fc.assert(
        fc.asyncProperty(fc.array(kinds, { maxLength: 8 }), fc.nat(30), async (submissions, crashAt) => {
            const log: object[] = [];
            const file: OutboxFile = {
                append: async (record) => void log.push(record),
                rewrite: async (snapshot) => void log.splice(0, log.length, ...snapshot()),
                close: () => Promise.resolve()
            };
            const cancelled = new Set<bigint>();
            const jobs = new FakeNetwork();
            jobs.cancel = async (jobId) => void cancelled.add(jobId);
            // Before the crash the canister cannot be reached.
            const down = Object.assign(new FakeNetwork(), {
                cancel: () => Promise.reject(new PortUnavailable('cancel_job', 'down'))
            });
            const before = new Outbox({ jobs: down, file });
            for (const [index, kind] of submissions.entries()) {
                const jobId = BigInt(index + 1);
                const open = await before.jobs.opening(request(kind === 'theirs' ? `u:${index}` : `g:${index}`));
                if (kind === 'unanswered') open.unanswered();
                else if (kind !== 'refused') open.submitted(jobId);
                if (kind === 'refused' || kind === 'closed') open.closed();
                if (kind === 'cancelled') await before.jobs.cancel(jobId);
            }
            const survived = log.splice(0, crashAt) as Entry[];
            log.splice(0, log.length, ...survived);
            let nowMs = 0;
            const after = new Outbox({ jobs, file, nowMs: () => nowMs });
            await after.recover(survived);
            await sendOnce(after);
            // What may still be executed is looked for again.
            nowMs = 5 * 60_000;
            await sendOnce(after);
            expect(after.depth).toBe(0);
            expect([...cancelled].sort()).toEqual(owedBy(survived).sort());
            // What was owed is struck out: another start owes nothing.
            const third = new Outbox({ jobs, file });
            await third.recover([...log]);
            expect(third.depth).toBe(0);
        }),
        { numRuns: 100 }
    );
});

test('after a crash the jobs of lost clients are called off, also those whose submission was never answered', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const journalFile = path();
    const first = await startOn(network, { journalFile });
    const gone = [embed(first.url), embed(first.url, { 'idempotency-key': 'mine' })];
    await until(() => network.state(1n) === 'Queued' && network.state(2n) === 'Queued');
    // What kill -9 leaves behind: the file as it is, and nobody who answers.
    const records = await readFile(journalFile, 'utf8');
    await network.submit({ ...network.requests[0]!, idempotencyKey: 'g:unanswered' });
    const orphan = { kind: 'opening', id: 'x', keyHash: hashHex(network), key: 'g:unanswered', ours: true };
    const second = join(folder, 'second');
    await writeFile(second, records);
    const copied = await JournalFile.open(second);
    await copied.journal.append(orphan);
    await copied.journal.close();
    network.outages.find = 1;
    const restarted = await startOn(network, { journalFile: second });
    await until(() => network.state(3n) === 'Cancelled');
    const auto = network.requests[0]?.idempotencyKey.startsWith('g:') ? 1n : 2n;
    await until(() => network.state(auto) === 'Cancelled');
    expect(network.state(auto === 1n ? 2n : 1n)).toBe('Queued');
    network.node = 'works';
    await Promise.all(gone);
    await Promise.all([first.close(), restarted.close()]);
});

function hashHex(network: FakeNetwork): string {
    return Buffer.from(network.requests[0]?.keyHash ?? []).toString('hex');
}

test('a gateway that is stopped cuts off who is left after the grace, and tells the canister before it ends', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const gateway = await startOn(network, { shutdownGraceMs: 50, journalFile: path() });
    const pending = embed(gateway.url).catch(() => undefined);
    await until(() => network.state(1n) === 'Queued');
    network.outages.cancel = 1;
    await gateway.close();
    expect(network.state(1n)).toBe('Cancelled');
    await pending;
    const { journal, records } = await JournalFile.open(path());
    const after = new Outbox({ jobs: network });
    await after.recover(records);
    expect(after.depth).toBe(0);
    await journal.close();
});

test('a submission that is executed after its gateway has given it up is found, and its job called off', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    let nowMs = 0;
    const outbox = new Outbox({ jobs: network, nowMs: () => nowMs });
    const late = { ...request('g:late'), input: Uint8Array.of(1), maxCredits: 20n };
    const open = await outbox.jobs.opening(late);
    open.unanswered();
    await sendOnce(outbox);
    expect(outbox.depth).toBe(1);
    await network.submit(late);
    nowMs = 60_000;
    await sendOnce(outbox);
    await sendOnce(outbox);
    expect(network.state(network.lastId())).toBe('Cancelled');
    expect(outbox.depth).toBe(0);
});

test('a request whose submission is never answered has its deadline all the same', async () => {
    const network = new FakeNetwork();
    network.answersAfter.submit = new Promise(() => undefined);
    const gateway = await startOn(network, { limits: { requestMs: 300 } });
    expect((await embed(gateway.url)).status).toBe(504);
    await until(() => network.state(1n) === 'Cancelled');
    await gateway.close();
});

test('a disk that is full for a while stops nothing, and tears no record that is written later', async () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    let fails = 0;
    const openFile = async (name: string): Promise<JournalHandle> => {
        const handle = await openReal(name, 'a', 0o600);
        return {
            async appendFile(text) {
                if (fails-- <= 0) return handle.appendFile(text);
                await handle.appendFile(String(text).slice(0, 10));
                throw full;
            },
            datasync: () => handle.datasync(),
            close: () => handle.close()
        };
    };
    const { journal } = await JournalFile.open(path(), openFile);
    await journal.append({ first: 1 });
    fails = 1;
    await expect(journal.append({ second: 2 })).rejects.toBe(full);
    await journal.append({ third: 3 });
    await journal.close();
    const { journal: next, records } = await JournalFile.open(path());
    expect(records).toEqual([{ first: 1 }, { third: 3 }]);
    await next.close();

    const problems: unknown[] = [];
    let isFull = true;
    const file: OutboxFile = {
        append: () => (isFull ? Promise.reject(full) : Promise.resolve()),
        rewrite: () => Promise.resolve(),
        close: () => Promise.resolve()
    };
    const network = new FakeNetwork();
    network.node = 'idle';
    await network.submit({ ...request('g:0'), input: Uint8Array.of(1), maxCredits: 20n });
    const outbox = new Outbox({ jobs: network, file, onProblem: (failure) => problems.push(failure) });
    const orphan = { kind: 'opening', id: 'x', keyHash: '01'.repeat(32), key: 'g:0', ours: true };
    await outbox.recover([orphan]);
    const stop = new AbortController();
    const running = outbox.run(stop.signal);
    await until(() => problems.length > 0);
    isFull = false;
    await until(() => network.state(1n) === 'Cancelled');
    stop.abort();
    await running;
});
