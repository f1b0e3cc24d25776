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
    let at = 0;
    for (let k = 0; k < dimension; k++) {
        const factor = factors[k] ?? 0;
        for (let column = 0; column < dimension; column++) {
            product[column] = (product[column] ?? 0) + factor * (matrix[at++] ?? 0);
        }
    }
    return product;
}
