import { equalBytes } from '../bytes';
import { err, ok, type Result } from '../result';
import { int8Matrix, uint16Vector } from './generator';

/** What a proof of computing asks for: the exact product of the node seed's matrix and the challenge seed's matrix. */
export interface PocTask {
    readonly dimension: number;
    /** Drawn when the proof is requested: the right factor B. 32 bytes. */
    readonly seed: Uint8Array;
    /** Drawn when the node accepts, bound to proof and node: the left factor A. 32 bytes. */
    readonly nodeSeed: Uint8Array;
}

/** Why an answer is no product: wrong length, an entry that no int8 product can have, or simply wrong. */
export type ProductFault = 'size' | 'range' | 'product';

const ENTRY_BYTES = 4;

/** (-128)²: no term of an entry is larger. */
const LARGEST_TERM = 16_384;

/**
 * Independent random vectors per check. A wrong product passes one with probability ≤ 2^-16 (compute.md §4.6 with
 * 16-bit entries), so both with ≤ 2^-32; wider entries would leave the exact range of a double at the largest dimension.
 */
const CHECK_ROUNDS = 2;

/** Length of an answer: int32 entries, little-endian, row after row. */
export function productBytes(dimension: number): number {
    return dimension * dimension * ENTRY_BYTES;
}

/** Does the task: the answer that a node submits. */
export function computeProduct(task: PocTask): Uint8Array {
    const { dimension } = task;
    const left = int8Matrix(task.nodeSeed, dimension);
    const right = int8Matrix(task.seed, dimension);
    const bytes = new Uint8Array(productBytes(dimension));
    const view = new DataView(bytes.buffer);
    for (let row = 0; row < dimension; row++) {
        const entries = rowProduct(left.subarray(row * dimension, (row + 1) * dimension), right);
        for (let column = 0; column < dimension; column++) {
            view.setInt32((row * dimension + column) * ENTRY_BYTES, entries[column] ?? 0, true);
        }
    }
    return bytes;
}

/** Whether an answer is the product, by doing the task again: what validators do off chain. */
export function recomputeProduct(task: PocTask, answer: Uint8Array): Result<void, ProductFault> {
    if (answer.length !== productBytes(task.dimension)) return err('size');
    return equalBytes(answer, computeProduct(task)) ? ok(undefined) : err('product');
}

/**
 * Whether an answer is the product, in O(n²) by Freivalds' check with exact integers: what the canister does.
 * The randomness (32 bytes) must have been drawn after the answer was fixed.
 */
export function checkProduct(task: PocTask, answer: Uint8Array, randomness: Uint8Array): Result<void, ProductFault> {
    const { dimension } = task;
    if (answer.length !== productBytes(dimension)) return err('size');
    const claimed = readEntries(answer, dimension);
    if (claimed === undefined) return err('range');
    const left = int8Matrix(task.nodeSeed, dimension);
    const right = int8Matrix(task.seed, dimension);
    for (let round = 0; round < CHECK_ROUNDS; round++) {
        const random = uint16Vector(randomness, round, dimension);
        const expected = timesVector(left, timesVector(right, random));
        if (!sameEntries(expected, timesVector(claimed, random))) return err('product');
    }
    return ok(undefined);
}

function rowProduct(row: Int8Array, right: Int8Array): Int32Array {
    const dimension = row.length;
    const entries = new Int32Array(dimension);
    for (let k = 0; k < dimension; k++) {
        const factor = row[k] ?? 0;
        const at = k * dimension;
        for (let column = 0; column < dimension; column++) {
            entries[column] = (entries[column] ?? 0) + factor * (right[at + column] ?? 0);
        }
    }
    return entries;
}

/** The claimed entries; undefined when one is out of an int8 product's range, which would also break exactness below. */
function readEntries(answer: Uint8Array, dimension: number): Int32Array | undefined {
    const limit = dimension * LARGEST_TERM;
    const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
    const entries = new Int32Array(dimension * dimension);
    for (let i = 0; i < entries.length; i++) {
        const entry = view.getInt32(i * ENTRY_BYTES, true);
        if (entry > limit || entry < -limit) return undefined;
        entries[i] = entry;
    }
    return entries;
}

type Numbers = Int8Array | Int32Array | Uint16Array | Float64Array;

/** Matrix times vector. Sums stay below 512² · 2^14 · 2^16 = 2^48, so doubles hold them exactly. */
function timesVector(matrix: Numbers, vector: Numbers): Float64Array {
    const dimension = vector.length;
    const result = new Float64Array(dimension);
    let at = 0;
    for (let row = 0; row < dimension; row++) {
        let sum = 0;
        for (let column = 0; column < dimension; column++) sum += (matrix[at++] ?? 0) * (vector[column] ?? 0);
        result[row] = sum;
    }
    return result;
}

function sameEntries(a: Float64Array, b: Float64Array): boolean {
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
}
