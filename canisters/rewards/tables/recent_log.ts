import type { SlotLog } from '../../../src/core/slot_log';
import type { Log } from '../../../src/core/table';

/** Rows that a log remembers: a power of two. */
const SLOTS = 64;

type Slots<V> = ({ readonly index: bigint; readonly row: V } | undefined)[];

const slotOf = (index: bigint): number => Number(index & BigInt(SLOTS - 1));

/**
 * A log that remembers the rows it read or wrote last: those of one flow, which reads them again in its next message. Safe as
 * a cached cell is: a message that traps takes the memory of its program back together with stable memory, and an upgrade
 * begins with nothing remembered.
 */
export function recentLog<V>(log: Log<V>): Log<V> {
    return remembering(log, new Array(SLOTS).fill(undefined));
}

/** The same over a log that drops rows. */
export function recentSlotLog<V>(log: SlotLog<V>): SlotLog<V> {
    const slots: Slots<V> = new Array(SLOTS).fill(undefined);
    return {
        ...remembering(log, slots),
        next: () => log.next(),
        drop(index) {
            log.drop(index);
            if (slots[slotOf(index)]?.index === index) slots[slotOf(index)] = undefined;
        }
    };
}

function remembering<V>(log: Log<V>, slots: Slots<V>): Log<V> {
    const remember = (index: bigint, row: V): void => {
        slots[slotOf(index)] = { index, row };
    };
    return {
        length: () => log.length(),
        get(index) {
            const known = slots[slotOf(index)];
            if (known?.index === index) return known.row;
            const row = log.get(index);
            if (row !== undefined) remember(index, row);
            return row;
        },
        append(row) {
            const index = log.append(row);
            remember(index, row);
            return index;
        },
        replace(index, row) {
            log.replace(index, row);
            remember(index, row);
        }
    };
}
