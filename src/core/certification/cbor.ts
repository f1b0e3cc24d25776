import { err, ok, type Result } from '../result';

/** The part of CBOR (RFC 8949) that certificates are made of; text keys only. */
export type CborValue = bigint | string | Uint8Array | readonly CborValue[] | ReadonlyMap<string, CborValue>;

/** Nesting that a certificate of any subnet stays below: trees of 32-byte labels with long common prefixes. */
const MAX_DEPTH = 1_024;
const SELF_DESCRIBED = 55_799n;

/** Where bytes stop being an item of the subset. */
export interface CborFault {
    readonly offset: number;
}

/** Decodes exactly one item of definite length; the self-describing tag is dropped. Byte strings are copies. */
export function decodeCbor(bytes: Uint8Array): Result<CborValue, CborFault> {
    const reader = new Reader(bytes);
    const value = reader.item(MAX_DEPTH);
    if (value === undefined || !reader.atEnd) return err({ offset: reader.offset });
    return ok(value);
}

/** Methods answer undefined at the first byte that does not fit, and nothing is read after it. */
class Reader {
    offset = 0;
    private readonly view: DataView;

    constructor(private readonly bytes: Uint8Array) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }

    get atEnd(): boolean {
        return this.offset === this.bytes.length;
    }

    item(depth: number): CborValue | undefined {
        const first = this.bytes[this.offset];
        if (first === undefined || depth < 0) return undefined;
        this.offset += 1;
        const argument = this.argument(first & 31);
        if (argument === undefined) return undefined;
        switch (first >> 5) {
            case 0:
                return argument;
            case 2:
                return this.byteString(argument);
            case 3:
                return this.textString(argument);
            case 4:
                return this.array(argument, depth);
            case 5:
                return this.map(argument, depth);
            case 6:
                return argument === SELF_DESCRIBED ? this.item(depth - 1) : undefined;
            default:
                return undefined;
        }
    }

    private argument(info: number): bigint | undefined {
        if (info < 24) return BigInt(info);
        const width = info <= 27 ? 1 << (info - 24) : Infinity;
        const at = this.offset;
        if (at + width > this.bytes.length) return undefined;
        this.offset += width;
        if (width === 1) return BigInt(this.view.getUint8(at));
        if (width === 2) return BigInt(this.view.getUint16(at));
        return width === 4 ? BigInt(this.view.getUint32(at)) : this.view.getBigUint64(at);
    }

    private byteString(length: bigint): Uint8Array | undefined {
        const at = this.offset;
        if (length > BigInt(this.bytes.length - at)) return undefined;
        this.offset += Number(length);
        return this.bytes.slice(at, this.offset);
    }

    private textString(length: bigint): string | undefined {
        const bytes = this.byteString(length);
        return bytes && new TextDecoder().decode(bytes);
    }

    private array(length: bigint, depth: number): CborValue[] | undefined {
        const items: CborValue[] = [];
        for (let i = 0n; i < length; i++) {
            const item = this.item(depth - 1);
            if (item === undefined) return undefined;
            items.push(item);
        }
        return items;
    }

    private map(length: bigint, depth: number): ReadonlyMap<string, CborValue> | undefined {
        const entries = new Map<string, CborValue>();
        for (let i = 0n; i < length; i++) {
            const key = this.item(depth - 1);
            const value = typeof key === 'string' && !entries.has(key) ? this.item(depth - 1) : undefined;
            if (value === undefined) return undefined;
            entries.set(String(key), value);
        }
        return entries;
    }
}
