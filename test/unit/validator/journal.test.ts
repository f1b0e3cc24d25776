import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '../../../src/validator/journal/file_store';
import { Journal, type Statement } from '../../../src/validator/journal/journal';
import { MemoryJournal } from './fakes';

const CHAIN = 'aa'.repeat(32);
const hash = (byte: string): string => byte.repeat(32);
const statement = (change: Partial<Statement> = {}): Statement => ({
    kind: 'vote',
    height: 5n,
    round: 1,
    hash: hash('11'),
    yes: true,
    ...change
});

test('the same again is allowed, anything else about the same height and round is not', async () => {
    const journal = await Journal.open(new MemoryJournal(), CHAIN);
    expect(await journal.allow(statement())).toBe(true);
    expect(await journal.allow(statement())).toBe(true);
    expect(await journal.allow(statement({ hash: hash('22') }))).toBe(false);
    expect(await journal.allow(statement({ yes: false }))).toBe(false);
    expect(await journal.allow(statement({ round: 2, hash: hash('22') }))).toBe(true);
    expect(await journal.allow(statement({ kind: 'propose', hash: hash('22') }))).toBe(true);
});

test('a crash forgets nothing, and another log is not bound by it', async () => {
    const store = new MemoryJournal();
    await (await Journal.open(store, CHAIN)).allow(statement());
    const again = await Journal.open(store, CHAIN);
    expect(await again.allow(statement({ hash: hash('22') }))).toBe(false);
    expect(await again.allow(statement())).toBe(true);
    expect(store.lines).toHaveLength(1);
    const other = await Journal.open(store, 'bb'.repeat(32));
    expect(await other.allow(statement({ hash: hash('22') }))).toBe(true);
});

test('what could not be written was not said', async () => {
    const store = new MemoryJournal();
    const journal = await Journal.open(store, CHAIN);
    store.failure = new RangeError('disk full');
    await expect(journal.allow(statement())).rejects.toThrow(RangeError);
    store.failure = undefined;
    expect(await journal.allow(statement({ hash: hash('22') }))).toBe(true);
    expect(store.lines).toHaveLength(1);
});

test('two statements at once: the first one binds', async () => {
    const journal = await Journal.open(new MemoryJournal(), CHAIN);
    const both = [journal.allow(statement()), journal.allow(statement({ hash: hash('22') }))];
    expect(await Promise.all(both)).toEqual([true, false]);
});

test('a long journal is written anew, with the recent heights', async () => {
    const store = new MemoryJournal();
    const journal = await Journal.open(store, CHAIN);
    for (let height = 1n; height <= 4_096n; height++) await journal.allow(statement({ height }));
    expect(store.lines).toHaveLength(65);
    const again = await Journal.open(store, CHAIN);
    expect(await again.allow(statement({ height: 4_096n, hash: hash('22') }))).toBe(false);
    expect(await again.allow(statement({ height: 4_032n, hash: hash('22') }))).toBe(false);
});

test('file: readable by its owner only, and half a line of a crash is left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'journal-'));
    try {
        const path = join(folder, 'keys', 'v1.journal');
        expect(await fileStore(path).read()).toEqual([]);
        await (await Journal.open(fileStore(path), CHAIN)).allow(statement());
        if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
        await appendFile(path, `${CHAIN} vote 6 0 22`);
        const after = await Journal.open(fileStore(path), CHAIN);
        expect(await after.allow(statement({ hash: hash('22') }))).toBe(false);
        expect(await after.allow(statement({ height: 6n, round: 0, hash: hash('33') }))).toBe(true);
        const last = await Journal.open(fileStore(path), CHAIN);
        expect(await last.allow(statement({ height: 6n, round: 0, hash: hash('44') }))).toBe(false);
        await fileStore(path).replace(['one', 'two']);
        expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
    } finally {
        await rm(folder, { recursive: true });
    }
});
