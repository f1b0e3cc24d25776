import { StableBTreeMap } from 'azle';
import { bytesKey } from '../core/codec';
import { StoreTables, type ByteStore } from '../core/table';

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
export class StableTables extends StoreTables {
    constructor() {
        const cells = stableStore(CELLS_MEMORY);
        super(() => cells);
    }

    protected store(memoryId: number): ByteStore {
        return stableStore(memoryId);
    }
}
