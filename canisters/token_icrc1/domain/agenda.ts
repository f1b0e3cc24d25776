import { u64Key } from '../../../src/core/codec';
import type { OrderedTable } from '../../../src/core/table';

const TIME_BYTES = 8;

/** Entries under keys that begin with a time (8 bytes, big endian, ns), so that the earliest is the first. */
export class Agenda<V> {
    /** Earliest time in the table, `none` when it is empty, undefined when it must be looked up. Derived, never stored. */
    private earliest: bigint | 'none' | undefined;

    constructor(private readonly table: OrderedTable<Uint8Array, V>) {}

    get(key: Uint8Array): V | undefined {
        return this.table.get(key);
    }

    size(): number {
        return this.table.size();
    }

    add(key: Uint8Array, value: V): void {
        this.table.set(key, value);
        const time = timeOf(key);
        if (this.earliest === 'none' || (this.earliest !== undefined && time < this.earliest)) this.earliest = time;
    }

    remove(key: Uint8Array): void {
        this.table.delete(key);
        if (this.earliest === timeOf(key)) this.earliest = undefined;
    }

    /** Removes up to `limit` entries whose time is before `beforeNs`, earliest first, and hands out their keys. */
    removeBefore(beforeNs: bigint, limit: number, removed: (key: Uint8Array) => void = () => undefined): void {
        for (let count = 0; count < limit && this.isDue(beforeNs); count++) {
            const key = this.table.firstKey();
            if (key === undefined) return;
            this.remove(key);
            removed(key);
        }
    }

    private isDue(beforeNs: bigint): boolean {
        if (this.earliest === undefined) {
            const key = this.table.firstKey();
            this.earliest = key === undefined ? 'none' : timeOf(key);
        }
        return this.earliest !== 'none' && this.earliest < beforeNs;
    }
}

function timeOf(key: Uint8Array): bigint {
    return u64Key.decode(key.subarray(0, TIME_BYTES));
}

/** The rest of an agenda key, behind its time. */
export function subjectOf(key: Uint8Array): Uint8Array {
    return key.subarray(TIME_BYTES);
}
