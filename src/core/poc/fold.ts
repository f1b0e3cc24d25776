/**
 * The fold of a row: 64 bits that depend non-linearly on every entry, so that they cannot be had without the entries, and not
 * on the entries' order of arrival, so that any tiling of the product gives the same (compute.md §4.2-4.3, docs/poc.md §4).
 */
import { digestOf, type Digest } from '../sha256';
import { LEAF_ROWS } from './shape';
import { streamWords } from './stream';

export const FOLD_BYTES = 8;
export const LEAF_BYTES = LEAF_ROWS * FOLD_BYTES;

/** Two 32-bit lanes, signed. */
export type Fold = readonly [number, number];

/** What is added to the entries of each column. */
export function foldConstants(foldKey: Digest, dimension: number): Int32Array {
    return streamWords(foldKey, 0, dimension);
}

/** Σ g and Σ (g rotated by 16) over the entries, where g = y xor (y >>> 15) and y = entry + column constant, all mod 2^32. */
export function foldRow(entries: Int32Array, constants: Int32Array): Fold {
    const { length } = entries;
    let lane0 = 0;
    let lane1 = 0;
    for (let column = 0; column < length; column++) {
        // Both arrays have `length` entries; `??` would cost QuickJS a fifth of the loop.
        let mixed = ~~(entries[column]! + constants[column]!);
        mixed ^= mixed >>> 15;
        lane0 = ~~(lane0 + mixed);
        lane1 = ~~(lane1 + ((mixed << 16) | (mixed >>> 16)));
    }
    return [lane0, lane1];
}

/** A leaf's message: the lanes of its rows in order, big-endian. */
export function leafBytes(folds: Int32Array, leaf: number): Uint8Array {
    const bytes = new Uint8Array(LEAF_BYTES);
    const view = new DataView(bytes.buffer);
    const first = leaf * LEAF_ROWS * 2;
    for (let i = 0; i < LEAF_ROWS * 2; i++) view.setInt32(4 * i, folds[first + i] ?? 0);
    return bytes;
}

/** The leaves of a round's tree from the folds of all its rows: lane 0 and lane 1 of row 0, of row 1, … */
export function leavesOf(folds: Int32Array): readonly Digest[] {
    const leaves: Digest[] = [];
    for (let leaf = 0; leaf < folds.length / (LEAF_ROWS * 2); leaf++) leaves.push(digestOf(leafBytes(folds, leaf)));
    return leaves;
}
