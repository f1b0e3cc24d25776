import { StableBTreeMap } from 'azle';
import { bytesKey, type Codec } from '../core/codec';
import {
    cellOver,
    listsOver,
    logOver,
    orderedOver,
    tableOver,
    type ByteStore,
    type Cell,
    type Lists,
    type Log,
    type OrderedTable,
    type Table,
    type TableFactory
} from '../core/table';

/** Memory of all cells of a canister. Tables use the numbers below; 254 belongs to azle. */
const CELLS_MEMORY = 253;

const identity = {
    toBytes: (bytes: Uint8Array): Uint8Array => bytesKey.encode(bytes),
    fromBytes: (bytes: Uint8Array): Uint8Array => bytesKey.decode(bytes)
};

function stableStore(memoryId: number): ByteStore {
    const map = new StableBTreeMap<Uint8Array, Uint8Array>(memoryId, identity, identity);
    return {
        get: (key) => map.get(key),
        set: (key, value) => {
            map.insert(key, value);
        },
        delete: (key) => {
            map.remove(key);
        },
        has: (key) => map.containsKey(key),
        size: () => map.len(),
        // One step of the tree's iterator: the cost does not grow with the table.
        firstKey: () => map.keys(0, 1)[0]
    };
}

/** Tables in stable memory: what they hold survives upgrades without any copying. */
export class StableTables implements TableFactory {
    private readonly cells = stableStore(CELLS_MEMORY);

    table<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): Table<K, V> {
        return tableOver(stableStore(memoryId), key, value);
    }

    ordered<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): OrderedTable<K, V> {
        return orderedOver(stableStore(memoryId), key, value);
    }

    log<V>(memoryId: number, value: Codec<V>): Log<V> {
        return logOver(stableStore(memoryId), value);
    }

    lists<K, V>(memoryId: number, key: Codec<K>, value: Codec<V>): Lists<K, V> {
        return listsOver(stableStore(memoryId), key, value);
    }

    cell<V>(name: string, value: Codec<V>, initial: V): Cell<V> {
        return cellOver(this.cells, name, value, initial);
    }
}
