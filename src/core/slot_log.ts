/**
 * A log whose last word is not append: rows that turned out to mean nothing are dropped, and their numbers are used again, so
 * that neither the table nor what walks over its numbers grows by them.
 */
import { invariant } from './assert';
import type { Cell, Log, Table } from './table';

/** A log that can drop rows. `length` is the number after the highest one ever in use; a dropped number has no row. */
export interface SlotLog<V> extends Log<V> {
    /** The number that the next append will get. */
    next(): bigint;
    /** Takes a row away for good; a later append may get its number. */
    drop(index: bigint): void;
}

/**
 * A log over a table keyed by the numbers, and the numbers that are free. The table may be one that {@link Log} wrote: its keys
 * are the same.
 */
export function slotLog<V>(rows: Table<bigint, V>, free: Cell<readonly bigint[]>): SlotLog<V> {
    const length = (): bigint => BigInt(rows.size() + free.get().length);
    const next = (): bigint => {
        const freed = free.get();
        return freed[freed.length - 1] ?? length();
    };
    return {
        length,
        next,
        get: (index) => rows.get(index),
        append(row) {
            const index = next();
            const freed = free.get();
            if (freed.length > 0) free.set(freed.slice(0, -1));
            rows.set(index, row);
            return index;
        },
        replace(index, row) {
            invariant(rows.has(index), 'log', `entry ${index} does not exist`);
            rows.set(index, row);
        },
        drop(index) {
            if (!rows.has(index)) return;
            rows.delete(index);
            free.set([...free.get(), index]);
        }
    };
}
