/**
 * The cursor over the message that is being decoded, and the readers that touch it. Decoding is synchronous and never
 * nested, so there is one cursor, in variables of this module: in QuickJS a property of an object costs three times as much.
 * A byte past the end reads as undefined. Readers that can go on harmlessly do so: {@link expectEnd} refuses a message whose
 * cursor has passed its end.
 */
import { Principal } from '@dfinity/principal';
import {
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_FREE_ELEMENTS,
    MAX_NUMBER_BYTES,
    type CandidRefusal,
    type RefusalCode
} from './refusal';
import { decodeUtf8 } from './utf8';

/** Reads one value at the cursor. */
export type Reader = () => unknown;
/** Moves the cursor past one value. */
export type Skipper = () => void;

let bytes: Uint8Array = new Uint8Array(0);
let view: DataView | undefined;
let at = 0;
let depth = 0;
let elements = 0;
let freeElements = 0;
let rescanned = 0;
let reason: RefusalCode = 'truncated';

/** Thrown once made: an Error costs 90 000 instructions, and a message can provoke one per value. */
class Refused extends Error {}
const REFUSED = new Refused('refused');

export function refuse(code: RefusalCode): never {
    reason = code;
    throw REFUSED;
}

/** What {@link refuse} threw, as data; anything else is a bug and goes on. */
export function refusalOf(thrown: unknown): CandidRefusal {
    if (thrown !== REFUSED) throw thrown;
    return { code: reason, offset: Math.min(at, bytes.length) };
}

/** Puts the cursor into a message. The message must not change before it is decoded. */
export function openMessage(message: Uint8Array, start: number): void {
    bytes = message;
    view = undefined;
    at = start;
    depth = 0;
    elements = 0;
    freeElements = 0;
    rescanned = 0;
}

export function position(): number {
    return at;
}

export function expectEnd(): void {
    if (at !== bytes.length) refuse(at < bytes.length ? 'trailing_bytes' : 'truncated');
}

/** Values that take a fixed number of bytes. */
export function skipBytes(count: number): void {
    at += count;
}

/** A copy of the next bytes. */
/** What was read from a position on; over the message's own memory. */
export function bytesSince(start: number): Uint8Array {
    if (at > bytes.length) refuse('truncated');
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, at - start);
}

function takeBytes(count: number): Uint8Array {
    const from = at;
    at += count;
    return bytes.slice(from, at);
}

function viewAt(count: number): DataView {
    if (at + count > bytes.length) refuse('truncated');
    view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return view;
}

export function readByte(): number {
    return bytes[at++] ?? refuse('truncated');
}

/** A length, an index or an id: unsigned LEB128 of at most 32 bits; leading zeroes are legal. */
export function readLength(): number {
    const first = bytes[at++] ?? refuse('truncated');
    return first < 128 ? first : readLongLength(first);
}

const LARGEST_LENGTH = 2 ** 32 - 1;
/** Beyond any length: what a byte of this weight adds is refused, unless the byte is zero. */
const HEAVIEST = 2 ** 42;

function readLongLength(first: number): number {
    let value = first & 127;
    let weight = 128;
    for (let taken = 1; taken < MAX_NUMBER_BYTES; taken++) {
        const byte = bytes[at++] ?? refuse('truncated');
        value += (byte & 127) * weight;
        if (value > LARGEST_LENGTH) refuse('number_too_long');
        if (byte < 128) return value;
        weight = Math.min(weight * 128, HEAVIEST);
    }
    return refuse('number_too_long');
}

/** An opcode or a reference of a type table: signed LEB128 of at most 35 bits. */
export function readSignedLength(): number {
    let value = 0;
    let weight = 1;
    for (let taken = 0; taken < 5; taken++) {
        const byte = bytes[at++] ?? refuse('truncated');
        value += (byte & 127) * weight;
        weight *= 128;
        if (byte < 128) return byte >= 64 ? value - weight : value;
    }
    return refuse('number_too_long');
}

export function readNull(): null {
    return null;
}

export function readBool(): boolean {
    const byte = bytes[at++];
    if (byte === 1) return true;
    if (byte === 0) return false;
    return refuse(byte === undefined ? 'truncated' : 'bad_value');
}

const SMALL_NATS: readonly bigint[] = Array.from({ length: 128 }, (_, i) => BigInt(i));

export function readNat(): bigint {
    const small = SMALL_NATS[bytes[at] ?? refuse('truncated')];
    if (small === undefined) return readLongNat();
    at += 1;
    return small;
}

/** Seven bytes, 49 bits, make an exact number: one BigInt per group is cheaper than one per byte. */
const GROUP_BYTES = 7;
const GROUP_BITS = 49;
const TWO_28 = 2 ** 28;

function readLongNat(): bigint {
    const low = readGroup();
    if (groupEnded) return BigInt(low);
    const groups = [low];
    while (!groupEnded) {
        if (at > bytes.length) refuse('truncated');
        if (groups.length * GROUP_BYTES >= MAX_NUMBER_BYTES) refuse('number_too_long');
        groups.push(readGroup());
    }
    return joinGroups(groups, 0, groups.length);
}

let groupEnded = false;

/** Written out, in the integers that QuickJS keeps unboxed: a loop over floats takes three times as long. */
function readGroup(): number {
    const b = bytes;
    let p = at;
    let byte = b[p++] ?? 255;
    let low = byte & 127;
    if (byte > 127) {
        byte = b[p++] ?? 255;
        low |= (byte & 127) << 7;
    }
    if (byte > 127) {
        byte = b[p++] ?? 255;
        low |= (byte & 127) << 14;
    }
    if (byte > 127) {
        byte = b[p++] ?? 255;
        low |= (byte & 127) << 21;
    }
    let high = 0;
    if (byte > 127) {
        byte = b[p++] ?? 255;
        high = byte & 127;
        if (byte > 127) {
            byte = b[p++] ?? 255;
            high |= (byte & 127) << 7;
        }
        if (byte > 127) {
            byte = b[p++] ?? 255;
            high |= (byte & 127) << 14;
        }
    }
    at = p;
    groupEnded = byte < 128;
    return high === 0 ? low : low + high * TWO_28;
}

/** Halves instead of a running sum: the work stays near linear for a number as long as it may be. */
function joinGroups(groups: readonly number[], from: number, to: number): bigint {
    if (to - from === 1) return BigInt(groups[from] ?? 0);
    const middle = (from + to) >> 1;
    const high = joinGroups(groups, middle, to);
    return (high << BigInt(GROUP_BITS * (middle - from))) | joinGroups(groups, from, middle);
}

export function readInt(): bigint {
    const start = at;
    const magnitude = readNat();
    const last = bytes[at - 1] ?? 0;
    return last < 64 ? magnitude : magnitude - (1n << BigInt(7 * (at - start)));
}

export function readInt8(): number {
    const byte = bytes[at++] ?? refuse('truncated');
    return byte < 128 ? byte : byte - 256;
}

export function readNat16(): number {
    const value = viewAt(2).getUint16(at, true);
    at += 2;
    return value;
}

export function readInt16(): number {
    const value = viewAt(2).getInt16(at, true);
    at += 2;
    return value;
}

export function readNat32(): number {
    const value = viewAt(4).getUint32(at, true);
    at += 4;
    return value;
}

export function readInt32(): number {
    const value = viewAt(4).getInt32(at, true);
    at += 4;
    return value;
}

export function readNat64(): bigint {
    const value = viewAt(8).getBigUint64(at, true);
    at += 8;
    return value;
}

export function readInt64(): bigint {
    const value = viewAt(8).getBigInt64(at, true);
    at += 8;
    return value;
}

export function readFloat32(): number {
    const value = viewAt(4).getFloat32(at, true);
    at += 4;
    return value;
}

export function readFloat64(): number {
    const value = viewAt(8).getFloat64(at, true);
    at += 8;
    return value;
}

export function readText(): string {
    const length = readLength();
    const from = at;
    at += length;
    if (at > bytes.length) refuse('truncated');
    return decodeUtf8(new Uint8Array(bytes.buffer, bytes.byteOffset + from, length)) ?? refuse('invalid_utf8');
}

/** Longest principal of the interface specification. */
const MAX_PRINCIPAL_BYTES = 29;

export function readPrincipal(): Principal {
    // 1: an id follows; 0 would be an opaque reference, which no message carries.
    if (bytes[at++] !== 1) refuse(at > bytes.length ? 'truncated' : 'bad_value');
    const length = bytes[at++] ?? refuse('truncated');
    if (length > MAX_PRINCIPAL_BYTES) refuse('bad_value');
    const from = at;
    at += length;
    return Principal.fromUint8Array(bytes.slice(from, at));
}

/** A function reference: the service and the method's name. */
export function readFunc(): [Principal, string] {
    if (bytes[at++] !== 1) refuse(at > bytes.length ? 'truncated' : 'bad_value');
    return [readPrincipal(), readText()];
}

/** `opt`: `[]` or `[value]`. */
export function optReader(inner: Reader): Reader {
    return () => {
        const tag = bytes[at++];
        if (tag === 0) return [];
        if (tag === 1) return [inner()];
        return refuse(tag === undefined ? 'truncated' : 'bad_value');
    };
}

/** `opt` whose value is none when it does not belong to the type, as a case that the program does not know. */
export function lenientReader(inner: Reader, skip: Skipper): Reader {
    return () => {
        const start = at;
        const level = depth;
        try {
            return [inner()];
        } catch (thrown) {
            if (thrown !== REFUSED || reason !== 'type_mismatch') throw thrown;
            at = start;
            depth = level;
            skip();
            // Nested recoveries read the same bytes again: bounded, or depth times length is what a message costs.
            rescanned += at - start;
            if (rescanned > 8 * bytes.length) refuse('too_large');
            return [];
        }
    };
}

/** `opt` on the wire, decided by its tag. */
export function tagged(none: Reader, some: Reader): Reader {
    return () => {
        const tag = bytes[at++];
        if (tag === 0) return none();
        if (tag === 1) return some();
        return refuse(tag === undefined ? 'truncated' : 'bad_value');
    };
}

/** The cases in the order of the wire type. */
export function variantReader(cases: readonly Reader[]): Reader {
    const direct = cases.slice(0, 128);
    return () => {
        const read = direct[bytes[at++] ?? refuse('truncated')];
        if (read !== undefined) return read();
        at -= 1;
        const late = cases[readLength()] ?? refuse('bad_value');
        return late();
    };
}

/** `minimum`: bytes that an element takes at least. */
export function vecReader(element: Reader, minimum: number): Reader {
    return () => {
        const length = readLength();
        claimElements(length, minimum);
        const values: unknown[] = [];
        for (let i = 0; i < length; i++) values.push(element());
        return values;
    };
}

/** The vector whose elements can be none of the expected type: it may still be empty. */
export function emptyVecReader(empty: () => unknown): Reader {
    return () => (readLength() === 0 ? empty() : refuse('type_mismatch'));
}

export function claimElements(count: number, minimum: number): void {
    if (count * minimum > bytes.length - at) refuse('truncated');
    if (minimum === 0) freeElements += count;
    elements += count;
    if (elements > MAX_ELEMENTS || freeElements > MAX_FREE_ELEMENTS) refuse('too_large');
}

/** Elements of `width` bytes each, as raw bytes in a buffer of their own. */
export function readFixedElements(width: number): ArrayBufferLike {
    const length = readLength() * width;
    if (at + length > bytes.length) refuse('truncated');
    return takeBytes(length).buffer;
}

export function readBlob(): Uint8Array {
    return takeBytes(readLength());
}

/** Guards what refers to itself. `find` is asked when the first value comes: what it finds is still being made. */
export function recursive<T>(find: () => () => T): () => T {
    let found: (() => T) | undefined;
    return () => {
        depth += 1;
        if (depth > MAX_DEPTH) refuse('too_deep');
        found ??= find();
        const value = found();
        depth -= 1;
        return value;
    };
}
