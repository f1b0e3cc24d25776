/** Representation-independent hash of ICRC-3 values (ICRC-3, HASHINGVALUES.md). */
import { compareBytes, concatBytes } from '../bytes';
import { compress, digestOf, digestToBytes, finishBlocks, INITIAL, type Digest } from '../sha256';
import { encodeSigned, encodeUnsigned } from './leb128';
import type { Icrc3Entry, Icrc3Value } from './value';

const utf8 = new TextEncoder();

/** Digest of a value; 32 bytes. */
export function hashValue(value: Icrc3Value): Uint8Array {
    return digestToBytes(digestOfValue(value));
}

function digestOfValue(value: Icrc3Value): Digest {
    if ('Blob' in value) return digestOf(Uint8Array.from(value.Blob));
    if ('Text' in value) return digestOfText(value.Text);
    if ('Nat' in value) return digestOf(encodeUnsigned(value.Nat));
    if ('Int' in value) return digestOf(encodeSigned(value.Int));
    if ('Array' in value) return digestOf(concatBytes(...value.Array.map(hashValue)));
    return digestOfEntries(value.Map.map(digestsOf));
}

/** Digest of a text's UTF-8. */
export function digestOfText(text: string): Digest {
    return digestOf(utf8.encode(text));
}

/** Digests of a key and its value: one item of a map's hash. */
export type DigestPair = readonly [key: Digest, value: Digest];

function digestsOf([key, value]: Icrc3Entry): DigestPair {
    return [digestOfText(key), digestOfValue(value)];
}

/** Digest of a map from the digests of its entries, in any order. */
function digestOfEntries(entries: readonly DigestPair[]): Digest {
    let state = INITIAL;
    for (const [key, value] of [...entries].sort(comparePairs)) state = compress(state, key, value);
    return finishBlocks(state, entries.length);
}

/** Bytewise order of key and value digests. */
export function comparePairs(a: DigestPair, b: DigestPair): number {
    return compareDigests(a[0], b[0]) || compareDigests(a[1], b[1]);
}

/** Bytewise order of two digests. */
export function compareDigests(a: Digest, b: Digest): number {
    return compareBytes(digestToBytes(a), digestToBytes(b));
}
