import { latin1Of } from './candid/utf8';
import type { Codec } from './codec';
import type { Table } from './table';

/**
 * A table that remembers the rows that were read or written last, at most `limit`. Every write goes through. Safe in a
 * canister for the reason that {@link cachedCell} gives; values are never changed in place.
 */
export function cachedTable<K, V>(table: Table<K, V>, nameOf: (key: K) => string | bigint, limit: number): Table<K, V> {
    const rows = new Map<string | bigint, V>();
    const remember = (name: string | bigint, value: V): V => {
        rows.set(name, value);
        if (rows.size > limit) {
            const oldest = rows.keys().next().value;
            if (oldest !== undefined) rows.delete(oldest);
        }
        return value;
    };
    return {
        get(key) {
            const name = nameOf(key);
            const known = rows.get(name);
            if (known !== undefined) return known;
            const value = table.get(key);
            return value === undefined ? undefined : remember(name, value);
        },
        set(key, value) {
            table.set(key, value);
            remember(nameOf(key), value);
        },
        delete(key) {
            table.delete(key);
            rows.delete(nameOf(key));
        },
        has: (key) => rows.has(nameOf(key)) || table.has(key),
        size: () => table.size()
    };
}

/** Names a key by the bytes that the table stores it under. */
export function byBytes<K>(codec: Codec<K>): (key: K) => string {
    return (key) => latin1Of(codec.encode(key));
}

/** Keys that are their own names. */
export function byValue<K extends string | bigint>(key: K): K {
    return key;
}
