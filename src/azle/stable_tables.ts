import { StableBTreeMap } from 'azle';
import { bytesKey } from '../core/codec';
import { StoreTables, type ByteStore } from '../core/table';

/** Memory of all cells of a canister. Tables use the numbers below; 254 belongs to azle. */
const CELLS_MEMORY = 253;

const identity = {
    toBytes: (bytes: Uint8Array): Uint8Array => bytesKey.encode(bytes),
    fromBytes: (bytes: Uint8Array): Uint8Array => bytesKey.decode(bytes)
};

/** A tree is walked once when it is written at once: the row that it had, if any, is what it answers, and is put back. */
function isNew(before: Uint8Array | undefined, putBack: (before: Uint8Array) => void): boolean {
    if (before === undefined) return true;
    putBack(before);
    return false;
}

function stableStore(memoryId: number): ByteStore {
    const map = new StableBTreeMap<Uint8Array, Uint8Array>(memoryId, identity, identity);
    const mapStore: ByteStore = {
        get: (key) => map.get(key),
        set: (key, value) => {
            map.insert(key, value);
        },
        add: (key, value) => isNew(map.insert(key, value) ?? undefined, (before) => map.insert(key, before)),
        delete: (key) => {
            map.remove(key);
        },
        has: (key) => map.containsKey(key),
        size: () => map.len(),
        // One step of the tree's iterator: the cost does not grow with the table.
        firstKey: () => map.keys(0, 1)[0]
    };
    const { _azleIc: native } = globalThis as { readonly _azleIc?: NativeMaps };
    return native === undefined ? mapStore : { ...mapStore, ...nativeStore(memoryId, native) };
}

/** What Azle 0.33 calls for a map whose keys and values are bytes already; internal to it, so nothing here is relied on. */
interface NativeMaps {
    readonly stableBTreeMapGet?: (memoryId: number, key: Uint8Array) => Uint8Array | undefined;
    readonly stableBTreeMapInsert?: (memoryId: number, key: Uint8Array, value: Uint8Array) => Uint8Array | undefined;
    readonly stableBTreeMapRemove?: (memoryId: number, key: Uint8Array) => Uint8Array | undefined;
}

/**
 * The same map without the class around it, which costs 12 000 instructions per call. Where Azle keeps its maps elsewhere, the
 * class serves. Keys and values are copied before the call returns.
 */
function nativeStore(memoryId: number, native: NativeMaps): Partial<ByteStore> {
    const { stableBTreeMapGet: get, stableBTreeMapInsert: insert, stableBTreeMapRemove: remove } = native;
    if (get === undefined || insert === undefined || remove === undefined) return {};
    return {
        get: (key) => get(memoryId, key),
        set(key, value) {
            insert(memoryId, key, value);
        },
        add: (key, value) => isNew(insert(memoryId, key, value), (before) => insert(memoryId, key, before)),
        delete(key) {
            remove(memoryId, key);
        }
    };
}

/** Tables in stable memory: what they hold survives upgrades without any copying. */
export class StableTables extends StoreTables {
    constructor() {
        const cells = stableStore(CELLS_MEMORY);
        super(() => cells);
    }

    protected store(memoryId: number): ByteStore {
        return stableStore(memoryId);
    }
}
