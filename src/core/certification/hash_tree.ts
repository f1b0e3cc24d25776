import { compareBytes, concatBytes } from '../bytes';
import { sha256 } from '../hash';
import type { CborValue } from './cbor';

/** A hash tree of the Internet Computer's interface specification ("Certification"). */
export type HashTree =
    | { readonly kind: 'empty' }
    | { readonly kind: 'fork'; readonly left: HashTree; readonly right: HashTree }
    | { readonly kind: 'labeled'; readonly label: Uint8Array; readonly subtree: HashTree }
    | { readonly kind: 'leaf'; readonly data: Uint8Array }
    /** A subtree of which only the digest is known. */
    | { readonly kind: 'pruned'; readonly digest: Uint8Array };

/** A text behind its length: the specification's domain separator. */
export function domainSeparator(name: string): Uint8Array {
    const text = new TextEncoder().encode(name);
    return concatBytes(Uint8Array.of(text.length), text);
}

const EMPTY = domainSeparator('ic-hashtree-empty');
const FORK = domainSeparator('ic-hashtree-fork');
const LABELED = domainSeparator('ic-hashtree-labeled');
const LEAF = domainSeparator('ic-hashtree-leaf');

/** Root digest of a tree; 32 bytes. */
export function treeDigest(tree: HashTree): Uint8Array {
    switch (tree.kind) {
        case 'empty':
            return sha256(EMPTY);
        case 'fork':
            return sha256(concatBytes(FORK, treeDigest(tree.left), treeDigest(tree.right)));
        case 'labeled':
            return sha256(concatBytes(LABELED, tree.label, treeDigest(tree.subtree)));
        case 'leaf':
            return sha256(concatBytes(LEAF, tree.data));
        case 'pruned':
            return tree.digest;
    }
}

/** Reads `[0]`, `[1, left, right]`, `[2, label, subtree]`, `[3, data]`, `[4, digest]`; undefined when it is none. */
export function treeFromCbor(value: CborValue | undefined): HashTree | undefined {
    if (!Array.isArray(value)) return undefined;
    const items: readonly CborValue[] = value;
    const [tag, first, second] = items;
    const shape = `${typeof tag === 'bigint' ? tag : '?'}/${items.length}`;
    if (shape === '0/1') return { kind: 'empty' };
    if (shape === '1/3') return forkOf(treeFromCbor(first), treeFromCbor(second));
    if (!(first instanceof Uint8Array)) return undefined;
    if (shape === '2/3') return labeledOf(first, treeFromCbor(second));
    if (shape === '3/2') return { kind: 'leaf', data: first };
    return shape === '4/2' && first.length === 32 ? { kind: 'pruned', digest: first } : undefined;
}

function forkOf(left: HashTree | undefined, right: HashTree | undefined): HashTree | undefined {
    return left && right && { kind: 'fork', left, right };
}

function labeledOf(label: Uint8Array, subtree: HashTree | undefined): HashTree | undefined {
    return subtree && { kind: 'labeled', label, subtree };
}

/** What stands at a path of labels: undefined when the tree does not show it, whether it exists or not. */
export function lookupTree(tree: HashTree, path: readonly Uint8Array[]): HashTree | undefined {
    let current: HashTree | undefined = tree;
    for (const label of path) {
        current = current && labelsOf(current).find((entry) => compareBytes(entry.label, label) === 0)?.subtree;
    }
    return current;
}

/** Data of the leaf at a path; undefined when the tree shows none. */
export function lookupLeaf(tree: HashTree, path: readonly Uint8Array[]): Uint8Array | undefined {
    const found = lookupTree(tree, path);
    return found?.kind === 'leaf' ? found.data : undefined;
}

/** The labels of a tree's first level that are shown, from left to right. */
export function labelsOf(tree: HashTree): readonly { readonly label: Uint8Array; readonly subtree: HashTree }[] {
    if (tree.kind === 'fork') return [...labelsOf(tree.left), ...labelsOf(tree.right)];
    return tree.kind === 'labeled' ? [tree] : [];
}
