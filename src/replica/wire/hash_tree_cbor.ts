import type { CborValue } from './cbor';
import { ForkTree, LabeledTree, LeafTree, PrunedTree, emptyTree, type HashTree } from './hash_tree';

/** `[0]`, `[1, left, right]`, `[2, label, subtree]`, `[3, data]`, `[4, digest]`. */
export function treeToCbor(tree: HashTree): CborValue {
    switch (tree.kind) {
        case 'empty':
            return [0n];
        case 'fork':
            return [1n, treeToCbor(tree.left), treeToCbor(tree.right)];
        case 'labeled':
            return [2n, tree.label, treeToCbor(tree.subtree)];
        case 'leaf':
            return [3n, tree.data];
        case 'pruned':
            return [4n, tree.digest];
    }
}

/** Undefined when the value is no hash tree. Its depth is bounded by the decoder that made the value. */
export function treeFromCbor(value: CborValue | undefined): HashTree | undefined {
    if (!Array.isArray(value)) {
        return undefined;
    }
    const items: readonly CborValue[] = value;
    const [kind, first, second] = items;
    const bytes = first instanceof Uint8Array ? first : undefined;
    switch (`${String(kind)}/${items.length}`) {
        case '0/1':
            return emptyTree;
        case '1/3':
            return forkFrom(treeFromCbor(first), treeFromCbor(second));
        case '2/3': {
            const subtree = treeFromCbor(second);
            return bytes === undefined || subtree === undefined ? undefined : new LabeledTree(bytes, subtree);
        }
        case '3/2':
            return bytes === undefined ? undefined : new LeafTree(bytes);
        case '4/2':
            return bytes?.length === 32 ? new PrunedTree(bytes) : undefined;
        default:
            return undefined;
    }
}

function forkFrom(left: HashTree | undefined, right: HashTree | undefined): HashTree | undefined {
    return left === undefined || right === undefined ? undefined : new ForkTree(left, right);
}
