/**
 * The part of CBOR (RFC 8949) that the Internet Computer's HTTP interface uses.
 * Integers are bigint in both directions, so that 64-bit values keep their digits.
 */
import { concatBytes, utf8 } from './bytes';

/** Of maps: the formats here have no others. */
export type CborKey = string | bigint;

/** What the formats here are made of; integers are bigint. */
export type CborValue =
    | null
    | boolean
    | bigint
    | number
    | string
    | Uint8Array
    | readonly CborValue[]
    | ReadonlyMap<CborKey, CborValue>
    | CborTagged;

/** A tagged item (major type 6). */
export class CborTagged {
    constructor(
        readonly tag: bigint,
        readonly value: CborValue
    ) {}
}

/** RFC 8949, section 3.4.6. */
export const selfDescribeTag = 55799n;

/** A map with text keys, in the order in which they are written; undefined fields are left out. */
export function cborRecord(fields: Readonly<Record<string, CborValue | undefined>>): ReadonlyMap<CborKey, CborValue> {
    const map = new Map<CborKey, CborValue>();
    for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined) {
            map.set(name, value);
        }
    }
    return map;
}

/** `value` behind the self-describe tag, as every response of the interface is. */
export function encodeSelfDescribed(value: CborValue): Uint8Array {
    return encodeCbor(new CborTagged(selfDescribeTag, value));
}

/** Definite lengths, shortest heads; a `number` is written as a 64-bit float. */
export function encodeCbor(value: CborValue): Uint8Array {
    const parts: Uint8Array[] = [];
    write(value, parts);
    return concatBytes(...parts);
}

function write(value: CborValue, parts: Uint8Array[]): void {
    if (value === null) {
        parts.push(Uint8Array.of(0xf6));
    } else if (typeof value === 'boolean') {
        parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
    } else if (typeof value === 'bigint') {
        writeInteger(value, parts);
    } else if (typeof value === 'number') {
        parts.push(float64(value));
    } else if (typeof value === 'string') {
        const bytes = utf8(value);
        parts.push(head(3, BigInt(bytes.length)), bytes);
    } else if (value instanceof Uint8Array) {
        parts.push(head(2, BigInt(value.length)), value);
    } else {
        writeContainer(value, parts);
    }
}

function writeContainer(
    value: readonly CborValue[] | ReadonlyMap<CborKey, CborValue> | CborTagged,
    parts: Uint8Array[]
): void {
    if (value instanceof CborTagged) {
        parts.push(head(6, value.tag));
        write(value.value, parts);
    } else if (value instanceof Map) {
        parts.push(head(5, BigInt(value.size)));
        for (const [key, item] of value) {
            write(key, parts);
            write(item, parts);
        }
    } else if (Array.isArray(value)) {
        parts.push(head(4, BigInt(value.length)));
        for (const item of value) {
            write(item, parts);
        }
    }
}

function writeInteger(value: bigint, parts: Uint8Array[]): void {
    const negative = value < 0n;
    const magnitude = negative ? -1n - value : value;
    if (magnitude < 1n << 64n) {
        parts.push(head(negative ? 1 : 0, magnitude));
        return;
    }
    const hex = magnitude.toString(16);
    const bytes = new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
    parts.push(head(6, negative ? 3n : 2n), head(2, BigInt(bytes.length)), bytes);
}

function head(majorType: number, argument: bigint): Uint8Array {
    const major = majorType << 5;
    if (argument < 24n) {
        return Uint8Array.of(major | Number(argument));
    }
    const width = argument < 0x100n ? 1 : argument < 0x10000n ? 2 : argument < 0x1_0000_0000n ? 4 : 8;
    const bytes = new Uint8Array(1 + width);
    bytes[0] = major | (24 + Math.log2(width));
    let rest = argument;
    for (let index = width; index > 0; index -= 1) {
        bytes[index] = Number(rest & 0xffn);
        rest >>= 8n;
    }
    return bytes;
}

function float64(value: number): Uint8Array {
    const bytes = new Uint8Array(9);
    bytes[0] = 0xfb;
    new DataView(bytes.buffer).setFloat64(1, value);
    return bytes;
}
