/** The layout of an opening: one record of fixed size per sample, so that a length decides whether bytes can be one. */
import { digestToBytes, type Digest } from '../sha256';
import { LEAF_BYTES } from './fold';
import { depthOf, roundDepth, type Shape } from './shape';
import { DIGEST_BYTES } from './tree';

/** Bytes of an entry of C: a signed 32-bit number, little-endian. */
export const ENTRY_BYTES = 4;

/** Offsets of the parts of a sample's record, in bytes from its beginning. */
export interface Layout {
    /** dimension entries of C. */
    readonly entries: 0;
    /** The 64 folds of the row's leaf. */
    readonly leaf: number;
    /** Siblings from the leaf to the round's root. */
    readonly roundPath: number;
    /** Siblings from the round's root to the chain's root. */
    readonly chainPath: number;
    readonly roundDepth: number;
    readonly chainDepth: number;
    /** Length of a record. */
    readonly bytes: number;
}

/** The layout for products of a shape in a chain of so many rounds. */
export function layoutOf(shape: Shape, rounds: number): Layout {
    const leaf = shape.dimension * ENTRY_BYTES;
    const roundPath = leaf + LEAF_BYTES;
    const chainPath = roundPath + roundDepth(shape) * DIGEST_BYTES;
    const chainDepth = depthOf(rounds);
    const bytes = chainPath + chainDepth * DIGEST_BYTES;
    return { entries: 0, leaf, roundPath, chainPath, roundDepth: roundDepth(shape), chainDepth, bytes };
}

/** Exact length of an opening. */
export function openingBytes(shape: Shape, rounds: number, samples: number): number {
    return layoutOf(shape, rounds).bytes * samples;
}

/** What a prover shows of one sampled row. */
export interface OpenedRow {
    readonly entries: Int32Array;
    readonly leaf: Uint8Array;
    readonly roundPath: readonly Digest[];
    readonly chainPath: readonly Digest[];
}

/** Writes a record; its paths must have the layout's depths. */
export function writeRecord(opening: Uint8Array, offset: number, layout: Layout, row: OpenedRow): void {
    const view = new DataView(opening.buffer, opening.byteOffset + offset, layout.bytes);
    row.entries.forEach((entry, column) => view.setInt32(column * ENTRY_BYTES, entry, true));
    opening.set(row.leaf, offset + layout.leaf);
    [...row.roundPath, ...row.chainPath].forEach((digest, level) => {
        opening.set(digestToBytes(digest), offset + layout.roundPath + level * DIGEST_BYTES);
    });
}

/** The entries of a record. */
export function readEntries(opening: Uint8Array, offset: number, dimension: number): Int32Array {
    // A copy, since an Int32Array needs an aligned buffer. Its order of bytes is the machine's: little-endian everywhere.
    const bytes = opening.slice(offset, offset + dimension * ENTRY_BYTES);
    return new Int32Array(bytes.buffer, bytes.byteOffset, dimension);
}

/** The digests to the left of the record's round, the highest first: what its key was made from. */
export function leftSiblings(
    opening: Uint8Array,
    offset: number,
    layout: Layout,
    round: number
): readonly Uint8Array[] {
    const siblings: Uint8Array[] = [];
    for (let level = layout.chainDepth - 1; level >= 0; level--) {
        const at = offset + layout.chainPath + level * DIGEST_BYTES;
        if ((round >>> level) & 1) siblings.push(opening.subarray(at, at + DIGEST_BYTES));
    }
    return siblings;
}

/** A lane of a row's fold in the record's leaf, signed. */
export function readLanes(opening: Uint8Array, offset: number, layout: Layout, rowInLeaf: number): [number, number] {
    const at = offset + layout.leaf + rowInLeaf * 8;
    const view = new DataView(opening.buffer, opening.byteOffset + at, 8);
    return [view.getInt32(0), view.getInt32(4)];
}
