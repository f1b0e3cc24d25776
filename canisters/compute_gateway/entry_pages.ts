/** The waiting jobs of flows, 64 to a row: one by one they would be the largest tree that an operation writes. */
import type { Table } from '../../src/core/table';
import { START, type Entries, type EntryKey } from './domain/fair_queue';

export interface EntryPageKey {
    readonly flow: bigint;
    readonly page: bigint;
}

/** Ids by position in the page; 0 where no job waits. A page is changed in place and stored at once. */
export type EntryPage = BigUint64Array;

export const PAGE_ENTRIES = 64;
const PAGE_BITS = 6n;
const SLOT_MASK = BigInt(PAGE_ENTRIES - 1);
const LAST_SLOT = PAGE_ENTRIES - 1;
/** Where flows begin: this page of a flow stays when the flow is empty, so that short queues do not make and drop a row in turn. */
const FIRST_PAGE = START >> PAGE_BITS;

export class EntryPages implements Entries {
    constructor(private readonly pages: Table<EntryPageKey, EntryPage>) {}

    get({ flow, position }: EntryKey): bigint | undefined {
        const id = this.pages.get({ flow, page: position >> PAGE_BITS })?.[slotOf(position)];
        return id === 0n ? undefined : id;
    }

    set({ flow, position }: EntryKey, id: bigint): void {
        const key = { flow, page: position >> PAGE_BITS };
        const page = this.pages.get(key) ?? new BigUint64Array(PAGE_ENTRIES);
        page[slotOf(position)] = id;
        this.pages.set(key, page);
    }

    delete({ flow, position }: EntryKey): void {
        const key = { flow, page: position >> PAGE_BITS };
        const page = this.pages.get(key);
        if (page === undefined) return;
        page[slotOf(position)] = 0n;
        if (page.every((id) => id === 0n)) this.pages.delete(key);
        else this.pages.set(key, page);
    }

    pass({ flow, position }: EntryKey): void {
        if (slotOf(position) === LAST_SLOT) this.pages.delete({ flow, page: position >> PAGE_BITS });
    }

    close({ flow, position }: EntryKey): void {
        const page = position >> PAGE_BITS;
        if (page !== FIRST_PAGE) this.pages.delete({ flow, page });
    }

    size(): number {
        return this.pages.size();
    }
}

function slotOf(position: bigint): number {
    return Number(position & SLOT_MASK);
}
