/** Stable memory, by the 64-bit functions and the older 32-bit ones. */
import { MAX_STABLE_PAGES, OS_PAGE_BYTES, STABLE_PAGE_BYTES } from '../stable_memory';
import { HostTrap, memoryAccessLimitExceeded, trapped } from '../traps';
import { DIRTY_PAGE } from './charges';
import type { Execution } from './execution';
import { group } from './handlers';
import { requireAffordable, requireRoom } from './memory_growth';

const MAX_32_BIT_PAGES = 65_536;

/** Limits on the 4 KiB pages that one execution may touch (replica.md d.2): 2 GiB, upgrades 8 GiB, queries 1 GiB. */
const PAGES_PER_GIB = 2 ** 30 / OS_PAGE_BYTES;

function pageLimit(x: Execution): number {
    if (x.isQuery) return PAGES_PER_GIB;
    return x.input.context === 'I' || x.input.context === 'G' ? 8 * PAGES_PER_GIB : 2 * PAGES_PER_GIB;
}

/** Adds the pages of a range to `pages`; returns how many are new. */
function touch(x: Execution, pages: Set<number>, offset: number, size: number): bigint {
    const before = pages.size;
    const last = Math.floor((offset + size - 1) / OS_PAGE_BYTES);
    for (let page = Math.floor(offset / OS_PAGE_BYTES); page <= last; page += 1) pages.add(page);
    if (pages.size > pageLimit(x)) {
        throw memoryAccessLimitExceeded(
            `Exceeded the limit for the number of accessed pages in the stable memory in a single message execution: ` +
                `limit ${(pageLimit(x) * OS_PAGE_BYTES) / 1024} KB.`
        );
    }
    return BigInt(pages.size - before);
}

function requireRange(x: Execution, offset: bigint, heapAt: bigint, size: bigint): void {
    if (offset + size > BigInt(x.machine.stable.bytes)) throw new HostTrap(trapped('stable memory out of bounds'));
    if (heapAt + size > BigInt(x.heap().length)) throw new HostTrap(trapped('heap out of bounds'));
}

function require32Bit(x: Execution): void {
    if (x.machine.stable.pages > MAX_32_BIT_PAGES) {
        throw new HostTrap(trapped('32 bit stable memory api used on a memory larger than 4GB'));
    }
}

function write(x: Execution, offset: bigint, src: bigint, size: bigint): void {
    // As in the replica, an empty range is never out of bounds.
    if (size === 0n) return;
    requireRange(x, offset, src, size);
    const [to, from, count] = [Number(offset), Number(src), Number(size)];
    touch(x, x.accessedPages, to, count);
    requireRoom(x, count);
    x.charge(DIRTY_PAGE * touch(x, x.dirtyPages, to, count));
    x.machine.stable.write(to, x.heap().subarray(from, from + count));
}

function read(x: Execution, dst: bigint, offset: bigint, size: bigint): void {
    if (size === 0n) return;
    requireRange(x, offset, dst, size);
    const [to, from, count] = [Number(dst), Number(offset), Number(size)];
    touch(x, x.accessedPages, from, count);
    x.machine.stable.read(from, x.writableHeap(to, count));
}

function grow(x: Execution, pages: bigint): number {
    if (pages > 0xffff_ffffn || BigInt(x.machine.stable.pages) + pages > BigInt(MAX_STABLE_PAGES)) return -1;
    requireAffordable(x, pages * BigInt(STABLE_PAGE_BYTES));
    const before = x.machine.stable.grow(Number(pages));
    x.limitHeap();
    return before;
}

/** `stable_*` and `stable64_*`. */
export const stableApi = group({
    stable_size: (x) => {
        require32Bit(x);
        return x.machine.stable.pages;
    },
    stable_grow: (x, pages) => {
        require32Bit(x);
        return x.machine.stable.pages + pages > MAX_32_BIT_PAGES ? -1 : grow(x, BigInt(pages));
    },
    stable_write: (x, offset, src, size) => {
        require32Bit(x);
        write(x, BigInt(offset), BigInt(src), BigInt(size));
    },
    stable_read: (x, dst, offset, size) => {
        require32Bit(x);
        read(x, BigInt(dst), BigInt(offset), BigInt(size));
    },
    stable64_size: (x) => BigInt(x.machine.stable.pages),
    stable64_grow: (x, pages) => BigInt(grow(x, pages)),
    stable64_write: write,
    stable64_read: read
});
