/**
 * The message that is being encoded, and the writers that touch it. There is one buffer, in variables of this module, for the
 * reason given in input.ts. A write past the end of a typed array does nothing, so nothing is checked on the way:
 * `end` counts on, and a message that did not fit is written again into a buffer that is large enough.
 */
import { InvalidCandidValue } from './refusal';
import { encodeUtf8 } from './utf8';

/** Appends one value, or throws {@link InvalidCandidValue}. */
export type Writer = (value: unknown) => void;

/** Larger buffers serve one message and are let go. */
const KEPT_BYTES = 64 * 1024;

let out = new Uint8Array(1024);
let view = new DataView(out.buffer);
/** `out.length`, which is a getter. */
let capacity = out.length;
let end = 0;

/**
 * Writes a header and the values behind it, and returns the message: a view that holds until the next one is written.
 * A message that does not fit is written twice, so `write` must write the same each time.
 */
export function writeMessage(header: Uint8Array, write: Writer, values: unknown): Uint8Array {
    end = 0;
    writeRaw(header);
    write(values);
    if (end > capacity) return writeLarge(header, write, values);
    return new Uint8Array(out.buffer, 0, end);
}

function writeLarge(header: Uint8Array, write: Writer, values: unknown): Uint8Array {
    const kept = out;
    const length = end;
    useBuffer(new Uint8Array(length));
    out.set(header);
    end = header.length;
    write(values);
    const message = out;
    useBuffer(length <= KEPT_BYTES ? new Uint8Array(2 * length) : kept);
    return message;
}

function useBuffer(buffer: Uint8Array<ArrayBuffer>): void {
    out = buffer;
    view = new DataView(buffer.buffer);
    capacity = buffer.length;
}

export function writeRaw(raw: ArrayLike<number> & { readonly length: number }): void {
    const from = end;
    end += raw.length;
    if (end <= capacity) out.set(raw, from);
}

function invalid(expected: string, value: unknown): never {
    throw new InvalidCandidValue(expected, value);
}

export function writeNothing(value: unknown): void {
    if (value !== null) invalid('null', value);
}

/** Every value belongs to `reserved`, and none is written. */
export function writeReserved(): void {
    return undefined;
}

export function writeEmpty(value: unknown): never {
    return invalid('empty', value);
}

export function writeBool(value: unknown): void {
    if (typeof value !== 'boolean') invalid('bool', value);
    out[end++] = value ? 1 : 0;
}

/** Powers are constants by name: QuickJS computes an expression anew each time. */
const TWO_28 = 2 ** 28;

/** Unsigned LEB128 of a safe integer. The low 28 bits fit QuickJS's integers, which are cheaper than its floats. */
export function writeLength(value: number): void {
    if (value < 128) {
        out[end++] = value;
        return;
    }
    let rest = value;
    while (rest >= TWO_28) {
        writeFourGroups(rest % TWO_28);
        rest = Math.floor(rest / TWO_28);
    }
    const o = out;
    let p = end;
    while (rest > 127) {
        o[p++] = (rest & 127) | 128;
        rest >>= 7;
    }
    o[p++] = rest;
    end = p;
}

/** Four bytes that are not the last. */
function writeFourGroups(value: number): void {
    const o = out;
    let p = end;
    o[p++] = (value & 127) | 128;
    o[p++] = ((value >> 7) & 127) | 128;
    o[p++] = ((value >> 14) & 127) | 128;
    o[p++] = (value >> 21) | 128;
    end = p;
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const FOUR_GROUPS = 0xfffffffn;

export function writeNat(value: unknown): void {
    let rest = typeof value === 'bigint' ? value : bigIntegerOf(value, 'nat');
    if (rest < 0n) invalid('nat', value);
    while (rest > SAFE) {
        writeFourGroups(Number(rest & FOUR_GROUPS));
        rest >>= 28n;
    }
    writeLength(Number(rest));
}

export function writeInt(value: unknown): void {
    let rest = bigIntegerOf(value, 'int');
    while (rest > 63n || rest < -64n) {
        out[end++] = Number(rest & 127n) | 128;
        rest >>= 7n;
    }
    out[end++] = Number(rest & 127n);
}

/** Takes what @dfinity/candid takes: an integer of either kind that fits. */
function integerOf(value: unknown, least: number, most: number, expected: string): number {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) return invalid(expected, value);
    return number >= least && number <= most ? number : invalid(expected, value);
}

function bigIntegerOf(value: unknown, expected: string): bigint {
    if (typeof value === 'bigint') return value;
    return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : invalid(expected, value);
}

export function writeNat8(value: unknown): void {
    out[end++] = integerOf(value, 0, 0xff, 'nat8');
}

export function writeInt8(value: unknown): void {
    out[end++] = integerOf(value, -0x80, 0x7f, 'int8');
}

export function writeNat16(value: unknown): void {
    const integer = integerOf(value, 0, 0xffff, 'nat16');
    if (claim(2)) view.setUint16(end - 2, integer, true);
}

export function writeInt16(value: unknown): void {
    const integer = integerOf(value, -0x8000, 0x7fff, 'int16');
    if (claim(2)) view.setInt16(end - 2, integer, true);
}

export function writeNat32(value: unknown): void {
    const integer = integerOf(value, 0, 0xffffffff, 'nat32');
    if (claim(4)) view.setUint32(end - 4, integer, true);
}

export function writeInt32(value: unknown): void {
    const integer = integerOf(value, -0x80000000, 0x7fffffff, 'int32');
    if (claim(4)) view.setInt32(end - 4, integer, true);
}

const LARGEST_NAT64 = 2n ** 64n - 1n;
const LARGEST_INT64 = 2n ** 63n - 1n;
const SMALLEST_INT64 = -(2n ** 63n);

export function writeNat64(value: unknown): void {
    const integer = bigIntegerOf(value, 'nat64');
    if (integer < 0n || integer > LARGEST_NAT64) invalid('nat64', value);
    if (claim(8)) view.setBigUint64(end - 8, integer, true);
}

export function writeInt64(value: unknown): void {
    const integer = bigIntegerOf(value, 'int64');
    if (integer < SMALLEST_INT64 || integer > LARGEST_INT64) invalid('int64', value);
    if (claim(8)) view.setBigInt64(end - 8, integer, true);
}

export function writeFloat32(value: unknown): void {
    if (typeof value !== 'number') invalid('float32', value);
    if (claim(4)) view.setFloat32(end - 4, value, true);
}

export function writeFloat64(value: unknown): void {
    if (typeof value !== 'number') invalid('float64', value);
    if (claim(8)) view.setFloat64(end - 8, value, true);
}

/** A DataView throws where a typed array ignores. */
function claim(count: number): boolean {
    end += count;
    return end <= capacity;
}

/** Up to here a loop over the characters is cheaper than the native encoder; beyond, texts seldom repeat. */
const SHORT_TEXT = 24;
/** Short texts repeat: labels of values, symbols, codes. Each is kept with its length, in so many places. */
const KEPT_TEXTS = 256;
const keptTexts = new Map<string, Uint8Array>();

export function writeText(value: unknown): void {
    if (typeof value !== 'string') return invalid('text', value);
    if (value.length <= SHORT_TEXT) {
        writeRaw(keptTexts.get(value) ?? keepText(value));
    } else {
        const utf8 = encodeUtf8(value);
        writeLength(utf8.length);
        writeRaw(utf8);
    }
}

function keepText(text: string): Uint8Array {
    if (keptTexts.size === KEPT_TEXTS) keptTexts.clear();
    const utf8 = asciiOf(text) ?? encodeUtf8(text);
    const written = new Uint8Array(utf8.length + 1);
    written[0] = utf8.length;
    written.set(utf8, 1);
    keptTexts.set(text, written);
    return written;
}

/** Undefined when a character is not ASCII. */
function asciiOf(text: string): number[] | undefined {
    const bytes: number[] = [];
    for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 127) return undefined;
        bytes.push(unit);
    }
    return bytes;
}

interface PrincipalLike {
    readonly _isPrincipal: true;
    toUint8Array(): Uint8Array;
}

/** By its mark, as @dfinity/candid does: a bundle may hold the class twice. */
function isPrincipal(value: unknown): value is PrincipalLike {
    return typeof value === 'object' && value !== null && '_isPrincipal' in value && value._isPrincipal === true;
}

export function writePrincipal(value: unknown): void {
    if (!isPrincipal(value)) return invalid('principal', value);
    const raw = value.toUint8Array();
    out[end++] = 1;
    writeLength(raw.length);
    writeRaw(raw);
}

export function writeFunc(value: unknown): void {
    if (!Array.isArray(value) || value.length !== 2) return invalid('func', value);
    out[end++] = 1;
    writePrincipal(value[0]);
    writeText(value[1]);
}

export function optWriter(inner: Writer): Writer {
    return (value) => {
        if (!Array.isArray(value) || value.length > 1) return invalid('opt', value);
        out[end++] = value.length;
        if (value.length === 1) inner(value[0]);
    };
}

export function vecWriter(element: Writer): Writer {
    return (value) => {
        if (!Array.isArray(value)) return invalid('vec', value);
        const count = value.length;
        writeLength(count);
        for (let i = 0; i < count; i++) element(value[i]);
    };
}

/** A blob, nearly always given as bytes. */
export function blobWriter(): Writer {
    const writeOther = vecOfFixedWriter(writeNat8, 1);
    return (value) => {
        if (!(value instanceof Uint8Array)) return writeOther(value);
        writeLength(value.length);
        writeRaw(value);
    };
}

/** Vectors of fixed-width integers may also be typed arrays of that width; all machines that run this are little-endian. */
export function vecOfFixedWriter(element: Writer, width: number): Writer {
    const writeList = vecWriter(element);
    return (value) => {
        if (!isArrayOfWidth(value, width)) return writeList(value);
        writeLength(value.byteLength / width);
        writeRaw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    };
}

function isArrayOfWidth(value: unknown, width: number): value is ArrayBufferView {
    return ArrayBuffer.isView(value) && 'BYTES_PER_ELEMENT' in value && value.BYTES_PER_ELEMENT === width;
}

export interface Case {
    readonly label: string;
    readonly payload: Writer;
}

/** A value of a variant type that is encoded already, by code that knows the type: it is written as it is. */
export class Encoded {
    constructor(readonly encodedBytes: Uint8Array) {}
}

/** Objects of one key, the label. The wire carries the position of the case. */
export function variantWriter(cases: readonly Case[]): Writer {
    const first = cases[0];
    const second = cases[1];
    if (first !== undefined && second !== undefined && cases.length === 2) return eitherWriter(first, second);
    const byLabel = new Map(cases.map(({ label, payload }, index) => [label, { index, payload }]));
    return (value) => {
        if (typeof value !== 'object' || value === null) return invalid('variant', value);
        const labels = Object.keys(value);
        const label = labels[0] ?? '';
        const chosen = byLabel.get(label);
        if (chosen === undefined && value instanceof Encoded) return writeRaw(value.encodedBytes);
        if (chosen === undefined || labels.length !== 1) return invalid('variant', value);
        if (chosen.index < 128) out[end++] = chosen.index;
        else writeLength(chosen.index);
        chosen.payload((value as Labelled)[label]);
    };
}

type Labelled = { readonly [label: string]: unknown };

/** Two cases, as nearly every result has: asking for both is cheaper than for the keys. */
function eitherWriter(
    { label: first, payload: writeFirst }: Case,
    { label: second, payload: writeSecond }: Case
): Writer {
    return (value) => {
        if (typeof value !== 'object' || value === null) return invalid('variant', value);
        const a = (value as Labelled)[first];
        const b = (value as Labelled)[second];
        if ((a === undefined) === (b === undefined)) {
            return value instanceof Encoded ? writeRaw(value.encodedBytes) : invalid('variant', value);
        }
        if (a !== undefined) {
            out[end++] = 0;
            writeFirst(a);
        } else {
            out[end++] = 1;
            writeSecond(b);
        }
    };
}
