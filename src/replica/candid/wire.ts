/**
 * Candid messages read without knowing their types: where the parts of a value lie in the bytes, so that a part can be
 * passed on as it is (Candid specification, "Binary Format"). For values that belong to somebody else, such as the tokens of
 * streaming HTTP answers.
 */

import { concatBytes } from '../wire/bytes';

/** A type: a primitive's negative opcode, or an index into the message's table. */
type TypeRef = number;

type WireType =
    | { readonly kind: 'opt' | 'vec'; readonly inner: TypeRef }
    | {
          readonly kind: 'record' | 'variant';
          readonly fields: readonly { readonly id: number; readonly type: TypeRef }[];
      }
    | { readonly kind: 'func' }
    | { readonly kind: 'service' };

/** A value inside a message: its type, and the bytes that it takes. */
export interface WireValue {
    readonly type: TypeRef;
    readonly start: number;
    readonly end: number;
}

const op = {
    opt: -18,
    vec: -19,
    record: -20,
    variant: -21,
    func: -22,
    service: -23,
    principal: -24,
    text: -15
} as const;
/** Bytes of primitive values by opcode; leb128 numbers, texts and principals are read. */
const fixedSizes: ReadonlyMap<number, number> = new Map([
    [-1, 0], // null
    [-2, 1], // bool
    [-5, 1], // nat8
    [-6, 2],
    [-7, 4],
    [-8, 8],
    [-9, 1], // int8
    [-10, 2],
    [-11, 4],
    [-12, 8],
    [-13, 4], // float32
    [-14, 8],
    [-16, 0] // reserved
]);
const numberOps: ReadonlySet<number> = new Set([-3, -4]);

const magic = 'DIDL';
const maxTypes = 10_000;
const maxDepth = 500;
/** Elements of zero bytes cost the sender nothing, so steps are counted beside bytes. */
const maxSteps = 4_000_000;

/** The bytes are no Candid message, or one that nobody would send in good faith. */
export class MalformedCandid extends Error {
    override readonly name = 'MalformedCandid';

    constructor(
        readonly expected: string,
        readonly offset: number
    ) {
        super(`expected ${expected} at byte ${offset}`);
    }
}

class Reader {
    constructor(
        readonly bytes: Uint8Array,
        public offset: number
    ) {}

    byte(): number {
        const value = this.bytes[this.offset];
        if (value === undefined) throw new MalformedCandid('more bytes', this.offset);
        this.offset += 1;
        return value;
    }

    skip(count: number): void {
        if (count > this.bytes.length - this.offset) throw new MalformedCandid('more bytes', this.offset);
        this.offset += count;
    }

    take(count: number): Uint8Array {
        const start = this.offset;
        this.skip(count);
        return this.bytes.subarray(start, this.offset);
    }

    /** A length or an index: small enough for a number, or malformed. */
    unsigned(): number {
        let value = 0;
        for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
            const next = this.byte();
            value += (next & 0x7f) * scale;
            if (next < 0x80) return value;
        }
        throw new MalformedCandid('a smaller number', this.offset);
    }

    /** A type reference: seven bits are enough for the opcodes, and indices are small. */
    type(): TypeRef {
        const start = this.offset;
        const value = this.unsigned();
        const bits = 7 * (this.offset - start);
        const half = 2 ** (bits - 1);
        return value >= half ? value - 2 * half : value;
    }

    /** A leb128 number of any length. */
    skipNumber(): void {
        while (this.byte() >= 0x80);
    }
}

/** A parsed message. All its methods throw MalformedCandid when the bytes are not what the types say. */
export class WireMessage {
    readonly args: readonly WireValue[];
    readonly #types: readonly WireType[];
    readonly #header: Uint8Array;
    #steps = 0;

    constructor(private readonly bytes: Uint8Array) {
        const reader = new Reader(bytes, 0);
        if (Buffer.from(reader.take(magic.length)).toString('latin1') !== magic) throw new MalformedCandid(magic, 0);
        this.#types = readTable(reader);
        // The table without the arguments: any value of the message can follow it.
        this.#header = bytes.subarray(0, reader.offset);
        const count = reader.unsigned();
        if (count > maxTypes) throw new MalformedCandid('fewer arguments', reader.offset);
        const types = Array.from({ length: count }, () => reader.type());
        this.args = types.map((type) => this.#value(type, reader));
    }

    /** Undefined for anything but a record with this field. */
    field({ type, start }: WireValue, name: string): WireValue | undefined {
        const record = this.#types[type];
        if (record?.kind !== 'record') return undefined;
        const reader = new Reader(this.bytes, start);
        const id = fieldId(name);
        for (const field of record.fields) {
            const value = this.#value(field.type, reader);
            if (field.id === id) return value;
        }
        return undefined;
    }

    /** What an opt holds; a value that is no opt is taken for itself, as subtyping has it. Undefined for none. */
    some(value: WireValue): WireValue | undefined {
        const type = this.#types[value.type];
        if (type?.kind !== 'opt') return fixedSizes.get(value.type) === 0 ? undefined : value;
        const reader = new Reader(this.bytes, value.start);
        return reader.byte() === 0 ? undefined : this.#value(type.inner, reader);
    }

    /** The value of a variant's case; undefined for other cases and types. */
    case({ type, start }: WireValue, name: string): WireValue | undefined {
        const variant = this.#types[type];
        if (variant?.kind !== 'variant') return undefined;
        const reader = new Reader(this.bytes, start);
        const chosen = variant.fields[reader.unsigned()];
        return chosen?.id === fieldId(name) ? this.#value(chosen.type, reader) : undefined;
    }

    /** Canister and method that a function reference names; undefined for other types and opaque references. */
    function({ type, start }: WireValue): { readonly canisterId: Uint8Array; readonly method: string } | undefined {
        if (this.#types[type]?.kind !== 'func') return undefined;
        const reader = new Reader(this.bytes, start);
        if (reader.byte() === 0 || reader.byte() === 0) return undefined;
        const canisterId = reader.take(reader.unsigned());
        return { canisterId, method: Buffer.from(reader.take(reader.unsigned())).toString('utf8') };
    }

    /** The bytes of a blob; undefined for other types. */
    blob({ type, start }: WireValue): Uint8Array | undefined {
        const vector = this.#types[type];
        if (vector?.kind !== 'vec' || fixedSizes.get(vector.inner) !== 1) return undefined;
        const reader = new Reader(this.bytes, start);
        return reader.take(reader.unsigned());
    }

    /** A message whose only argument is the value, types included. */
    asArgument({ type, start, end }: WireValue): Uint8Array {
        const reference = signedLeb128(type);
        return concatBytes(this.#header, new Uint8Array([1]), reference, this.bytes.subarray(start, end));
    }

    /** The value at the reader's place, which moves behind it. */
    #value(type: TypeRef, reader: Reader): WireValue {
        const start = reader.offset;
        this.#skip(type, reader, 0);
        return { type, start, end: reader.offset };
    }

    #skip(type: TypeRef, reader: Reader, depth: number): void {
        this.#steps += 1;
        if (this.#steps > maxSteps || depth > maxDepth) throw new MalformedCandid('a simpler value', reader.offset);
        const composite = this.#types[type];
        if (composite === undefined) skipPrimitive(type, reader);
        else this.#skipComposite(composite, reader, depth + 1);
    }

    #skipComposite(type: WireType, reader: Reader, depth: number): void {
        switch (type.kind) {
            case 'opt':
                if (reader.byte() !== 0) this.#skip(type.inner, reader, depth);
                return;
            case 'vec':
                return this.#skipVector(type.inner, reader, depth);
            case 'record':
                for (const field of type.fields) this.#skip(field.type, reader, depth);
                return;
            case 'variant': {
                const chosen = type.fields[reader.unsigned()];
                if (chosen === undefined) throw new MalformedCandid('a case of the variant', reader.offset);
                return this.#skip(chosen.type, reader, depth);
            }
            case 'func':
                if (reader.byte() === 0) return;
                skipPrincipal(reader);
                return reader.skip(reader.unsigned());
            case 'service':
                return skipPrincipal(reader);
        }
    }

    #skipVector(inner: TypeRef, reader: Reader, depth: number): void {
        const count = reader.unsigned();
        const size = fixedSizes.get(inner);
        if (size !== undefined) return reader.skip(count * size);
        for (let i = 0; i < count; i += 1) this.#skip(inner, reader, depth);
    }
}

function skipPrimitive(type: TypeRef, reader: Reader): void {
    const size = fixedSizes.get(type);
    if (size !== undefined) reader.skip(size);
    else if (numberOps.has(type)) reader.skipNumber();
    else if (type === op.text) reader.skip(reader.unsigned());
    else if (type === op.principal) skipPrincipal(reader);
    else throw new MalformedCandid('a type with values', reader.offset);
}

function skipPrincipal(reader: Reader): void {
    if (reader.byte() !== 0) reader.skip(reader.unsigned());
}

function readTable(reader: Reader): readonly WireType[] {
    const count = reader.unsigned();
    if (count > maxTypes) throw new MalformedCandid('fewer types', reader.offset);
    return Array.from({ length: count }, () => readType(reader));
}

function readType(reader: Reader): WireType {
    const code = reader.type();
    switch (code) {
        case op.opt:
            return { kind: 'opt', inner: reader.type() };
        case op.vec:
            return { kind: 'vec', inner: reader.type() };
        case op.record:
            return { kind: 'record', fields: readFields(reader) };
        case op.variant:
            return { kind: 'variant', fields: readFields(reader) };
        case op.func:
            readSignature(reader);
            return { kind: 'func' };
        case op.service:
            readMethods(reader);
            return { kind: 'service' };
        default:
            throw new MalformedCandid('a composite type', reader.offset);
    }
}

/** Lengths are bounded by the bytes that follow, of which every item takes at least one. */
function list<T>(reader: Reader, read: () => T): readonly T[] {
    const count = reader.unsigned();
    if (count > reader.bytes.length - reader.offset) throw new MalformedCandid('more bytes', reader.offset);
    return Array.from({ length: count }, read);
}

function readFields(reader: Reader): readonly { readonly id: number; readonly type: TypeRef }[] {
    return list(reader, () => ({ id: reader.unsigned(), type: reader.type() }));
}

function readSignature(reader: Reader): void {
    list(reader, () => reader.type());
    list(reader, () => reader.type());
    list(reader, () => reader.byte());
}

function readMethods(reader: Reader): void {
    list(reader, () => {
        reader.skip(reader.unsigned());
        reader.type();
    });
}

/** The number that stands for a name (Candid specification, "Records"). */
function fieldId(name: string): number {
    let hash = 0;
    for (const byte of Buffer.from(name)) hash = (Math.imul(hash, 223) + byte) >>> 0;
    return hash;
}

function signedLeb128(value: number): Uint8Array {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>= 7) {
        const low = rest & 0x7f;
        const isLast = rest >> 7 === (low & 0x40 ? -1 : 0);
        bytes.push(isLast ? low : low | 0x80);
        if (isLast) return new Uint8Array(bytes);
    }
}
