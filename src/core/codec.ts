import { Principal } from '@dfinity/principal';
import { decodeUtf8, encodeUtf8 } from './candid/utf8';

/** Stored bytes do not have the shape that their codec expects: a bug or a schema change without a migration. */
export class CorruptBytes extends Error {
    constructor(
        readonly expected: string,
        readonly offset: number
    ) {
        super(`expected ${expected} at byte ${offset}`);
        this.name = 'CorruptBytes';
    }
}

/** A value that does not fit its fixed width. */
export class ValueOutOfRange extends Error {
    constructor(
        readonly width: string,
        readonly value: bigint | number
    ) {
        super(`${value} does not fit ${width}`);
        this.name = 'ValueOutOfRange';
    }
}

/** Both directions between a value and the bytes of one table key or table value. */
export interface Codec<T> {
    encode(value: T): Uint8Array;
    decode(bytes: Uint8Array): T;
}

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** Appends fixed-width big-endian fields, so that byte order is value order. */
export class ByteWriter {
    private buffer = new Uint8Array(256);
    private view = new DataView(this.buffer.buffer);
    private length = 0;

    u8(value: number): void {
        const at = this.length;
        if (at === this.buffer.length) this.grow(1);
        this.buffer[at] = value;
        this.length = at + 1;
    }

    u32(value: number): void {
        if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new ValueOutOfRange('u32', value);
        const at = this.length;
        if (at + 4 > this.buffer.length) this.grow(4);
        this.view.setUint32(at, value);
        this.length = at + 4;
    }

    u64(value: bigint): void {
        if (value < 0n || value > MAX_U64) throw new ValueOutOfRange('u64', value);
        const at = this.length;
        if (at + 8 > this.buffer.length) this.grow(8);
        this.view.setBigUint64(at, value);
        this.length = at + 8;
    }

    /** Bytes without a length: for fixed widths, or at the end of a value. */
    raw(bytes: Uint8Array): void {
        const at = this.length;
        const end = at + bytes.length;
        if (end > this.buffer.length) this.grow(bytes.length);
        this.buffer.set(bytes, at);
        this.length = end;
    }

    /** Bytes behind their length. */
    bytes(bytes: Uint8Array): void {
        this.u32(bytes.length);
        this.raw(bytes);
    }

    /** What was written; the writer starts anew. */
    finish(): Uint8Array {
        const written = this.buffer.slice(0, this.length);
        this.length = 0;
        return written;
    }

    private grow(count: number): void {
        const larger = new Uint8Array(Math.max(this.length + count, this.buffer.length * 2));
        larger.set(this.buffer);
        this.buffer = larger;
        this.view = new DataView(larger.buffer);
    }
}

/** Reads what {@link ByteWriter} wrote. */
export class ByteReader {
    private readonly view: DataView;
    private offset = 0;

    constructor(private readonly buffer: Uint8Array) {
        this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    }

    u8(): number {
        const at = this.offset;
        const value = this.buffer[at];
        if (value === undefined) throw new CorruptBytes('u8', at);
        this.offset = at + 1;
        return value;
    }

    u32(): number {
        return this.view.getUint32(this.take(4, 'u32'));
    }

    u64(): bigint {
        return this.view.getBigUint64(this.take(8, 'u64'));
    }

    raw(length: number): Uint8Array {
        const at = this.offset;
        const end = at + length;
        if (end > this.buffer.length) throw new CorruptBytes(`${length} bytes`, at);
        this.offset = end;
        return this.buffer.slice(at, end);
    }

    bytes(): Uint8Array {
        return this.raw(this.u32());
    }

    rest(): Uint8Array {
        return this.raw(this.buffer.length - this.offset);
    }

    get atEnd(): boolean {
        return this.offset === this.buffer.length;
    }

    private take(count: number, expected: string): number {
        const at = this.offset;
        if (at + count > this.buffer.length) throw new CorruptBytes(expected, at);
        this.offset = at + count;
        return at;
    }
}

/** One field of a stored value. Fields compose with {@link record}, {@link optional}, {@link list} and {@link variant}. */
export interface Field<T> {
    write(writer: ByteWriter, value: T): void;
    read(reader: ByteReader): T;
}

export const u8: Field<number> = { write: (w, v) => w.u8(v), read: (r) => r.u8() };
export const u32: Field<number> = { write: (w, v) => w.u32(v), read: (r) => r.u32() };
export const u64: Field<bigint> = { write: (w, v) => w.u64(v), read: (r) => r.u64() };
export const bool: Field<boolean> = { write: (w, v) => w.u8(v ? 1 : 0), read: (r) => r.u8() === 1 };
export const blob: Field<Uint8Array> = { write: (w, v) => w.bytes(v), read: (r) => r.bytes() };

/** Unbounded natural number: its big-endian bytes behind a length. Not ordered: no key field. */
export const nat: Field<bigint> = {
    write(writer, value) {
        if (value < 0n) throw new ValueOutOfRange('nat', value);
        if (value <= MAX_U64) {
            writer.u8(8);
            writer.u64(value);
            return;
        }
        const hex = value.toString(16);
        const padded = hex.length % 2 === 0 ? hex : `0${hex}`;
        const length = padded.length / 2;
        if (length > 255) throw new ValueOutOfRange('nat of 255 bytes', value);
        writer.u8(length);
        for (let i = 0; i < length; i++) writer.u8(parseInt(padded.slice(2 * i, 2 * i + 2), 16));
    },
    read(reader) {
        const length = reader.u8();
        if (length === 8) return reader.u64();
        let value = 0n;
        for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(reader.u8());
        return value;
    }
};

/** Stored text is what {@link encodeUtf8} has written. */
function textOf(bytes: Uint8Array): string {
    const value = decodeUtf8(bytes);
    if (value === undefined) throw new CorruptBytes('UTF-8', 0);
    return value;
}

export const text: Field<string> = {
    write: (w, v) => w.bytes(encodeUtf8(v)),
    read: (r) => textOf(r.bytes())
};

/** A principal behind its length. */
export const principal: Field<Principal> = {
    write(writer, value) {
        const bytes = value.toUint8Array();
        writer.u8(bytes.length);
        writer.raw(bytes);
    },
    read: (reader) => Principal.fromUint8Array(reader.raw(reader.u8()))
};

/** Exactly `length` bytes, without a length prefix. */
export function fixedBytes(length: number): Field<Uint8Array> {
    return {
        write(writer, value) {
            if (value.length !== length) throw new ValueOutOfRange(`${length} bytes`, value.length);
            writer.raw(value);
        },
        read: (reader) => reader.raw(length)
    };
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
    return {
        write(writer, value) {
            writer.u8(value === undefined ? 0 : 1);
            if (value !== undefined) field.write(writer, value);
        },
        read: (reader) => (reader.u8() === 0 ? undefined : field.read(reader))
    };
}

/** A field that values of an earlier version end before; it then reads as `absent`. Only behind all other fields. */
export function appended<T>(field: Field<T>, absent: T): Field<T> {
    return {
        write: (writer, value) => field.write(writer, value),
        read: (reader) => (reader.atEnd ? absent : field.read(reader))
    };
}

export function list<T>(field: Field<T>): Field<readonly T[]> {
    return {
        write(writer, values) {
            writer.u32(values.length);
            for (const value of values) field.write(writer, value);
        },
        read(reader) {
            const length = reader.u32();
            const values: T[] = [];
            for (let i = 0; i < length; i++) values.push(field.read(reader));
            return values;
        }
    };
}

/** One of a closed list of names, stored as its position: append to the list, never reorder it. */
export function oneOf<const Names extends readonly string[]>(names: Names): Field<Names[number]> {
    return {
        write: (writer, value) => writer.u8(names.indexOf(value)),
        read(reader) {
            const name = names[reader.u8()];
            if (name === undefined) throw new CorruptBytes(`one of ${names.join(', ')}`, 0);
            return name;
        }
    };
}

type FieldsOf<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** A record: its fields one after the other, in the order in which they are listed. */
export function record<T extends object>(fields: FieldsOf<T>): Field<T> {
    const names = Object.keys(fields) as (keyof T)[];
    const all = names.map((name) => fields[name] as Field<T[keyof T]>);
    const count = names.length;
    // Counted loops: QuickJS spends several thousand instructions on each step of an iterator over pairs.
    return {
        write(writer, value) {
            for (let i = 0; i < count; i++) {
                const name = names[i];
                if (name !== undefined) all[i]?.write(writer, value[name]);
            }
        },
        read(reader) {
            const value = {} as T;
            for (let i = 0; i < count; i++) {
                const name = names[i];
                const field = all[i];
                if (name !== undefined && field !== undefined) value[name] = field.read(reader);
            }
            return value;
        }
    };
}

type Tagged = { readonly kind: string };
type CasesOf<T extends Tagged> = { readonly [K in T['kind']]: Field<Omit<Extract<T, { kind: K }>, 'kind'>> };

/** A union tagged by `kind`; the tag is stored as its position: append cases, never reorder them. */
export function variant<T extends Tagged>(cases: CasesOf<T>): Field<T> {
    const kinds = Object.keys(cases) as T['kind'][];
    const fieldOf = (kind: T['kind']): Field<T> => cases[kind] as unknown as Field<T>;
    return {
        write(writer, value) {
            writer.u8(kinds.indexOf(value.kind));
            fieldOf(value.kind).write(writer, value);
        },
        read(reader) {
            const kind = kinds[reader.u8()];
            if (kind === undefined) throw new CorruptBytes(`one of ${kinds.join(', ')}`, 0);
            return { ...fieldOf(kind).read(reader), kind };
        }
    };
}

/** A writer that no encoding uses just now: making its buffer anew costs more than most encodings. */
let idleWriter: ByteWriter | undefined;

/** The codec of a whole key or value made of one field; trailing bytes are corruption. */
export function codecOf<T>(field: Field<T>): Codec<T> {
    return {
        encode(value) {
            const writer = idleWriter ?? new ByteWriter();
            idleWriter = undefined;
            field.write(writer, value);
            const bytes = writer.finish();
            idleWriter = writer;
            return bytes;
        },
        decode(bytes) {
            const reader = new ByteReader(bytes);
            const value = field.read(reader);
            if (!reader.atEnd) throw new CorruptBytes('the end', bytes.length);
            return value;
        }
    };
}

export const u32Key: Codec<number> = codecOf(u32);

const word = new BigUint64Array(1);
const octets = new Uint8Array(word.buffer);

/** As {@link u64} writes it, by way of typed arrays: keys are made in every operation, and a writer costs five times as much. */
export const u64Key: Codec<bigint> = {
    encode(value) {
        if (value < 0n || value > MAX_U64) throw new ValueOutOfRange('u64', value);
        word[0] = value;
        return octets.slice().reverse();
    },
    decode: codecOf(u64).decode
};

/** As {@link principal} writes it, without a writer, for the same reason. */
export const principalKey: Codec<Principal> = {
    encode(who) {
        const name = who.toUint8Array();
        const bytes = new Uint8Array(1 + name.length);
        bytes[0] = name.length;
        bytes.set(name, 1);
        return bytes;
    },
    decode: codecOf(principal).decode
};
export const textKey: Codec<string> = { encode: encodeUtf8, decode: textOf };
export const bytesKey: Codec<Uint8Array> = { encode: (v) => v, decode: (b) => b };
export const natValue: Codec<bigint> = codecOf(nat);
