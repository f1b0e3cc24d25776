/**
 * The generator of every number of a proof: jsf32 by B. Jenkins, add-rotate-xor, keyed by a 256-bit key and an index. No
 * multiplication and no hash, because both are dear in QuickJS; a stream of its own for every row, so that the matrices
 * have no structure (Toeplitz, Hankel, low rank) that a fast product could use (compute.md §4.2-4.3, docs/poc.md §3).
 */
import type { Digest } from '../sha256';

/** The four words of a generator, signed. */
export type StreamState = [a: number, b: number, c: number, d: number];

const JSF_CONSTANT = 0xf1ea5eed | 0;
const STEPS_BEFORE_SECOND_HALF = 8;
const STEPS_AFTER_SECOND_HALF = 12;

/** A row's entries are bytes less this: sums over unsigned bytes need one correction instead of a sign per entry. */
export const ENTRY_OFFSET = 128;
export const ENTRIES_PER_WORD = 4;

/** The generator (key, index) behind its warm-up. */
export function openStream(key: Digest, index: number): StreamState {
    const state: StreamState = [JSF_CONSTANT ^ key[0], key[1] ^ index, key[2] ^ key[4], key[3]];
    advance(state, STEPS_BEFORE_SECOND_HALF);
    state[0] ^= key[5];
    state[1] ^= key[6];
    state[2] ^= key[7];
    advance(state, STEPS_AFTER_SECOND_HALF);
    return state;
}

/** The first `length` words of the stream (key, index), signed. */
export function streamWords(key: Digest, index: number, length: number): Int32Array {
    const words = new Int32Array(length);
    let [a, b, c, d] = openStream(key, index);
    for (let i = 0; i < length; i++) {
        const e = ~~(a - ((b << 27) | (b >>> 5)));
        a = b ^ ((c << 17) | (c >>> 15));
        b = ~~(c + d);
        c = ~~(d + e);
        d = ~~(e + a);
        words[i] = d;
    }
    return words;
}

/** The int8 entries of the row (key, index): the bytes of its words, lowest first, each less {@link ENTRY_OFFSET}. */
export function rowEntries(key: Digest, index: number, dimension: number): Int8Array {
    const entries = new Int8Array(dimension);
    const words = streamWords(key, index, dimension / ENTRIES_PER_WORD);
    let at = 0;
    for (const word of words) {
        entries[at++] = (word & 255) - ENTRY_OFFSET;
        entries[at++] = ((word >>> 8) & 255) - ENTRY_OFFSET;
        entries[at++] = ((word >>> 16) & 255) - ENTRY_OFFSET;
        entries[at++] = (word >>> 24) - ENTRY_OFFSET;
    }
    return entries;
}

function advance(state: StreamState, steps: number): void {
    let [a, b, c, d] = state;
    for (let i = 0; i < steps; i++) {
        const e = ~~(a - ((b << 27) | (b >>> 5)));
        a = b ^ ((c << 17) | (c >>> 15));
        b = ~~(c + d);
        c = ~~(d + e);
        d = ~~(e + a);
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
}
