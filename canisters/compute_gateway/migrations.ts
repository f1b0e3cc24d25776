import { u64Key, type Codec } from '../../src/core/codec';
import type { Migrations } from '../../src/azle/schema';
import type { TableFactory } from '../../src/core/table';
import type { EntryKey } from './domain/fair_queue';
import { DEFAULT_LIMITS } from './domain/limits';
import type { GatewayTables } from './domain/tables';

/** Steps of an upgrade, by the version that they start from. */
export function migrations(factory: TableFactory, tables: GatewayTables): Migrations {
    return new Map([
        [5, () => fromFive(factory, tables)],
        [6, () => fromSix(tables)]
    ]);
}

const COUNTS = 7;

/** The totals of schema 5: seven numbers of 64 bits, little-endian. */
const oldTotals: Codec<BigUint64Array> = {
    encode: (numbers) => new Uint8Array(numbers.slice().buffer),
    decode: (bytes) => new BigUint64Array(bytes.slice().buffer)
};

const oldEntryKey: Codec<EntryKey> = {
    encode({ flow, position }) {
        const bytes = new Uint8Array(16);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, flow);
        view.setBigUint64(8, position);
        return bytes;
    },
    decode(bytes) {
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        return { flow: view.getBigUint64(0), position: view.getBigUint64(8) };
    }
};

/**
 * Schema 6 keeps the totals and the next id in one row, and waiting jobs in pages. Every job has an entry in the schedule still,
 * so none is unseen. Rows of jobs and of leases are read in both forms. Bounded by the jobs that may be unfinished (limit `maxActive`).
 */
function fromFive(factory: TableFactory, tables: GatewayTables): void {
    const count = factory.cell('totals', oldTotals, new BigUint64Array(COUNTS)).get();
    const at = (index: number): bigint => count[index] ?? 0n;
    const nextId = factory.cell('next_job_id', u64Key, 1n).get();
    tables.totals.set({
        active: at(0),
        completed: at(1),
        failed: at(2),
        timedOut: at(3),
        cancelled: at(4),
        expired: at(5),
        usualRunNs: at(6),
        nextId
    });
    tables.nextSeen.set(nextId);
    const entries = factory.ordered(19, oldEntryKey, u64Key);
    for (let key = entries.firstKey(); key !== undefined; key = entries.firstKey()) {
        const id = entries.get(key);
        entries.delete(key);
        if (id !== undefined) tables.flowEntries.set(key, id);
    }
}

/** What schema 6 let every attempt run, in seconds, where nothing else was set. */
const FORMER_EXEC_S = 3_600n;

/**
 * Schema 7 gives each app a limit of its own; apps are read in both forms. What bounded all of them bounds theirs from now on,
 * unless it was never set: batches may run longer than it.
 */
function fromSix(tables: GatewayTables): void {
    const limits = tables.limits.get();
    if (limits.maxExecS !== FORMER_EXEC_S) return;
    tables.limits.set({ ...limits, maxExecS: DEFAULT_LIMITS.maxExecS });
}
