import { malformed } from './errors';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Cursor over a wasm binary. Every method throws `InvalidWasm` when the bytes end too early. */
export class ByteReader {
    pos: number;

    constructor(
        readonly bytes: Uint8Array,
        start = 0,
        readonly end = bytes.length
    ) {
        this.pos = start;
    }

    get done(): boolean {
        return this.pos >= this.end;
    }

    u8(): number {
        const byte = this.bytes[this.pos];
        if (byte === undefined || this.pos >= this.end) throw malformed('unexpected end', this.pos);
        this.pos += 1;
        return byte;
    }

    /** Unsigned LEB128 of at most 32 bits. */
    u32(): number {
        const first = this.bytes[this.pos];
        if (first !== undefined && first < 0x80 && this.pos < this.end) {
            this.pos += 1;
            return first;
        }
        const value = this.unsigned(5);
        if (value > 0xffff_ffff) throw malformed('integer too large', this.pos);
        return value;
    }

    /** Unsigned LEB128; exact up to 2^53, which is above every limit that a memory may declare. */
    u64(): number {
        return this.unsigned(10);
    }

    private unsigned(maxBytes: number): number {
        let value = 0;
        let factor = 1;
        for (let i = 0; i < maxBytes; i += 1) {
            const byte = this.u8();
            value += (byte & 0x7f) * factor;
            if (byte < 0x80) return value;
            factor *= 128;
        }
        throw malformed('integer representation too long', this.pos);
    }

    /** Signed LEB128 of at most 32 bits. */
    s32(): number {
        let value = 0;
        for (let shift = 0; shift < 35; shift += 7) {
            const byte = this.u8();
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) return shift < 28 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
        }
        throw malformed('integer representation too long', this.pos);
    }

    /** Passes over one LEB128 of any width and sign. */
    skipLeb(): void {
        while (this.u8() >= 0x80);
    }

    skip(count: number): void {
        if (count > this.end - this.pos) throw malformed('unexpected end', this.pos);
        this.pos += count;
    }

    /** A view, not a copy. */
    take(count: number): Uint8Array {
        const from = this.pos;
        this.skip(count);
        return this.bytes.subarray(from, this.pos);
    }

    /** A length-prefixed UTF-8 name. */
    text(): string {
        const at = this.pos;
        try {
            return utf8.decode(this.take(this.u32()));
        } catch {
            throw malformed('malformed name', at);
        }
    }

    /** A reader over the next `count` bytes; this reader moves behind them. */
    slice(count: number): ByteReader {
        const start = this.pos;
        this.skip(count);
        return new ByteReader(this.bytes, start, this.pos);
    }
}
