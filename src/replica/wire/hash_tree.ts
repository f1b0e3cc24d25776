/** Hash trees of the interface specification ("Certification", "Certificate"): nodes and their digests. */
import { concatBytes, domainSeparator, sha256, compareBytes } from './bytes';

/** A node with what is below it. */
export type HashTree = EmptyTree | ForkTree | LabeledTree | LeafTree | PrunedTree;

const emptyDigest = sha256(domainSeparator('ic-hashtree-empty'));
const forkDomain = domainSeparator('ic-hashtree-fork');
const labeledDomain = domainSeparator('ic-hashtree-labeled');
const leafDomain = domainSeparator('ic-hashtree-leaf');

/** Without any labels. */
export class EmptyTree {
    readonly kind = 'empty';
    readonly digest = emptyDigest;
}

/** Digests are computed when first asked for and then kept: nodes never change. */
export class ForkTree {
    readonly kind = 'fork';
    #digest: Uint8Array | undefined;

    constructor(
        readonly left: HashTree,
        readonly right: HashTree
    ) {}

    get digest(): Uint8Array {
        this.#digest ??= sha256(concatBytes(forkDomain, this.left.digest, this.right.digest));
        return this.#digest;
    }
}

/** A label and what stands there. */
export class LabeledTree {
    readonly kind = 'labeled';
    #digest: Uint8Array | undefined;

    constructor(
        readonly label: Uint8Array,
        readonly subtree: HashTree
    ) {}

    get digest(): Uint8Array {
        this.#digest ??= sha256(concatBytes(labeledDomain, this.label, this.subtree.digest));
        return this.#digest;
    }
}

/** Data. */
export class LeafTree {
    readonly kind = 'leaf';
    #digest: Uint8Array | undefined;

    constructor(readonly data: Uint8Array) {}

    get digest(): Uint8Array {
        this.#digest ??= sha256(leafDomain, this.data);
        return this.#digest;
    }
}

/** A subtree of which only the digest is known. */
export class PrunedTree {
    readonly kind = 'pruned';

    constructor(readonly digest: Uint8Array) {}
}

/** The only one that is needed. */
export const emptyTree = new EmptyTree();

/** A leaf of these bytes. */
export function leaf(data: Uint8Array): LeafTree {
    return new LeafTree(data);
}

/** One level of labels, sorted and halved into a balanced tree. Labels must differ from each other. */
export function labels(entries: Iterable<readonly [label: Uint8Array, subtree: HashTree]>): HashTree {
    const nodes = [...entries].map(([label, subtree]) => new LabeledTree(label, subtree));
    nodes.sort((a, b) => compareBytes(a.label, b.label));
    return balanced(nodes, 0, nodes.length);
}

function balanced(nodes: readonly LabeledTree[], from: number, to: number): HashTree {
    const only = nodes[from];
    if (only === undefined || from === to) {
        return emptyTree;
    }
    if (to - from === 1) {
        return only;
    }
    const middle = (from + to) >> 1;
    return new ForkTree(balanced(nodes, from, middle), balanced(nodes, middle, to));
}
