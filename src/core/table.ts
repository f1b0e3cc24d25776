import { compareBytes, toHex } from './bytes';
import type { Codec } from './codec';
import { invariant } from './assert';

/**
 * A keyed table. There is no way to list it: what must be listed keeps an index of its own
 * (a {@link Log}, or keys that name their neighbours), so that no cost grows unseen.
 */
export interface Table<K, V> {
    get(key: K): V | undefined;
    set(key: K, value: V): void;
    delete(key: K): void;
    has(key: K): boolean;
    size(): number;
}

/** A table whose rows are written once. */
export interface OnceTable<K, V> extends Table<K, V> {
    /** Writes the row of a key that has none; false, and nothing changes, when it has one. */
    add(key: K, value: V): boolean;
}

/** A table that also tells its smallest key: what is due next, when keys begin with a time. */
export interface OrderedTable<K, V> extends Table<K, V> {
    firstKey(): K | undefined;
}

/** An append-only sequence, indexed from 0. */
export interface Log<V> {
    length(): bigint;
    get(index: bigint): V | undefined;
    append(value: V): bigint;
    /** Replaces an existing entry. */
    replace(index: bigint, value: V): void;
}

/** Many append-only sequences in one memory, one per key: what belongs to an owner, in order. */
export interface Lists<K, V> {
    length(key: K): bigint;
    get(key: K, index: bigint): V | undefined;
    append(key: K, value: V): bigint;
    /** Appends in order; the list's length is read and written once. */
    appendAll(key: K, values: readonly V[]): void;
}

/** One stored value with a default. */
export interface Cell<V> {
    get(): V;
    set(value: V): void;
}

/** Makes the tables of one canister; storage lists them, so that the same list runs on stable memory and in a test. */
export interface TableFactory {
    table<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): Table<K, V>;
    once<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): OnceTable<K, V>;
    ordered<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): OrderedTable<K, V>;
    log<V>(memoryId: number, value: Codec<V>): Log<V>;
    lists<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): Lists<K, V>;
    /** Cells share one memory; each has its own name. */
    cell<V>(name: string, value: Codec<V>, initial: V): Cell<V>;
}

/** A cell in a memory of its own, for what nearly every message writes: the memory of all cells holds longer rows. */
export function onlyRow<V>(rows: Table<Uint8Array, V>, initial: V): Cell<V> {
    const key = new Uint8Array(1);
    return { get: () => rows.get(key) ?? initial, set: (value) => rows.set(key, value) };
}

/** A table over raw bytes: what a store must offer. */
export interface ByteStore {
    get(key: Uint8Array): Uint8Array | undefined;
    set(key: Uint8Array, value: Uint8Array): void;
    /** Writes a key that is not there; whether it was not. */
    add(key: Uint8Array, value: Uint8Array): boolean;
    delete(key: Uint8Array): void;
    has(key: Uint8Array): boolean;
    size(): number;
    /** The smallest key in byte order. */
    firstKey(): Uint8Array | undefined;
}

const indexKey = (index: bigint): Uint8Array => {
    const key = new Uint8Array(8);
    new DataView(key.buffer).setBigUint64(0, index);
    return key;
};

/** A typed table over a byte store. */
export function tableOver<K, V>(store: ByteStore, key: Codec<K>, value: Codec<V>): Table<K, V> {
    return {
        get(k) {
            const bytes = store.get(key.encode(k));
            return bytes === undefined ? undefined : value.decode(bytes);
        },
        set: (k, v) => store.set(key.encode(k), value.encode(v)),
        delete: (k) => store.delete(key.encode(k)),
        has: (k) => store.has(key.encode(k)),
        size: () => store.size()
    };
}

/** A typed table over a byte store, with rows that are written once. */
export function onceOver<K, V>(store: ByteStore, key: Codec<K>, value: Codec<V>): OnceTable<K, V> {
    return {
        ...tableOver(store, key, value),
        add: (k, v) => store.add(key.encode(k), value.encode(v))
    };
}

/** A typed table over a byte store, with its smallest key. */
export function orderedOver<K, V>(store: ByteStore, key: Codec<K>, value: Codec<V>): OrderedTable<K, V> {
    return {
        ...tableOver(store, key, value),
        firstKey() {
            const bytes = store.firstKey();
            return bytes === undefined ? undefined : key.decode(bytes);
        }
    };
}

/** A log over a byte store. Entries are never removed, so the store's size is the next index. */
export function logOver<V>(store: ByteStore, value: Codec<V>): Log<V> {
    const length = (): bigint => BigInt(store.size());
    return {
        length,
        get(index) {
            const bytes = store.get(indexKey(index));
            return bytes === undefined ? undefined : value.decode(bytes);
        },
        append(v) {
            const index = length();
            store.set(indexKey(index), value.encode(v));
            return index;
        },
        replace(index, v) {
            invariant(index < length(), 'log', `entry ${index} does not exist`);
            store.set(indexKey(index), value.encode(v));
        }
    };
}

const readU64 = (bytes: Uint8Array): bigint => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);

const LENGTH_INDEX = 0xffffffffffffffffn;

/** Lists over a byte store. The entry behind the last possible index holds the list's length. */
export function listsOver<K, V>(store: ByteStore, key: Codec<K>, value: Codec<V>): Lists<K, V> {
    /** Key of an entry of the list whose key is encoded already. */
    const entryKey = (list: Uint8Array, index: bigint): Uint8Array => {
        const bytes = new Uint8Array(list.length + 8);
        bytes.set(list);
        new DataView(bytes.buffer).setBigUint64(list.length, index);
        return bytes;
    };
    const lengthOf = (list: Uint8Array): bigint => {
        const bytes = store.get(entryKey(list, LENGTH_INDEX));
        return bytes === undefined ? 0n : readU64(bytes);
    };
    return {
        length: (k) => lengthOf(key.encode(k)),
        get(k, index) {
            if (index === LENGTH_INDEX) return undefined;
            const bytes = store.get(entryKey(key.encode(k), index));
            return bytes === undefined ? undefined : value.decode(bytes);
        },
        append(k, v) {
            const list = key.encode(k);
            const index = lengthOf(list);
            store.set(entryKey(list, index), value.encode(v));
            store.set(entryKey(list, LENGTH_INDEX), indexKey(index + 1n));
            return index;
        },
        appendAll(k, values) {
            const list = key.encode(k);
            let index = lengthOf(list);
            for (let i = 0; i < values.length; i++) {
                const v = values[i];
                if (v !== undefined) store.set(entryKey(list, index++), value.encode(v));
            }
            store.set(entryKey(list, LENGTH_INDEX), indexKey(index));
        }
    };
}

const encoder = new TextEncoder();

export function cellOver<V>(store: ByteStore, name: string, value: Codec<V>, initial: V): Cell<V> {
    const key = encoder.encode(name);
    return {
        get() {
            const bytes = store.get(key);
            return bytes === undefined ? initial : value.decode(bytes);
        },
        set: (v) => store.set(key, value.encode(v))
    };
}

/** Byte store in memory, for tests of domain logic. Values are copied in and out, as stable memory does. */
export class MemoryStore implements ByteStore {
    private readonly entries = new Map<string, { key: Uint8Array; value: Uint8Array }>();

    get(key: Uint8Array): Uint8Array | undefined {
        return this.entries.get(toHex(key))?.value.slice();
    }

    set(key: Uint8Array, value: Uint8Array): void {
        this.entries.set(toHex(key), { key: key.slice(), value: value.slice() });
    }

    add(key: Uint8Array, value: Uint8Array): boolean {
        if (this.has(key)) return false;
        this.set(key, value);
        return true;
    }

    delete(key: Uint8Array): void {
        this.entries.delete(toHex(key));
    }

    has(key: Uint8Array): boolean {
        return this.entries.has(toHex(key));
    }

    size(): number {
        return this.entries.size;
    }

    firstKey(): Uint8Array | undefined {
        let first: Uint8Array | undefined;
        for (const { key } of this.entries.values()) {
            if (first === undefined || compareBytes(key, first) < 0) first = key;
        }
        return first?.slice();
    }

    /** All entries in key order: for assertions in tests. */
    sorted(): readonly { key: Uint8Array; value: Uint8Array }[] {
        return [...this.entries.values()].sort((a, b) => compareBytes(a.key, b.key));
    }
}

/** The tables of a factory, over the stores that it has for the memories and for its cells. */
export abstract class StoreTables implements TableFactory {
    /** @param cellStore the store of all cells */
    protected constructor(private readonly cellStore: () => ByteStore) {}

    table<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): Table<K, V> {
        return tableOver(this.store(memoryId), key, value);
    }

    once<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): OnceTable<K, V> {
        return onceOver(this.store(memoryId), key, value);
    }

    ordered<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): OrderedTable<K, V> {
        return orderedOver(this.store(memoryId), key, value);
    }

    log<V>(memoryId: number, value: Codec<V>): Log<V> {
        return logOver(this.store(memoryId), value);
    }

    lists<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): Lists<K, V> {
        return listsOver(this.store(memoryId), key, value);
    }

    cell<V>(name: string, value: Codec<V>, initial: V): Cell<V> {
        return cellOver(this.cellStore(), name, value, initial);
    }

    /** The store of a memory. */
    protected abstract store(memoryId: number): ByteStore;
}

/** Tables in memory with the codecs of the real ones. */
export class MemoryTables extends StoreTables {
    private readonly opened = new Set<number>();

    constructor(
        private readonly stores = new Map<number, MemoryStore>(),
        private readonly cells = new MemoryStore()
    ) {
        super(() => cells);
    }

    /** The same memory for new code to open: what an upgrade does. */
    reopened(): MemoryTables {
        return new MemoryTables(this.stores, this.cells);
    }

    protected store(memoryId: number): ByteStore {
        invariant(!this.opened.has(memoryId), 'storage', `memory ${memoryId} is used twice`);
        this.opened.add(memoryId);
        const store = this.stores.get(memoryId) ?? new MemoryStore();
        this.stores.set(memoryId, store);
        return store;
    }
}
