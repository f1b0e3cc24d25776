/** Pages of the System API are 64 KiB; the replica tracks (and charges for) changes in pages of 4 KiB. */
export const STABLE_PAGE_BYTES = 65_536;
/** By which the replica counts pages that a message touches. */
export const OS_PAGE_BYTES = 4_096;
/** 500 GiB. */
export const MAX_STABLE_PAGES = 8_192_000;

const OS_PAGES_PER_CHUNK = STABLE_PAGE_BYTES / OS_PAGE_BYTES;

/** A range of addresses that the memory does not have. Callers of the System API are checked before it can be thrown. */
export class StableRangeError extends Error {
    override readonly name = 'StableRangeError';

    constructor(
        readonly offset: number,
        readonly length: number,
        readonly size: number
    ) {
        super(`range ${offset}+${length} lies outside a stable memory of ${size} bytes`);
    }
}

/**
 * Sparse stable memory with an undo journal. Space that was never written takes none.
 * One object may be shared by the old and the new sandbox of an upgrade: a bracket that is open already is joined, and only the
 * holder that opened it closes it.
 */
export class StableMemory {
    private readonly chunks = new Map<number, Uint8Array>();
    /** Chunks that came after all were shared; undefined when none were. */
    private unshared: Set<number> | undefined;
    private pageCount = 0;
    private versionNumber = 0;
    private journal:
        { owner: object; pageCount: number; version: number; undo: Map<number, Uint8Array | undefined> } | undefined;

    /** Size in pages of 64 KiB. */
    get pages(): number {
        return this.pageCount;
    }

    get bytes(): number {
        return this.pageCount * STABLE_PAGE_BYTES;
    }

    /** What takes room: chunks that were ever written. */
    get heldBytes(): number {
        return this.chunks.size * STABLE_PAGE_BYTES;
    }

    /** Returns the old size in pages, or -1 when the result would pass 500 GiB. */
    grow(pages: number): number {
        const before = this.pageCount;
        if (before + pages > MAX_STABLE_PAGES) return -1;
        this.pageCount = before + pages;
        this.versionNumber += 1;
        return before;
    }

    read(offset: number, target: Uint8Array): void {
        this.check(offset, target.length);
        let done = 0;
        while (done < target.length) {
            const at = offset + done;
            const within = at % STABLE_PAGE_BYTES;
            const count = Math.min(STABLE_PAGE_BYTES - within, target.length - done);
            const chunk = this.chunks.get(Math.floor(at / STABLE_PAGE_BYTES));
            if (chunk === undefined) target.fill(0, done, done + count);
            else target.set(chunk.subarray(within, within + count), done);
            done += count;
        }
    }

    write(offset: number, source: Uint8Array): void {
        this.check(offset, source.length);
        this.versionNumber += 1;
        this.record(offset, source.length);
        let done = 0;
        while (done < source.length) {
            const at = offset + done;
            const within = at % STABLE_PAGE_BYTES;
            const count = Math.min(STABLE_PAGE_BYTES - within, source.length - done);
            this.chunk(Math.floor(at / STABLE_PAGE_BYTES)).set(source.subarray(done, done + count), within);
            done += count;
        }
    }

    private check(offset: number, length: number): void {
        if (offset < 0 || offset + length > this.bytes) throw new StableRangeError(offset, length, this.bytes);
    }

    private chunk(index: number): Uint8Array {
        const held = this.chunks.get(index);
        if (held !== undefined && this.unshared?.has(index) !== false) return held;
        const own = held?.slice() ?? new Uint8Array(STABLE_PAGE_BYTES);
        this.chunks.set(index, own);
        this.unshared?.add(index);
        return own;
    }

    /** Another one after every change, and after a rollback the one of before. */
    get version(): number {
        return this.versionNumber;
    }

    /** Chunks of 64 KiB that were ever written, by page index: not copies, and yet they never change. No bracket may be open. */
    share(): readonly (readonly [page: number, bytes: Uint8Array])[] {
        this.unshared = new Set();
        return [...this.chunks];
    }

    /** Makes everything zero; no bracket may be open. */
    clear(): void {
        this.versionNumber += 1;
        this.chunks.clear();
        this.unshared = undefined;
    }

    /** Saves the 4 KiB pages that a write will touch, once per bracket. */
    private record(offset: number, length: number): void {
        if (this.journal === undefined || length === 0) return;
        const { undo } = this.journal;
        const last = Math.floor((offset + length - 1) / OS_PAGE_BYTES);
        for (let page = Math.floor(offset / OS_PAGE_BYTES); page <= last; page += 1) {
            if (!undo.has(page)) undo.set(page, this.osPage(page)?.slice());
        }
    }

    private osPage(page: number): Uint8Array | undefined {
        const start = (page % OS_PAGES_PER_CHUNK) * OS_PAGE_BYTES;
        return this.chunks.get(Math.floor(page / OS_PAGES_PER_CHUNK))?.subarray(start, start + OS_PAGE_BYTES);
    }

    /** Takes a page of 64 KiB over as it is; the memory must be large enough, and no bracket open. */
    adoptPage(page: number, bytes: Uint8Array): void {
        this.check(page * STABLE_PAGE_BYTES, STABLE_PAGE_BYTES);
        this.versionNumber += 1;
        this.chunks.set(page, bytes);
        this.unshared?.add(page);
    }

    /** An independent memory with the same content. */
    copy(): StableMemory {
        const copy = new StableMemory();
        copy.pageCount = this.pageCount;
        for (const [index, chunk] of this.chunks) copy.chunks.set(index, chunk.slice());
        return copy;
    }

    /** Opens a bracket for `owner`, or joins the one that is open. */
    begin(owner: object): void {
        this.journal ??= { owner, pageCount: this.pageCount, version: this.versionNumber, undo: new Map() };
    }

    /** Keeps what happened since `begin`, if `owner` opened the bracket. */
    commit(owner: object): void {
        if (this.journal?.owner === owner) this.journal = undefined;
    }

    /** What was written since `begin`, as copies of runs of pages of 4 KiB, and the size. */
    changes(): { readonly pages: number; readonly written: readonly (readonly [offset: number, bytes: Uint8Array])[] } {
        const touched = Float64Array.from(this.journal?.undo.keys() ?? []).sort();
        const written: [number, Uint8Array][] = [];
        for (let at = 0; at < touched.length;) {
            const first = touched[at] ?? 0;
            let count = 1;
            while (touched[at + count] === first + count) count += 1;
            const bytes = new Uint8Array(count * OS_PAGE_BYTES);
            this.read(first * OS_PAGE_BYTES, bytes);
            written.push([first * OS_PAGE_BYTES, bytes]);
            at += count;
        }
        return { pages: this.pageCount, written };
    }

    /** Undoes what happened since `begin`, growth included, if `owner` opened the bracket. */
    rollback(owner: object): void {
        if (this.journal?.owner !== owner) return;
        const { pageCount, undo, version } = this.journal;
        this.journal = undefined;
        this.versionNumber = version;
        this.pageCount = pageCount;
        for (const [page, before] of undo) this.restore(page, before);
        for (const index of this.chunks.keys()) if (index >= pageCount) this.chunks.delete(index);
    }

    private restore(page: number, before: Uint8Array | undefined): void {
        const current = this.osPage(page);
        if (before === undefined) current?.fill(0);
        else current?.set(before);
    }

    /** Chunks of 64 KiB that were ever written, by page index, for snapshots and checkpoints. Views, not copies. */
    writtenPages(): IterableIterator<[page: number, bytes: Uint8Array]> {
        return this.chunks.entries();
    }
}
