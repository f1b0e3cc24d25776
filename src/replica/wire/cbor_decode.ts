import { toHex } from './bytes';
import { CborTagged, selfDescribeTag, type CborKey, type CborValue } from './cbor';
import { failure, success, type Result } from './result';

/** Why bytes are not one well-formed item within the limits. */
export interface CborError {
    readonly reason:
        | 'unexpected end'
        | 'trailing bytes'
        | 'too deep'
        | 'too large'
        | 'unsupported item'
        | 'invalid text'
        | 'invalid key'
        | 'duplicate key';
    /** Byte at which the decoder stood. */
    readonly offset: number;
}

/** What is decoded at most. */
export interface CborLimits {
    /** Nesting of arrays, maps and tags. */
    readonly depth: number;
    readonly bytes: number;
}

const defaultLimits: CborLimits = { depth: 64, bytes: 16 * 1024 * 1024 };

/** Bignums (tags 2 and 3) longer than this are refused: converting them costs more than their length. */
const maxBignumBytes = 64;

class Malformed extends Error {
    constructor(
        readonly reason: CborError['reason'],
        readonly offset: number
    ) {
        super(reason);
    }
}

/**
 * Decodes exactly one item. The self-describe tag is dropped wherever it stands, tags 2 and 3 become bigint,
 * other tags are kept. Byte strings are views into `bytes`.
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = defaultLimits): Result<CborValue, CborError> {
    if (bytes.length > limits.bytes) {
        return failure({ reason: 'too large', offset: limits.bytes });
    }
    const decoder = new Decoder(bytes);
    try {
        const value = decoder.item(limits.depth);
        return decoder.atEnd ? success(value) : failure({ reason: 'trailing bytes', offset: decoder.offset });
    } catch (error) {
        if (error instanceof Malformed) {
            return failure({ reason: error.reason, offset: error.offset });
        }
        throw error;
    }
}

const indefinite = 31;

class Decoder {
    offset = 0;
    readonly #view: DataView;
    readonly #text = new TextDecoder('utf-8', { fatal: true });

    constructor(readonly bytes: Uint8Array) {
        this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }

    get atEnd(): boolean {
        return this.offset === this.bytes.length;
    }

    item(depth: number): CborValue {
        if (depth < 0) {
            this.#fail('too deep');
        }
        const first = this.#byte();
        const major = first >> 5;
        const info = first & 31;
        switch (major) {
            case 0:
                return this.#argument(info);
            case 1:
                return -1n - this.#argument(info);
            case 2:
                return this.#byteString(info);
            case 3:
                return this.#textString(info);
            case 4:
                return this.#array(info, depth);
            case 5:
                return this.#map(info, depth);
            case 6:
                return this.#tagged(this.#argument(info), depth);
            default:
                return this.#simple(info);
        }
    }

    #fail(reason: CborError['reason']): never {
        throw new Malformed(reason, this.offset);
    }

    #byte(): number {
        const byte = this.bytes[this.offset];
        if (byte === undefined) {
            this.#fail('unexpected end');
        }
        this.offset += 1;
        return byte;
    }

    /** Start of the next `length` bytes, which are consumed. */
    #take(length: number): number {
        const start = this.offset;
        if (length > this.bytes.length - start) {
            this.#fail('unexpected end');
        }
        this.offset = start + length;
        return start;
    }

    #argument(info: number): bigint {
        switch (info) {
            case 24:
                return BigInt(this.#byte());
            case 25:
                return BigInt(this.#view.getUint16(this.#take(2)));
            case 26:
                return BigInt(this.#view.getUint32(this.#take(4)));
            case 27:
                return this.#view.getBigUint64(this.#take(8));
            default:
                return info < 24 ? BigInt(info) : this.#fail('unsupported item');
        }
    }

    /** A length that can be met by the bytes that are left, each element taking at least one. */
    #length(info: number): number {
        const length = this.#argument(info);
        if (length > BigInt(this.bytes.length - this.offset)) {
            this.#fail('unexpected end');
        }
        return Number(length);
    }

    #span(info: number): Uint8Array {
        const length = this.#length(info);
        const start = this.#take(length);
        return this.bytes.subarray(start, start + length);
    }

    #byteString(info: number): Uint8Array {
        return info === indefinite ? new Uint8Array(Buffer.concat(this.#chunks(2))) : this.#span(info);
    }

    #textString(info: number): string {
        const bytes = info === indefinite ? Buffer.concat(this.#chunks(3)) : this.#span(info);
        try {
            return this.#text.decode(bytes);
        } catch {
            return this.#fail('invalid text');
        }
    }

    #chunks(major: number): Uint8Array[] {
        const chunks: Uint8Array[] = [];
        while (!this.#takeBreak()) {
            const first = this.#byte();
            if (first >> 5 !== major || (first & 31) === indefinite) {
                this.#fail('unsupported item');
            }
            chunks.push(this.#span(first & 31));
        }
        return chunks;
    }

    #takeBreak(): boolean {
        if (this.bytes[this.offset] !== 0xff) {
            return false;
        }
        this.offset += 1;
        return true;
    }

    #array(info: number, depth: number): CborValue[] {
        const items: CborValue[] = [];
        if (info === indefinite) {
            while (!this.#takeBreak()) {
                items.push(this.item(depth - 1));
            }
            return items;
        }
        const length = this.#length(info);
        for (let index = 0; index < length; index += 1) {
            items.push(this.item(depth - 1));
        }
        return items;
    }

    #map(info: number, depth: number): ReadonlyMap<CborKey, CborValue> {
        const map = new Map<CborKey, CborValue>();
        if (info === indefinite) {
            while (!this.#takeBreak()) {
                this.#entry(map, depth);
            }
            return map;
        }
        const length = this.#length(info);
        for (let index = 0; index < length; index += 1) {
            this.#entry(map, depth);
        }
        return map;
    }

    #entry(map: Map<CborKey, CborValue>, depth: number): void {
        const key = this.item(depth - 1);
        if (typeof key !== 'string' && typeof key !== 'bigint') {
            this.#fail('invalid key');
        }
        if (map.has(key)) {
            this.#fail('duplicate key');
        }
        map.set(key, this.item(depth - 1));
    }

    #tagged(tag: bigint, depth: number): CborValue {
        const value = this.item(depth - 1);
        if (tag === selfDescribeTag) {
            return value;
        }
        if ((tag === 2n || tag === 3n) && value instanceof Uint8Array) {
            if (value.length > maxBignumBytes) {
                this.#fail('too large');
            }
            const magnitude = BigInt(`0x0${toHex(value)}`);
            return tag === 2n ? magnitude : -1n - magnitude;
        }
        return new CborTagged(tag, value);
    }

    #simple(info: number): CborValue {
        switch (info) {
            case 20:
                return false;
            case 21:
                return true;
            case 22:
            case 23:
                return null;
            case 26:
                return this.#view.getFloat32(this.#take(4));
            case 27:
                return this.#view.getFloat64(this.#take(8));
            default:
                return this.#fail('unsupported item');
        }
    }
}
