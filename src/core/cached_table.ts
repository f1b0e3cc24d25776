import { latin1Of } from './candid/utf8';
import type { Codec } from './codec';
import type { Table } from './table';

/**
 * A table that remembers the rows that were read or written last, at least `limit` and at most twice as many: when the young
 * ones are `limit`, they become the old ones, and what was old is forgotten. Every write goes through. Safe in a canister for
 * the reason that {@link cachedCell} gives; values are never changed in place.
 */
export function cachedTable<K, V>(table: Table<K, V>, nameOf: (key: K) => string | bigint, limit: number): Table<K, V> {
    let young = new Map<string | bigint, V>();
    let old = new Map<string | bigint, V>();
    const remember = (name: string | bigint, value: V): V => {
        if (young.size >= limit) {
            old = young;
            young = new Map();
        }
        young.set(name, value);
        return value;
    };
    return {
        get(key) {
            const name = nameOf(key);
            const known = young.get(name);
            if (known !== undefined) return known;
            const value = old.get(name) ?? table.get(key);
            return value === undefined ? undefined : remember(name, value);
        },
        set(key, value) {
            table.set(key, value);
            remember(nameOf(key), value);
        },
        delete(key) {
            table.delete(key);
            const name = nameOf(key);
            young.delete(name);
            old.delete(name);
        },
        has(key) {
            const name = nameOf(key);
            return young.has(name) || old.has(name) || table.has(key);
        },
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
