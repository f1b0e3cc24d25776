import { invariant } from '../assert';
import { sha256 } from '../hash';
import { nodeHash } from './merkle';

/** Where a growing tree keeps the roots of its complete subtrees: level 0 holds the leaf hashes. */
export interface NodeStore {
    get(level: number, index: number): Uint8Array | undefined;
    set(level: number, index: number, digest: Uint8Array): void;
}

/**
 * A Merkle tree (RFC 9162 §2.1) that only grows. Appending costs two hashes on average; roots and paths cost hashes only
 * along the ragged right edge, whatever the size.
 */
export class MerkleLog {
    constructor(private readonly nodes: NodeStore) {}

    /** Adds a leaf hash at the end; `size` is the number of leaves before. */
    append(leaf: Uint8Array, size: number): void {
        let digest = leaf;
        this.nodes.set(0, size, digest);
        for (let level = 0, at = size; at % 2 === 1; level++, at = (at - 1) / 2) {
            digest = nodeHash(this.node(level, at - 1), digest);
            this.nodes.set(level + 1, (at - 1) / 2, digest);
        }
    }

    /** Root of the first `size` leaves. */
    root(size: number): Uint8Array {
        return size === 0 ? sha256(new Uint8Array()) : this.subtree(0, size);
    }

    /** Neighbours of a leaf among the first `size`, from below. */
    path(index: number, size: number): readonly Uint8Array[] {
        const path: Uint8Array[] = [];
        let start = 0;
        let width = size;
        while (width > 1) {
            const left = largestPowerBelow(width);
            if (index - start < left) {
                path.push(this.subtree(start + left, width - left));
                width = left;
            } else {
                path.push(this.subtree(start, left));
                start += left;
                width -= left;
            }
        }
        return path.reverse();
    }

    private subtree(start: number, width: number): Uint8Array {
        const left = width === 1 ? 1 : largestPowerBelow(width);
        if (width === left || width === 2 * left) return this.node(Math.log2(width), start / width);
        return nodeHash(this.subtree(start, left), this.subtree(start + left, width - left));
    }

    private node(level: number, index: number): Uint8Array {
        const digest = this.nodes.get(level, index);
        invariant(digest !== undefined, 'merkle', `no node ${index} at level ${level}`);
        return digest;
    }
}

/** The largest power of two below a number above 1. */
function largestPowerBelow(width: number): number {
    let power = 1;
    while (2 * power < width) power *= 2;
    return power;
}
