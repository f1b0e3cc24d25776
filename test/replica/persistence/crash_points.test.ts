/** Whatever moment a process ends at: what was recorded whole is there, and nothing of what was not. */
import fs, { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternetComputer } from '../../../src/replica/ic';
import { reader, withFile } from '../../../src/replica/persistence/files';
import { readRecords } from '../../../src/replica/persistence/records';
import { StateStore } from '../../../src/replica/persistence/state_store';
import * as s from '../ic/support/script';
import { stateOf } from '../ic/support/state';
import { networkConfig, replied, scripted, TestNetwork } from '../ic/support/network';

let wasm: Uint8Array;
let folder: string;
beforeAll(async () => {
    wasm = await scripted();
});
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-crash-'));
});
afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
});

interface Kept {
    readonly network: TestNetwork;
    readonly store: StateStore;
    /** Writes the state down as an idle network does. */
    checkpoint(): void;
}

/** A network in a folder, as a session opens it. */
function open(path: string, durable = false): Kept {
    const store = new StateStore(path, durable);
    const ic = new InternetComputer(networkConfig, [], store.load()?.network);
    store.resume((input) => ic.replay(input));
    ic.recordInputs((input) => store.record(input));
    const checkpoint = (): void => store.checkpoint(() => ({ network: ic.image(), system: undefined }));
    return { network: new TestNetwork(ic), store, checkpoint };
}

/** A canister whose counter and stable memory have changed, some of it before a checkpoint. */
function lived(path: string): { readonly kept: Kept; readonly canisterId: Uint8Array } {
    const kept = open(path);
    const canisterId = kept.network.deploy(wasm);
    replied(kept.network.run(canisterId, s.seq(s.add(7), s.stableWrite('early'), s.reply())));
    kept.checkpoint();
    replied(kept.network.run(canisterId, s.seq(s.add(1), s.stableWrite('later'), s.reply())));
    return { kept, canisterId };
}

test('journal: cut at any byte of its last record, it gives the state before that record, and goes on from there', () => {
    const origin = join(folder, 'origin');
    fs.mkdirSync(origin);
    const { kept, canisterId } = lived(origin);
    const before = stateOf(kept.network);
    kept.network.ic.addCycles(canisterId, 123n);
    const after = stateOf(kept.network);
    kept.store.close();
    const journal = join(origin, 'journal-1');
    const ends = withFile(journal, 'r', (file) => [...readRecords(reader(file), 0)].map(({ end }) => end));
    const [start, end] = ends.slice(-2) as [number, number];
    expect(readFileSync(journal)).toHaveLength(end);
    for (let size = start; size <= end; size += 1) {
        const copy = join(folder, 'copy');
        cpSync(origin, copy, { recursive: true });
        truncateSync(join(copy, 'journal-1'), size);
        const reopened = open(copy);
        expect(stateOf(reopened.network)).toEqual(size === end ? after : before);
        // What is recorded now is not behind garbage.
        reopened.network.ic.addCycles(canisterId, 5n);
        const gone = stateOf(reopened.network);
        reopened.store.close();
        const again = open(copy);
        expect(stateOf(again.network)).toEqual(gone);
        again.store.close();
        rmSync(copy, { recursive: true });
    }
});

class Crash extends Error {}

/** What changes files; those that write a journal or checkpoint are among them. */
const changing = ['openSync', 'writevSync', 'fsyncSync', 'ftruncateSync', 'renameSync', 'rmSync'] as const;

/** From now on the process may change files so many times; then it is dead. Returns how often it did. */
function dieAfter(changes: number): { count: number } {
    const seen = { count: 0 };
    for (const name of changing) {
        const real = fs[name] as (...args: unknown[]) => unknown;
        jest.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
            if (seen.count >= changes) throw new Crash(name);
            seen.count += 1;
            return real(...args);
        }) as never);
    }
    return seen;
}

test('checkpoint: a process that dies between any two of its steps leaves the same state behind', () => {
    const origin = join(folder, 'origin');
    fs.mkdirSync(origin);
    const { kept } = lived(origin);
    const state = stateOf(kept.network);
    kept.store.close();
    let steps = 0;
    for (let survived = false; !survived; steps += 1) {
        const copy = join(folder, `copy-${steps}`);
        cpSync(origin, copy, { recursive: true });
        const dying = open(copy);
        const seen = dieAfter(steps);
        try {
            dying.checkpoint();
            survived = true;
        } catch (error) {
            if (!(error instanceof Crash)) throw error;
        }
        jest.restoreAllMocks();
        const reopened = open(copy);
        expect(stateOf(reopened.network)).toEqual(state);
        expect(seen.count).toBe(steps);
        reopened.store.close();
        // The next start has tidied up: one pair, and nothing half written.
        expect(readdirSync(copy).filter((name) => /^(checkpoint|journal)/.test(name))).toHaveLength(2);
    }
    // Staging, records, syncs, renaming, the new journal, two removals.
    expect(steps).toBeGreaterThan(10);
});

test('durable: every record is on the disk before anything follows from it; otherwise when the system likes', () => {
    const synced = jest.spyOn(fs, 'fdatasyncSync');
    const written = jest.spyOn(fs, 'writevSync');
    for (const [durable, syncsPerRecord] of [
        [false, 0],
        [true, 1]
    ] as const) {
        const path = join(folder, String(durable));
        fs.mkdirSync(path);
        const { network, store } = open(path, durable);
        synced.mockClear();
        written.mockClear();
        replied(network.run(network.deploy(wasm), s.reply()));
        const records = withFile(join(path, 'journal-0'), 'r', (file) => [...readRecords(reader(file), 0)].length);
        expect(records).toBeGreaterThan(3);
        expect(synced).toHaveBeenCalledTimes(records * syncsPerRecord);
        const order = synced.mock.invocationCallOrder.map((call) => ({ call, kind: 'sync' }));
        const all = [...order, ...written.mock.invocationCallOrder.map((call) => ({ call, kind: 'write' }))];
        const kinds = all.sort((a, b) => a.call - b.call).map(({ kind }) => kind);
        if (durable) expect(kinds).toEqual(kinds.map((_, i) => (i % 2 === 0 ? 'write' : 'sync')));
        store.close();
    }
});

test('genesis and journals of a durable network are whole files in a synced folder', () => {
    const synced = jest.spyOn(fs, 'fsyncSync');
    const store = new StateStore(folder, true);
    expect(store.genesisNs(() => 7n)).toBe(7n);
    store.resume(() => undefined);
    expect(synced).toHaveBeenCalled();
    store.close();
    writeFileSync(join(folder, 'genesis.new'), 'half');
    expect(new StateStore(folder).genesisNs(() => 8n)).toBe(7n);
});
