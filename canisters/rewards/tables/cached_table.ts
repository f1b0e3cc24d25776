import type { Table } from '../../../src/core/table';

/**
 * A table of a few rows that are read in every message: each is decoded once and then remembered. Safe as a cached cell is: a
 * message that traps takes the memory of its program back together with stable memory, and an upgrade begins with nothing
 * remembered.
 */
export function cachedTable<K extends string, V>(table: Table<K, V>): Table<K, V> {
    const known = new Map<K, V>();
    return {
        get(key) {
            const row = known.get(key) ?? table.get(key);
            if (row !== undefined) known.set(key, row);
            return row;
        },
        set(key, value) {
            table.set(key, value);
            known.set(key, value);
        },
        delete(key) {
            table.delete(key);
            known.delete(key);
        },
        has: (key) => known.has(key) || table.has(key),
        size: () => table.size()
    };
}
