/**
 * Rows laid out by hand, for the tables that every operation reads and writes: composed fields (`codec.ts`) cost a canister four
 * times as much. There is one row being written, in variables of this module, because a method call costs more than a function's.
 */
import { Principal } from '@dfinity/principal';
import { decodeUtf8, encodeUtf8 } from './candid/utf8';
import { CorruptBytes, ValueOutOfRange } from './codec';

const MAX_BYTES = 8_192;
const HASH_BYTES = 32;

/** The row that is being written. Codecs lay typed arrays over its beginning: a DataView's methods cost five times as much. */
export const scratch = new Uint8Array(MAX_BYTES);
const view = new DataView(scratch.buffer);

/** A principal behind its length; answers where it ends, as all that write here. */
export function writePrincipal(at: number, who: Principal): number {
    const bytes = who.toUint8Array();
    scratch[at] = bytes.length;
    scratch.set(bytes, at + 1);
    return at + 1 + bytes.length;
}

/** Exactly 32 bytes. */
export function writeHash(at: number, hash: Uint8Array): number {
    if (hash.length !== HASH_BYTES) throw new ValueOutOfRange('32 bytes', hash.length);
    scratch.set(hash, at);
    return at + HASH_BYTES;
}

export function writeText(at: number, text: string): number {
    return writeBytes(at, encodeUtf8(text));
}

/** Bytes behind their length, of 16 bits. */
export function writeBytes(at: number, bytes: Uint8Array): number {
    if (at + 2 + bytes.length > MAX_BYTES) throw new ValueOutOfRange(`a row of ${MAX_BYTES} bytes`, bytes.length);
    view.setUint16(at, bytes.length);
    scratch.set(bytes, at + 2);
    return at + 2 + bytes.length;
}

/** A row that is being read. */
export interface RowReader {
    readonly bytes: Uint8Array;
    /** Where the next part with a length begins. */
    at: number;
}

/** Bytes that typed arrays may be laid over. */
export function aligned(bytes: Uint8Array): Uint8Array {
    return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

export function readPrincipal(row: RowReader): Principal {
    const from = row.at + 1;
    row.at = from + (row.bytes[row.at] ?? 0);
    return Principal.fromUint8Array(row.bytes.slice(from, row.at));
}

export function readPrincipals(row: RowReader, count: number): Principal[] {
    const list: Principal[] = [];
    for (let i = 0; i < count; i++) list.push(readPrincipal(row));
    return list;
}

export function readHash(row: RowReader): Uint8Array {
    const from = row.at;
    row.at += HASH_BYTES;
    return row.bytes.slice(from, row.at);
}

export function readBytes(row: RowReader): Uint8Array {
    const from = row.at + 2;
    row.at = from + (row.bytes[row.at] ?? 0) * 256 + (row.bytes[row.at + 1] ?? 0);
    return row.bytes.slice(from, row.at);
}

export function readText(row: RowReader): string {
    const from = row.at;
    const text = decodeUtf8(readBytes(row));
    if (text === undefined) throw new CorruptBytes('UTF-8', from);
    return text;
}
