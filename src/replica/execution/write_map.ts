import { GRANULE_BYTES, HIDDEN_BYTES, MARK_REACH } from '../wasm/write_map';

const MARKS_PER_WORD = 4;

/** The host's side of a write map (wasm/write_map.ts): what of a canister's memory was written since the map was last cleared. */
export class WriteMap {
    private marks: Uint32Array;

    constructor(private readonly memory: WebAssembly.Memory) {
        this.marks = this.words();
    }

    private words(): Uint32Array {
        const heapBytes = this.memory.buffer.byteLength - HIDDEN_BYTES;
        const granules = Math.ceil(heapBytes / GRANULE_BYTES);
        return new Uint32Array(this.memory.buffer, 0, Math.ceil(granules / MARKS_PER_WORD));
    }

    /** A grown memory has a new buffer. */
    private current(): Uint32Array {
        if (this.marks.buffer !== this.memory.buffer) this.marks = this.words();
        return this.marks;
    }

    /** The host has written, or is about to. */
    mark(at: number, size: number): void {
        if (size === 0) return;
        const bytes = new Uint8Array(this.current().buffer, 0, HIDDEN_BYTES);
        bytes.fill(1, Math.floor(at / GRANULE_BYTES), Math.floor((at + size - 1) / GRANULE_BYTES) + 1);
    }

    clear(): void {
        this.current().fill(0);
    }

    /** Visits ranges that hold everything written, in ascending order and without overlap, and clears the map. */
    take(visit: (from: number, to: number) => void): void {
        const marks = this.current();
        const end = marks.buffer.byteLength - HIDDEN_BYTES;
        let from = 0;
        let to = 0;
        for (let word = 0; word < marks.length; word += 1) {
            const four = marks[word] ?? 0;
            if (four === 0) continue;
            marks[word] = 0;
            for (let i = 0; i < MARKS_PER_WORD; i += 1) {
                if (((four >>> (8 * i)) & 0xff) === 0) continue;
                const start = (word * MARKS_PER_WORD + i) * GRANULE_BYTES;
                if (start > to) {
                    if (to > from) visit(from, to);
                    from = start;
                }
                to = Math.min(start + MARK_REACH, end);
            }
        }
        if (to > from) visit(from, to);
    }
}
