const PAGE_BYTES = 65_536;
const zeroPage = Buffer.alloc(PAGE_BYTES);

/**
 * A copy of a memory. Pages of zeros take no room, so that a canister that only reserves memory costs none. Pages that were shared are
 * copied before they change.
 */
export class SparseCopy {
    private readonly pages: (Uint8Array | undefined)[] = [];
    /** Pages that came after all were shared; undefined when none were. */
    private unshared: Set<number> | undefined;

    /** Takes over `memory[from, to)`, whose surroundings in the same pages have not changed. */
    take(memory: Uint8Array, from: number, to: number): void {
        forEachPart(from, to, (page, start, end) => {
            this.writable(page).set(memory.subarray(start, end), start - page * PAGE_BYTES);
        });
    }

    private writable(page: number): Uint8Array {
        const held = this.pages[page];
        if (held !== undefined && this.unshared?.has(page) !== false) return held;
        const own = held?.slice() ?? new Uint8Array(PAGE_BYTES);
        this.pages[page] = own;
        this.unshared?.add(page);
        return own;
    }

    takeAll(memory: Uint8Array): void {
        this.pages.length = 0;
        this.unshared = undefined;
        forEachPart(0, memory.length, (_page, start, end) => {
            if (!zeroPage.equals(memory.subarray(start, end))) this.take(memory, start, end);
        });
    }

    give(memory: Uint8Array, from: number, to: number): void {
        forEachPart(from, to, (page, start, end) => {
            const copy = this.pages[page];
            if (copy === undefined) memory.fill(0, start, end);
            else memory.set(copy.subarray(start - page * PAGE_BYTES, end - page * PAGE_BYTES), start);
        });
    }

    /** The pages that take room, by their numbers: not copies, and yet they never change. */
    share(): readonly (readonly [page: number, bytes: Uint8Array])[] {
        this.unshared = new Set();
        return [...this.pages.entries()].flatMap(([page, bytes]) => (bytes === undefined ? [] : [[page, bytes]]));
    }

    /** The number of pages that take room. */
    get heldPages(): number {
        return this.pages.reduce((count, page) => count + (page === undefined ? 0 : 1), 0);
    }

    /** Pages that are zero already are not written, which would make the system find room for them. */
    giveAll(memory: Uint8Array): void {
        forEachPart(0, memory.length, (page, start, end) => {
            const isZero = this.pages[page] === undefined && zeroPage.equals(memory.subarray(start, end));
            if (!isZero) this.give(memory, start, end);
        });
    }
}

function forEachPart(from: number, to: number, visit: (page: number, start: number, end: number) => void): void {
    for (let start = from; start < to;) {
        const page = Math.floor(start / PAGE_BYTES);
        const end = Math.min((page + 1) * PAGE_BYTES, to);
        visit(page, start, end);
        start = end;
    }
}
