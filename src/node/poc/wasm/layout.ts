import { LEAF_ROWS, type Shape } from '../../../core/poc/shape';

const PAGE_BYTES = 65_536;
const ALIGNMENT = 64;

/** Where the kernel's data lies in the memory that all threads share; addresses in bytes. */
export interface MemoryLayout {
    /** The key of the matrix or round at hand: eight words. */
    readonly key: number;
    /** Number of the next block of 64 rows that nobody has taken. */
    readonly nextBlock: number;
    readonly constants: number;
    /** B in panels, 16 bits per entry. */
    readonly matrix: number;
    readonly folds: number;
    /** Scratch of each thread. */
    readonly scratch: readonly number[];
    readonly pages: number;
}

export function memoryLayout({ dimension, rows }: Shape, threads: number): MemoryLayout {
    let end = 0;
    const reserve = (bytes: number): number => {
        const start = end;
        end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
        return start;
    };
    const key = reserve(32);
    const nextBlock = reserve(4);
    const constants = reserve(4 * dimension);
    const matrix = reserve(2 * dimension * dimension);
    const folds = reserve(8 * rows);
    // A block of A, widened to 16 bits, and its folds in four lanes each.
    const scratchBytes = LEAF_ROWS * dimension * 2 + LEAF_ROWS * 32;
    const scratch = Array.from({ length: threads }, () => reserve(scratchBytes));
    return { key, nextBlock, constants, matrix, folds, scratch, pages: Math.ceil(end / PAGE_BYTES) };
}
