/**
 * Freivalds' check of single rows modulo p: ⟨C_i, r⟩ = ⟨A_i, B·r⟩ (compute.md §4.6, docs/poc.md §8). All sums are of integers
 * below 2^53, so doubles hold them exactly, in any order; no Math.imul and no BigInt, which are dear in QuickJS.
 */
import type { Digest } from '../sha256';
import { derive } from './seeds';
import { ENTRIES_PER_WORD, ENTRY_OFFSET, streamWords } from './stream';

/** The largest prime below 2^26: two different rows differ by less, so a wrong row is wrong modulo p. */
export const PRIME = 67_108_859;
const PRIME_BITS = 26;
const WORD_BITS = 32;

/** r: uniform in 0 … p − 1, made of 26-bit pieces of a hash; the five values from p on are left out. */
export function checkVector(randomness: Uint8Array, dimension: number): Int32Array {
    const vector = new Int32Array(dimension);
    const counter = new Uint8Array(4);
    const view = new DataView(counter.buffer);
    let filled = 0;
    for (let block = 0; filled < dimension; block++) {
        view.setUint32(0, block);
        for (const word of derive('check', randomness, counter)) {
            const value = word >>> (WORD_BITS - PRIME_BITS);
            if (value < PRIME && filled < dimension) vector[filled++] = value;
        }
    }
    return vector;
}

/** v = B·r mod p for the matrix of a slot's key. */
export function matrixTimes(matrixKey: Digest, r: Int32Array): Int32Array {
    const product = new Int32Array(r.length);
    for (let row = 0; row < r.length; row++) product[row] = rowTimes(matrixKey, row, r);
    return product;
}

/** ⟨row, v⟩ mod p for the generated row (key, index). |sum| ≤ 2^10 · 2^8 · 2^26 = 2^44. */
export function rowTimes(key: Digest, index: number, v: Int32Array): number {
    const words = streamWords(key, index, v.length / ENTRIES_PER_WORD);
    let sum = 0;
    let shift = 0;
    for (let i = 0, at = 0; i < words.length; i++, at += ENTRIES_PER_WORD) {
        const word = words[i] ?? 0;
        const [v0 = 0, v1 = 0, v2 = 0, v3 = 0] = [v[at], v[at + 1], v[at + 2], v[at + 3]];
        sum += (word & 255) * v0 + ((word >>> 8) & 255) * v1 + ((word >>> 16) & 255) * v2 + (word >>> 24) * v3;
        shift += v0 + v1 + v2 + v3;
    }
    return modulo(sum - ENTRY_OFFSET * shift);
}

/** Terms of |entry · r| ≤ 2^24 · 2^26 that can be added to a residue before the sum leaves the exact range. */
const TERMS_PER_REDUCTION = 4;

/** ⟨entries, r⟩ mod p for entries of at most 2^24 in magnitude. */
export function entriesTimes(entries: Int32Array, r: Int32Array): number {
    let sum = 0;
    for (let i = 0; i < entries.length; i += TERMS_PER_REDUCTION) {
        sum += (entries[i] ?? 0) * (r[i] ?? 0) + (entries[i + 1] ?? 0) * (r[i + 1] ?? 0);
        sum += (entries[i + 2] ?? 0) * (r[i + 2] ?? 0) + (entries[i + 3] ?? 0) * (r[i + 3] ?? 0);
        sum %= PRIME;
    }
    return modulo(sum);
}

function modulo(value: number): number {
    const rest = value % PRIME;
    return rest < 0 ? rest + PRIME : rest;
}
