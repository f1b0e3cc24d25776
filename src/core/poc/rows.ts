import type { Digest } from '../sha256';
import { derive } from './seeds';
import { rowEntries } from './stream';

/** B of a slot: dimension rows of dimension int8 entries. */
export function slotMatrix(slotSeed: Uint8Array, dimension: number): Int8Array {
    const key = derive('matrix', slotSeed);
    const matrix = new Int8Array(dimension * dimension);
    for (let row = 0; row < dimension; row++) matrix.set(rowEntries(key, row, dimension), row * dimension);
    return matrix;
}

/** Row `row` of C = A·B for the A of a round's key, exact in 32 bits. */
export function productRow(roundKey: Digest, row: number, matrix: Int8Array, dimension: number): Int32Array {
    const factors = rowEntries(roundKey, row, dimension);
    const product = new Int32Array(dimension);
    for (let k = 0; k < dimension; k += FACTORS) addRows(product, factors, matrix, k);
    return product;
}

/** Rows of B that are added at a time: a fourth of the loads and stores of the sums. */
const FACTORS = 4;

/** Adds factors k … k + 3 times their rows of B. Every index is below a multiple of four that is the arrays' length. */
function addRows(product: Int32Array, factors: Int8Array, matrix: Int8Array, k: number): void {
    const { length } = product;
    const [row0, row1, row2, row3] = [k * length, (k + 1) * length, (k + 2) * length, (k + 3) * length];
    const [f0, f1, f2, f3] = [factors[k]!, factors[k + 1]!, factors[k + 2]!, factors[k + 3]!];
    for (let c = 0; c < length; c++) {
        product[c]! +=
            f0 * matrix[row0 + c]! + f1 * matrix[row1 + c]! + f2 * matrix[row2 + c]! + f3 * matrix[row3 + c]!;
    }
}
