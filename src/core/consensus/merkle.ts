import { concatBytes } from '../bytes';
import { sha256 } from '../hash';

/** Merkle trees of RFC 9162 §2.1 (the shape and the prefixes of RFC 6962): leaves and nodes are hashed in domains of their own. */

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Bytes of a digest. */
export const DIGEST_BYTES = 32;

export function leafHash(data: Uint8Array): Uint8Array {
    return sha256(concatBytes(LEAF, data));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
    return sha256(concatBytes(NODE, left, right));
}

/**
 * All levels of a tree in one string of bytes, from the leaf hashes to the root. A node without a neighbour moves up
 * unchanged, which gives the same tree as the RFC's recursion.
 */
export function buildLevels(leaves: readonly Uint8Array[]): Uint8Array {
    const all: Uint8Array[] = [];
    let level = leaves;
    while (level.length > 1) {
        all.push(...level);
        level = parentsOf(level);
    }
    return concatBytes(...all, ...(level.length === 0 ? [sha256(new Uint8Array())] : level));
}

function parentsOf(level: readonly Uint8Array[]): readonly Uint8Array[] {
    const parents: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
        const left = level[i];
        const right = level[i + 1];
        if (left !== undefined) parents.push(right === undefined ? left : nodeHash(left, right));
    }
    return parents;
}

/** Root of a tree in levels. */
export function rootOf(levels: Uint8Array): Uint8Array {
    return levels.slice(levels.length - DIGEST_BYTES);
}

/** The neighbours between a leaf and the root, from below, of a tree of `size` leaves in levels. */
export function pathIn(levels: Uint8Array, size: number, index: number): readonly Uint8Array[] {
    const path: Uint8Array[] = [];
    let start = 0;
    for (let width = size, at = index; width > 1; width = (width + 1) >> 1, at >>= 1) {
        const neighbour = at ^ 1;
        if (neighbour < width) path.push(digestAt(levels, start + neighbour));
        start += width;
    }
    return path;
}

function digestAt(levels: Uint8Array, position: number): Uint8Array {
    return levels.slice(position * DIGEST_BYTES, (position + 1) * DIGEST_BYTES);
}

/** Root that a leaf's path leads to; undefined when the path does not fit the tree's size (RFC 9162 §2.1.3.2). */
export function rootFromPath(
    leaf: Uint8Array,
    index: number,
    size: number,
    path: readonly Uint8Array[]
): Uint8Array | undefined {
    if (!Number.isSafeInteger(size) || !Number.isInteger(index) || index < 0 || index >= size) return undefined;
    let root = leaf;
    let used = 0;
    for (let width = size, at = index; width > 1; width = Math.ceil(width / 2), at = Math.floor(at / 2)) {
        const isLeft = at % 2 === 0;
        if (isLeft && at + 1 === width) continue;
        const neighbour = path[used++];
        if (neighbour?.length !== DIGEST_BYTES) return undefined;
        root = isLeft ? nodeHash(root, neighbour) : nodeHash(neighbour, root);
    }
    return used === path.length ? root : undefined;
}
