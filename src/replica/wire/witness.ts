import { compareBytes, toHex } from './bytes';
import { ForkTree, LabeledTree, PrunedTree, type HashTree } from './hash_tree';

/** A path of labels from the root. */
export type Path = readonly Uint8Array[];

/** Which parts of a subtree a witness shows. */
class Wanted {
    /** A path ends here: everything below is shown. */
    whole = false;
    /** By label in hexadecimal. */
    readonly below = new Map<string, { readonly label: Uint8Array; readonly wanted: Wanted }>();

    add(path: Path): void {
        const [label, ...rest] = path;
        if (label === undefined) {
            this.whole = true;
            return;
        }
        this.child(label).add(rest);
    }

    child(label: Uint8Array): Wanted {
        const key = toHex(label);
        const known = this.below.get(key);
        if (known !== undefined) {
            return known.wanted;
        }
        const wanted = new Wanted();
        this.below.set(key, { label, wanted });
        return wanted;
    }
}

/**
 * The tree with everything pruned that the paths do not need. The root digest stays the same. A path that leads to a
 * node shows all of it; for a path that leads nowhere the neighbouring labels stay, which proves its absence.
 */
export function witness(tree: HashTree, paths: readonly Path[]): HashTree {
    const wanted = new Wanted();
    for (const path of paths) {
        wanted.add(path);
    }
    return show(tree, wanted);
}

function show(tree: HashTree, wanted: Wanted): HashTree {
    if (wanted.whole) {
        return tree;
    }
    const shown = new Wanted();
    for (const { label, wanted: below } of wanted.below.values()) {
        const place = locate(tree, label);
        for (const neighbour of place.neighbours) {
            shown.child(neighbour.label);
        }
        if (place.found) {
            merge(shown.child(label), below);
        }
    }
    return showLevel(tree, [...shown.below.values()]);
}

function merge(target: Wanted, source: Wanted): void {
    target.whole ||= source.whole;
    for (const { label, wanted } of source.below.values()) {
        merge(target.child(label), wanted);
    }
}

type Shown = { readonly label: Uint8Array; readonly wanted: Wanted };

function showLevel(tree: HashTree, shown: readonly Shown[]): HashTree {
    if (shown.length === 0) {
        return tree.kind === 'empty' ? tree : new PrunedTree(tree.digest);
    }
    switch (tree.kind) {
        case 'fork': {
            const border = outermost(tree.left, 'right');
            const isLeft = ({ label }: Shown): boolean =>
                border !== undefined && compareBytes(label, border.label) <= 0;
            const left = showLevel(tree.left, shown.filter(isLeft));
            const right = showLevel(
                tree.right,
                shown.filter((entry) => !isLeft(entry))
            );
            return new ForkTree(left, right);
        }
        case 'labeled': {
            const subtree = shown.map(({ wanted }) => show(tree.subtree, wanted));
            return new LabeledTree(tree.label, subtree[0] ?? new PrunedTree(tree.subtree.digest));
        }
        default:
            return tree;
    }
}

interface Place {
    readonly found: boolean;
    /** The labels next to where the missing one would stand. */
    readonly neighbours: readonly LabeledTree[];
}

function locate(tree: HashTree, label: Uint8Array): Place {
    let current = tree;
    let before: LabeledTree | undefined;
    let after: LabeledTree | undefined;
    while (current.kind === 'fork') {
        const last = outermost(current.left, 'right');
        if (last !== undefined && compareBytes(label, last.label) <= 0) {
            after = outermost(current.right, 'left') ?? after;
            current = current.left;
        } else {
            before = last ?? before;
            current = current.right;
        }
    }
    if (current.kind !== 'labeled') {
        return { found: false, neighbours: [] };
    }
    const order = compareBytes(label, current.label);
    if (order === 0) {
        return { found: true, neighbours: [] };
    }
    const neighbours = order < 0 ? [before, current] : [current, after];
    return { found: false, neighbours: neighbours.filter((node) => node !== undefined) };
}

function outermost(tree: HashTree, side: 'left' | 'right'): LabeledTree | undefined {
    let current = tree;
    while (current.kind === 'fork') {
        current = side === 'left' ? current.left : current.right;
    }
    return current.kind === 'labeled' ? current : undefined;
}
