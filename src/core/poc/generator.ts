/**
 * The one generator of the proof of computing: node, validator and canister make the same matrices from the same seeds.
 * An add-rotate-xor generator per row (jsf32 by B. Jenkins), because multiplications and hashes are dear in QuickJS and
 * because rows keyed one by one have no structure (Toeplitz, Hankel, low rank) that a fast product could use
 * (compute.md §4.2-4.3).
 */

/** Length of a matrix seed. */
export const SEED_BYTES = 32;

/** Dimensions that the generator and a 2 MiB ingress message can carry; multiples of {@link ENTRIES_PER_WORD}. */
export const MIN_DIMENSION = 4;
export const MAX_DIMENSION = 512;
export const ENTRIES_PER_WORD = 4;

const JSF_CONSTANT = 0xf1ea5eed | 0;
const WARM_UP_BEFORE_MIX = 8;
const WARM_UP_AFTER_MIX = 12;

/** Whether proofs of this dimension can be made. */
export function isDimension(dimension: number): boolean {
    const inRange = dimension >= MIN_DIMENSION && dimension <= MAX_DIMENSION;
    return Number.isInteger(dimension) && inRange && dimension % ENTRIES_PER_WORD === 0;
}

/** The dimension × dimension matrix of a seed: uniform int8 entries, row after row. */
export function int8Matrix(seed: Uint8Array, dimension: number): Int8Array {
    const matrix = new Int8Array(dimension * dimension);
    const words = dimension / ENTRIES_PER_WORD;
    const key = keyWords(seed);
    for (let row = 0; row < dimension; row++) {
        const stream = rowStream(key, row, words);
        let at = row * dimension;
        for (let i = 0; i < words; i++) {
            const word = stream[i] ?? 0;
            // Int8Array keeps the low eight bits of what is stored.
            matrix[at] = word;
            matrix[at + 1] = word >> 8;
            matrix[at + 2] = word >> 16;
            matrix[at + 3] = word >> 24;
            at += ENTRIES_PER_WORD;
        }
    }
    return matrix;
}

/** Uniform 16-bit numbers: the random vector number `index` that a seed gives to the check of a product. */
export function uint16Vector(seed: Uint8Array, index: number, length: number): Uint16Array {
    const vector = new Uint16Array(length);
    const stream = rowStream(keyWords(seed), index, (length + 1) >> 1);
    for (let i = 0; i < length; i++) {
        const word = stream[i >> 1] ?? 0;
        vector[i] = i % 2 === 0 ? word : word >>> 16;
    }
    return vector;
}

/** The seed as eight little-endian words. */
function keyWords(seed: Uint8Array): Int32Array {
    const view = new DataView(seed.buffer, seed.byteOffset, SEED_BYTES);
    return Int32Array.from({ length: SEED_BYTES / 4 }, (_, i) => view.getInt32(4 * i, true));
}

/** `length` words of the generator keyed by (key, row). The last three key words enter in the middle of the warm-up. */
function rowStream(key: Int32Array, row: number, length: number): Int32Array {
    const state = Int32Array.of(
        JSF_CONSTANT ^ (key[0] ?? 0),
        (key[1] ?? 0) ^ row,
        (key[2] ?? 0) ^ (key[4] ?? 0),
        key[3] ?? 0
    );
    generate(state, new Int32Array(WARM_UP_BEFORE_MIX));
    state[0] = (state[0] ?? 0) ^ (key[5] ?? 0);
    state[1] = (state[1] ?? 0) ^ (key[6] ?? 0);
    state[2] = (state[2] ?? 0) ^ (key[7] ?? 0);
    generate(state, new Int32Array(WARM_UP_AFTER_MIX));
    const words = new Int32Array(length);
    generate(state, words);
    return words;
}

/** Fills `out` with the next words and leaves the state behind them. */
function generate(state: Int32Array, out: Int32Array): void {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let i = 0; i < out.length; i++) {
        const e = (a - ((b << 27) | (b >>> 5))) | 0;
        a = b ^ ((c << 17) | (c >>> 15));
        b = (c + d) | 0;
        c = (d + e) | 0;
        d = (e + a) | 0;
        out[i] = d;
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
}
