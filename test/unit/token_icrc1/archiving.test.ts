/** Blocks on their way to archives: every message may be lost, repeated or come late (T7). */
import { toHex } from '../../../src/core/bytes';
import { u64Key } from '../../../src/core/codec';
import { MemoryTables } from '../../../src/core/table';
import { accountHistory } from '../../../canisters/token_icrc1/domain/account_history';
import { archivedBlockCodec, ArchivedLog, boundsCodec } from '../../../canisters/token_icrc1/domain/archived_log';
import type { AppendAnswer, ArchiveStep } from '../../../canisters/token_icrc1/domain/archiving';
import { locate } from '../../../canisters/token_icrc1/domain/block_ranges';
import { account, ALICE, BOB, MINTER, TestLedger } from './fixture';

const OPTIONS = { triggerThreshold: 10n, blocksPerCall: 4n, blocksPerArchive: 12n, cyclesForCreation: 5n };
const MODULE = { hash: new Uint8Array(32), chunks: [new Uint8Array(32)] };
type Append = Extract<ArchiveStep, { kind: 'append' }>;

function archive(capacity = 12n, start = 0n): ArchivedLog {
    const tables = new MemoryTables();
    const bounds = tables.cell('bounds', boundsCodec, { start: 0n, next: 0n });
    const log = new ArchivedLog(tables.table(0, u64Key, archivedBlockCodec), bounds, () => capacity);
    log.begin(start);
    return log;
}

/** A ledger with so many hashed blocks. */
function ledgerOf(blocks: number): TestLedger {
    const ledger = new TestLedger();
    ledger.storage.archiving.configure({ options: OPTIONS });
    ledger.storage.archiving.configure({ module: MODULE });
    for (let i = 0; i < blocks; i++) ledger.with(ALICE, BigInt(i));
    while (ledger.storage.books.chain.extend());
    return ledger;
}

const nextAppend = (ledger: TestLedger): Append => {
    const step = ledger.storage.archiving.next();
    if (step?.kind !== 'append') throw new Error(`expected an append, got ${step?.kind}`);
    return step;
};

function answerOf(log: ArchivedLog, step: Append): AppendAnswer {
    const result = log.append(step);
    if (result.ok) return { kind: 'holds', end: result.value };
    return result.error.kind === 'full'
        ? { kind: 'full', end: result.error.next }
        : { kind: 'refused', reason: result.error.kind };
}

test('an archive is created, given its code, and fed; each step is the same until its outcome is known', () => {
    const ledger = ledgerOf(40);
    const { archiving, books } = ledger.storage;
    expect(archiving.next()).toEqual({ kind: 'create', cycles: 5n, controllers: [] });
    expect(archiving.next()).toEqual({ kind: 'create', cycles: 5n, controllers: [] });
    archiving.created(account(50).owner);
    expect(archiving.next()).toMatchObject({ kind: 'install', canister: account(50).owner, start: 0n });
    ledger.upgrade();
    expect(ledger.storage.archiving.next()).toMatchObject({ kind: 'install', canister: account(50).owner });
    ledger.storage.archiving.installed(account(50).owner, 0n);
    expect(nextAppend(ledger)).toMatchObject({ start: 0n, parentHash: undefined });
    expect(nextAppend(ledger).blocks).toHaveLength(4);
    expect(books.journal.firstIndex()).toBe(0n);
});

test('a call carries no more bytes than the option allows, but one block at least', () => {
    const ledger = ledgerOf(40);
    const { archiving, books } = ledger.storage;
    archiving.created(account(50).owner);
    archiving.installed(account(50).owner, 0n);
    const bytesOf = (index: bigint): bigint => BigInt((books.journal.bytes(index)?.length ?? 0) + 32);
    const carried = (bytesPerCall: bigint): number => {
        archiving.configure({ options: { ...OPTIONS, limits: { moreControllers: [], bytesPerCall } } });
        return nextAppend(ledger).blocks.length;
    };
    const three = bytesOf(0n) + bytesOf(1n) + bytesOf(2n);
    expect([carried(0n), carried(three - 1n), carried(three), carried(2n ** 63n)]).toEqual([1, 2, 3, 4]);
});

test('without options, without code, or below the threshold nothing is to be done', () => {
    const ledger = ledgerOf(10);
    expect(ledger.storage.archiving.next()).toBeUndefined();
    ledger.with(BOB, 1n);
    expect(ledger.storage.archiving.next()).toBeUndefined();
    ledger.storage.books.chain.extend();
    expect(ledger.storage.archiving.next()).toBeDefined();
    ledger.storage.archiving.configure({ options: undefined });
    expect(ledger.storage.archiving.next()).toBeUndefined();
});

test('all blocks but the kept ones arrive, in as many archives as they need, which answer for them', () => {
    const ledger = ledgerOf(40);
    const logs: ArchivedLog[] = [];
    for (let step = ledger.storage.archiving.next(); step; step = ledger.storage.archiving.next()) {
        const { archiving } = ledger.storage;
        if (step.kind === 'create') archiving.created(account(60 + logs.length).owner);
        else if (step.kind === 'install') {
            logs.push(archive(12n, step.start));
            archiving.installed(step.canister, step.start);
        } else expect(archiving.appended(step, answerOf(logs.at(-1) ?? archive(), step))).toBe(true);
    }
    const { journal, archives } = ledger.storage.books;
    expect(archives.all().map(({ start, end }) => [start, end])).toEqual([
        [0n, 12n],
        [12n, 24n],
        [24n, 30n]
    ]);
    expect([journal.firstIndex(), journal.length()]).toEqual([30n, 40n]);
    const history = accountHistory(ledger.storage.books, ALICE, undefined, 100n);
    expect(history.transactions.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, i) => BigInt(39 - i)));
    for (const { id, block } of history.transactions) {
        const held = logs.map((log) => log.bytes(id)).find((bytes) => bytes !== undefined);
        expect(held === undefined ? id >= 30n : toHex(held) === toHex(journal.bytes(id) ?? new Uint8Array())).toBe(
            true
        );
        expect(block.transaction).toMatchObject({ kind: 'mint', to: ALICE });
    }
    ledger.upgrade();
    expect(ledger.storage.books.journal.length()).toBe(40n);
    expect(ledger.transfer({ from: MINTER, to: BOB, amount: 1n })).toEqual({ ok: true, value: 40n });
});

test('a lost answer: the same blocks come again, and are held once', () => {
    const ledger = ledgerOf(40);
    ledger.storage.archiving.installed(account(50).owner, 0n);
    const log = archive(100n);
    const step = nextAppend(ledger);
    expect(answerOf(log, step)).toEqual({ kind: 'holds', end: 4n });
    expect(nextAppend(ledger)).toEqual(step);
    expect(answerOf(log, step)).toEqual({ kind: 'holds', end: 4n });
    expect([log.bounds().next, log.remaining()]).toEqual([4n, 96n]);
    expect(log.bytes(3n)).toEqual(step.blocks[3]?.block);
    expect(ledger.storage.archiving.appended(step, { kind: 'holds', end: 4n })).toBe(true);
    expect(nextAppend(ledger)).toMatchObject({ start: 4n });
});

test('a request that overlaps adds only what is new', () => {
    const ledger = ledgerOf(40);
    ledger.storage.archiving.installed(account(50).owner, 0n);
    const log = archive(100n);
    const step = nextAppend(ledger);
    expect(log.append({ ...step, blocks: step.blocks.slice(0, 2) })).toEqual({ ok: true, value: 2n });
    expect(log.append(step)).toEqual({ ok: true, value: 4n });
    expect(toHex(log.parentHash(3n) ?? new Uint8Array())).toBe(toHex(step.blocks[2]?.hash ?? new Uint8Array()));
});

test('an archive takes nothing with a gap, with another parent, or that contradicts what it holds', () => {
    const ledger = ledgerOf(40);
    ledger.storage.archiving.installed(account(50).owner, 0n);
    const log = archive(100n);
    const step = nextAppend(ledger);
    log.append(step);
    expect(log.append({ ...step, start: 5n })).toEqual({ ok: false, error: { kind: 'gap', next: 4n } });
    const foreign = { start: 4n, parentHash: new Uint8Array(32), blocks: step.blocks };
    expect(log.append(foreign)).toEqual({ ok: false, error: { kind: 'other_parent', at: 4n } });
    expect(log.append({ ...step, blocks: [...step.blocks].reverse() })).toMatchObject({
        error: { kind: 'other_parent', at: 0n }
    });
    expect(log.bounds().next).toBe(4n);
});

test('a full archive keeps what it has, and the next one goes on behind it', () => {
    const ledger = ledgerOf(40);
    ledger.storage.archiving.installed(account(50).owner, 0n);
    const log = archive(6n);
    const { archiving } = ledger.storage;
    expect(archiving.appended(nextAppend(ledger), answerOf(log, nextAppend(ledger)))).toBe(true);
    const refusedStep = nextAppend(ledger);
    expect(answerOf(log, refusedStep)).toEqual({ kind: 'full', end: 4n });
    expect(archiving.appended(refusedStep, { kind: 'full', end: 4n })).toBe(true);
    expect(archiving.next()).toMatchObject({ kind: 'create' });
    archiving.created(account(51).owner);
    expect(archiving.next()).toMatchObject({ kind: 'install', start: 4n });
});

test('T7: no answer but a confirmation removes a block, and none removes what was not sent', () => {
    const ledger = ledgerOf(40);
    ledger.storage.archiving.installed(account(50).owner, 0n);
    const { archiving, books } = ledger.storage;
    const step = nextAppend(ledger);
    expect(archiving.appended(step, { kind: 'refused', reason: 'stopped' })).toBe(false);
    expect(archiving.appended(step, { kind: 'holds', end: 1_000n })).toBe(false);
    expect([books.journal.firstIndex(), books.archives.last()?.end]).toEqual([0n, 0n]);
});

test('ranges are split by where their blocks are', () => {
    const bounds = { first: 30n, end: 50n };
    expect(locate([{ start: 25n, length: 10n }], bounds, 100n)).toEqual({
        local: [{ start: 30n, end: 35n }],
        archived: [{ start: 25n, end: 30n }],
        first: 30n
    });
    expect(locate([{ start: 48n, length: 2n ** 80n }], bounds, 100n).local).toEqual([{ start: 48n, end: 50n }]);
    expect(locate([{ start: 2n ** 80n, length: 1n }], bounds, 100n)).toEqual({ local: [], archived: [], first: 50n });
    expect(locate([{ start: 0n, length: 5n }], bounds, 100n)).toEqual({
        local: [],
        archived: [{ start: 0n, end: 5n }],
        first: 30n
    });
    expect(
        locate(
            [
                { start: 30n, length: 15n },
                { start: 31n, length: 15n }
            ],
            bounds,
            20n
        ).local
    ).toEqual([
        { start: 30n, end: 45n },
        { start: 31n, end: 36n }
    ]);
});
