/** Merkle trees whose nodes are SHA-256 of their two children; leaf and node messages differ in length (docs/poc.md §5). */
import { compress, digestFromBytes, finishBlocks, INITIAL, type Digest } from '../sha256';
import { depthOf } from './shape';

export const DIGEST_BYTES = 32;

/** What stands for a subtree without leaves. */
export const EMPTY: Digest = [0, 0, 0, 0, 0, 0, 0, 0];

/** SHA-256 of the two digests: one block and the padding block of a 64-byte message. */
export function parentOf(left: Digest, right: Digest): Digest {
    return finishBlocks(compress(INITIAL, left, right), 1);
}

/** All levels of a tree, the leaves first, the root last. */
export function treeLevels(leaves: readonly Digest[]): readonly (readonly Digest[])[] {
    const levels = [leaves];
    let level = leaves;
    for (let depth = depthOf(leaves.length); depth > 0; depth--) {
        const parents: Digest[] = [];
        for (let i = 0; i < level.length; i += 2) parents.push(parentOf(level[i] ?? EMPTY, level[i + 1] ?? EMPTY));
        levels.push(parents);
        level = parents;
    }
    return levels;
}

export function rootOf(leaves: readonly Digest[]): Digest {
    return treeLevels(leaves).at(-1)?.[0] ?? EMPTY;
}

/** The siblings of a leaf and its ancestors, the leaf's first. */
export function pathOf(levels: readonly (readonly Digest[])[], index: number): readonly Digest[] {
    const path: Digest[] = [];
    for (let depth = 0; depth + 1 < levels.length; depth++) {
        path.push(levels[depth]?.[Math.floor(index / 2 ** depth) ^ 1] ?? EMPTY);
    }
    return path;
}

/** The root that a leaf and a path lead to; the path's `depth` digests stand at `offset`. */
export function climb(leaf: Digest, index: number, depth: number, path: Uint8Array, offset: number): Digest {
    let node = leaf;
    for (let level = 0; level < depth; level++) {
        const sibling = digestFromBytes(path, offset + level * DIGEST_BYTES);
        node = (index >>> level) & 1 ? parentOf(sibling, node) : parentOf(node, sibling);
    }
    return node;
}

export function sameDigest(a: Digest, b: Digest): boolean {
    return a.every((word, i) => word === b[i]);
}
