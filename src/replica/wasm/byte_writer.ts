const utf8 = new TextEncoder();

/** Width of a size field that is filled in later: LEB128 allows padding to five bytes. */
const PADDED_SIZE = 5;

/** Up to this many bytes a loop is faster than \`set\`. */
const SHORT_RUN = 48;

/** Growing output buffer for wasm binaries. */
export class ByteWriter {
    private buffer: Uint8Array;
    length = 0;

    constructor(capacity = 1024) {
        this.buffer = new Uint8Array(capacity);
    }

    private reserve(count: number): void {
        if (this.length + count <= this.buffer.length) return;
        const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count));
        grown.set(this.buffer.subarray(0, this.length));
        this.buffer = grown;
    }

    u8(byte: number): void {
        this.reserve(1);
        this.buffer[this.length] = byte;
        this.length += 1;
    }

    bytes(bytes: ArrayLike<number>): void {
        const { length } = bytes;
        this.reserve(length);
        if (length > SHORT_RUN) this.buffer.set(bytes, this.length);
        else for (let i = 0; i < length; i += 1) this.buffer[this.length + i] = bytes[i] ?? 0;
        this.length += length;
    }

    /** Replaces bytes that were written before. */
    overwrite(at: number, bytes: ArrayLike<number>): void {
        this.buffer.set(bytes, at);
    }

    /** Copies `source[from, to)`. */
    range(source: Uint8Array, from: number, to: number): void {
        this.reserve(to - from);
        const { buffer } = this;
        let { length } = this;
        if (to - from > SHORT_RUN) {
            buffer.set(source.subarray(from, to), length);
            this.length = length + to - from;
            return;
        }
        for (let i = from; i < to; i += 1, length += 1) buffer[length] = source[i] ?? 0;
        this.length = length;
    }

    /** Unsigned LEB128 of a non-negative integer below 2^53. */
    u32(value: number): void {
        if (value < 0x80) this.u8(value);
        else this.bytes(leb(value));
    }

    /** Signed LEB128 of an integer within ±2^53. */
    s64(value: number): void {
        if (value >= 0 && value < 0x40) this.u8(value);
        else this.bytes(signedLeb(value));
    }

    text(value: string): void {
        const encoded = utf8.encode(value);
        this.u32(encoded.length);
        this.bytes(encoded);
    }

    /** Leaves room for a size; `closeSize` with the returned position fills it in. */
    openSize(): number {
        this.reserve(PADDED_SIZE);
        this.length += PADDED_SIZE;
        return this.length;
    }

    closeSize(opened: number): void {
        let size = this.length - opened;
        for (let i = PADDED_SIZE; i > 0; i -= 1) {
            this.buffer[opened - i] = i === 1 ? size : (size & 0x7f) | 0x80;
            size = Math.floor(size / 128);
        }
    }

    /** What was written, as a view of the internal buffer. */
    written(): Uint8Array {
        return this.buffer.subarray(0, this.length);
    }
}

/** Unsigned LEB128 of a non-negative integer below 2^53, as bytes. */
export function leb(value: number): readonly number[] {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
    return bytes;
}

/** Signed LEB128 of an integer within ±2^53, as bytes. */
export function signedLeb(value: number): readonly number[] {
    const bytes: number[] = [];
    let rest = value;
    for (;;) {
        const low = ((rest % 128) + 128) % 128;
        rest = Math.floor(rest / 128);
        const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
        bytes.push(isLast ? low : low | 0x80);
        if (isLast) return bytes;
    }
}
