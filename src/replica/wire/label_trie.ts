import { equalBytes } from './bytes';
import { ForkTree, LabeledTree, emptyTree, type HashTree } from './hash_tree';

/**
 * One level of labels that changes often (canisters, requests): a binary trie over the labels' bits whose forks are
 * the forks of the hash tree. A change makes new nodes only along one path, so all other digests stay computed:
 * with n random labels, one change costs about log2(n) hashes. The shape depends on the labels only.
 */
export class LabelTrie {
    #root: Node | undefined;
    #size = 0;

    get size(): number {
        return this.#size;
    }

    get tree(): HashTree {
        return this.#root?.tree ?? emptyTree;
    }

    /** Inserts or replaces. */
    set(label: Uint8Array, subtree: HashTree): void {
        const entry = new LabeledTree(label, subtree);
        if (this.#root === undefined) {
            this.#root = { tree: entry };
            this.#size = 1;
            return;
        }
        const nearest = nearestLabel(this.#root, label);
        const bit = firstDifference(nearest, label);
        this.#size += bit === undefined ? 0 : 1;
        this.#root = insert(this.#root, entry, bit);
    }

    /** Whether the label was there. */
    delete(label: Uint8Array): boolean {
        if (this.#root === undefined || !equalBytes(nearestLabel(this.#root, label), label)) {
            return false;
        }
        this.#root = remove(this.#root, label);
        this.#size -= 1;
        return true;
    }
}

type Node = LeafNode | BranchNode;

interface LeafNode {
    readonly tree: LabeledTree;
}

interface BranchNode {
    /** All labels below agree on the bits before this one. */
    readonly bit: number;
    readonly left: Node;
    readonly right: Node;
    readonly tree: ForkTree;
}

function branch(bit: number, left: Node, right: Node): BranchNode {
    return { bit, left, right, tree: new ForkTree(left.tree, right.tree) };
}

/**
 * Labels are read as nine bits per byte, the first of them 1, and zeros after the end:
 * so a prefix sorts before its extensions, as in a hash tree.
 */
function bitOf(label: Uint8Array, bit: number): 0 | 1 {
    const byte = label[Math.floor(bit / 9)];
    if (byte === undefined) {
        return 0;
    }
    const position = bit % 9;
    return position === 0 || ((byte >> (8 - position)) & 1) === 1 ? 1 : 0;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
    const length = Math.max(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
        const x = a[index];
        const y = b[index];
        if (x !== y) {
            return x === undefined || y === undefined ? index * 9 : index * 9 + 1 + Math.clz32(x ^ y) - 24;
        }
    }
    return undefined;
}

/** The label at which the bits of `label` end up: equal to it when it is present. */
function nearestLabel(root: Node, label: Uint8Array): Uint8Array {
    let node = root;
    while ('bit' in node) {
        node = bitOf(label, node.bit) === 0 ? node.left : node.right;
    }
    return node.tree.label;
}

/** `bit` is where the entry's label leaves the labels that are there; undefined when it is there already. */
function insert(node: Node, entry: LabeledTree, bit: number | undefined): Node {
    if ('bit' in node && (bit === undefined || node.bit < bit)) {
        return bitOf(entry.label, node.bit) === 0
            ? branch(node.bit, insert(node.left, entry, bit), node.right)
            : branch(node.bit, node.left, insert(node.right, entry, bit));
    }
    if (bit === undefined) {
        return { tree: entry };
    }
    return bitOf(entry.label, bit) === 0 ? branch(bit, { tree: entry }, node) : branch(bit, node, { tree: entry });
}

function remove(node: Node, label: Uint8Array): Node | undefined {
    if (!('bit' in node)) {
        return undefined;
    }
    if (bitOf(label, node.bit) === 0) {
        const left = remove(node.left, label);
        return left === undefined ? node.right : branch(node.bit, left, node.right);
    }
    const right = remove(node.right, label);
    return right === undefined ? node.left : branch(node.bit, node.left, right);
}
