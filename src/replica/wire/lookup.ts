import { compareBytes } from './bytes';
import type { HashTree, LabeledTree, LeafTree, PrunedTree } from './hash_tree';

/** What a tree, pruned or not, says of a path. */
export type Lookup =
    | { readonly kind: 'found'; readonly tree: HashTree }
    /** The tree proves that nothing stands at the path. */
    | { readonly kind: 'absent' }
    /** The tree is pruned where the answer would be. */
    | { readonly kind: 'unknown' };

const absent: Lookup = { kind: 'absent' };
const unknown: Lookup = { kind: 'unknown' };

/** What stands at a path of labels (interface specification, "Lookup"). Linear in the unpruned nodes of the levels passed. */
export function lookupPath(tree: HashTree, path: readonly Uint8Array[]): Lookup {
    let current = tree;
    for (const label of path) {
        const step = lookupLabel(current, label);
        if (step.kind !== 'found') {
            return step;
        }
        current = step.tree;
    }
    return current.kind === 'pruned' ? unknown : { kind: 'found', tree: current };
}

/** Data of the leaf at a path; undefined when there is none, or when it is pruned. */
export function lookupLeaf(tree: HashTree, path: readonly Uint8Array[]): Uint8Array | undefined {
    const result = lookupPath(tree, path);
    return result.kind === 'found' && result.tree.kind === 'leaf' ? result.tree.data : undefined;
}

function lookupLabel(tree: HashTree, label: Uint8Array): Lookup {
    let behindPruned = false;
    for (const node of levelOf(tree)) {
        if (node.kind !== 'labeled') {
            behindPruned = node.kind === 'pruned';
            continue;
        }
        const order = compareBytes(label, node.label);
        if (order === 0) {
            return { kind: 'found', tree: node.subtree };
        }
        if (order < 0) {
            return behindPruned ? unknown : absent;
        }
        behindPruned = false;
    }
    return behindPruned ? unknown : absent;
}

/** The nodes of one level of labels, from left to right, forks and empty trees left out. */
export function* levelOf(tree: HashTree): Generator<LabeledTree | LeafTree | PrunedTree> {
    if (tree.kind === 'fork') {
        yield* levelOf(tree.left);
        yield* levelOf(tree.right);
    } else if (tree.kind !== 'empty') {
        yield tree;
    }
}
