/**
 * Freivalds' check of single rows modulo p: ⟨C_i, r⟩ = ⟨A_i, B·r⟩ (compute.md §4.6, docs/poc.md §8). All sums are of integers
 * below 2^53, so doubles hold them exactly, in any order; no Math.imul and no BigInt, which are dear in QuickJS. The loops
 * state what they know of their indices by `!`, because `??` costs QuickJS a fifth of the whole check.
 */
import type { Digest } from '../sha256';
import { derive } from './seeds';
import { ENTRIES_PER_WORD, ENTRY_OFFSET, openStream } from './stream';

/** The largest prime below 2^26: two different rows differ by less, so a wrong row is wrong modulo p. */
export const PRIME = 67_108_859;
const PRIME_BITS = 26;
const WORD_BITS = 32;

/** A vector modulo p, and what its products with generated rows are too large by. */
export interface Weights {
    readonly values: Int32Array;
    /** {@link ENTRY_OFFSET} · Σ values. */
    readonly excess: number;
}

/** r: uniform in 0 … p − 1, made of 26-bit pieces of a hash; the five values from p on are left out. */
export function checkVector(randomness: Uint8Array, dimension: number): Weights {
    const values = new Int32Array(dimension);
    const counter = new Uint8Array(4);
    const view = new DataView(counter.buffer);
    let filled = 0;
    for (let block = 0; filled < dimension; block++) {
        view.setUint32(0, block);
        for (const word of derive('check', randomness, counter)) {
            const value = word >>> (WORD_BITS - PRIME_BITS);
            if (value < PRIME && filled < dimension) values[filled++] = value;
        }
    }
    return weigh(values);
}

/** v = B·r mod p for the matrix of a slot's key. */
export function matrixTimes(matrixKey: Digest, r: Weights): Weights {
    const { length } = r.values;
    const product = new Int32Array(length);
    for (let row = 0; row < length; row++) product[row] = rowTimes(matrixKey, row, r);
    return weigh(product);
}

/** ⟨row, weights⟩ mod p for the generated row (key, index), made as it is used. Sums stay below 2^10 · 2^8 · 2^26 = 2^44. */
export function rowTimes(key: Digest, index: number, { values, excess }: Weights): number {
    const { length } = values;
    let [a, b, c, d] = openStream(key, index);
    let sum = 0;
    for (let i = 0; i < length; i += ENTRIES_PER_WORD) {
        const e = ~~(a - ((b << 27) | (b >>> 5)));
        a = b ^ ((c << 17) | (c >>> 15));
        b = ~~(c + d);
        c = ~~(d + e);
        d = ~~(e + a);
        sum +=
            (d & 255) * values[i]! +
            ((d >>> 8) & 255) * values[i + 1]! +
            ((d >>> 16) & 255) * values[i + 2]! +
            (d >>> 24) * values[i + 3]!;
    }
    return modulo(sum - excess);
}

/** Terms of |entry · r| ≤ 2^24 · 2^26 that can be added to a residue before the sum leaves the exact range: 7. */
const TERMS_PER_REDUCTION = 4;

/** ⟨entries, r⟩ mod p for entries of at most 2^24 in magnitude. */
export function entriesTimes(entries: Int32Array, { values }: Weights): number {
    const { length } = entries;
    let sum = 0;
    for (let i = 0; i < length; i += TERMS_PER_REDUCTION) {
        sum =
            (sum +
                entries[i]! * values[i]! +
                entries[i + 1]! * values[i + 1]! +
                entries[i + 2]! * values[i + 2]! +
                entries[i + 3]! * values[i + 3]!) %
            PRIME;
    }
    return modulo(sum);
}

function weigh(values: Int32Array): Weights {
    return { values, excess: ENTRY_OFFSET * values.reduce((sum, value) => sum + value, 0) };
}

function modulo(value: number): number {
    const rest = value % PRIME;
    return rest < 0 ? rest + PRIME : rest;
}
