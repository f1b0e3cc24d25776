/**
 * A proof as a GPU would make it, with trees of full depth, that takes no GPU to make: only the rounds and leaves of samples
 * that are known beforehand are real, everything else in the trees is made up. The verifier does all of its work on it.
 */
import { commitmentOf, roundKey } from '../../src/core/poc/chain';
import { foldConstants, foldRow, leafBytes } from '../../src/core/poc/fold';
import { layoutOf, writeRecord, type OpenedRow } from '../../src/core/poc/opening';
import { productRow, slotMatrix } from '../../src/core/poc/rows';
import type { Sample } from '../../src/core/poc/sampling';
import { derive } from '../../src/core/poc/seeds';
import { depthOf, LEAF_ROWS, roundDepth, type Shape } from '../../src/core/poc/shape';
import { parentOf } from '../../src/core/poc/tree';
import type { Claim } from '../../src/core/poc/verify';
import { sha256 } from '../../src/core/hash';
import { digestOf, digestToBytes, type Digest } from '../../src/core/sha256';

export interface DeepProof {
    readonly claim: Claim;
    readonly samples: readonly Sample[];
    readonly opening: Uint8Array;
}

const seedOf = (label: string): Uint8Array => sha256(new TextEncoder().encode(label));

/** Evenly spread rounds, other rows in each. */
export function deepProof(shape: Shape, rounds: number, count: number): DeepProof {
    const samples = Array.from({ length: count }, (_, i) => ({
        round: Math.floor(((i + 0.5) * rounds) / count),
        row: (i * 7_919) % shape.rows
    }));
    const [slotSeed, nodeSeed] = [seedOf('deep slot'), seedOf('deep node')];
    const chain = new SparseTree(depthOf(rounds));
    const rows = new SlotRows(shape, slotSeed);
    // Ascending rounds: the key of each hashes nodes to its left, which hold the rounds before it.
    const opened = samples.map((sample) => {
        const left = chain.path(sample.round).filter((_, level) => (sample.round >> level) & 1);
        const row = rows.open(roundKey(nodeSeed, sample.round, left.reverse().map(digestToBytes)), sample.row);
        chain.set(sample.round, row.root);
        return row;
    });
    const layout = layoutOf(shape, rounds);
    const opening = new Uint8Array(layout.bytes * count);
    samples.forEach(({ round }, i) => {
        const row = opened[i];
        if (row !== undefined) writeRecord(opening, i * layout.bytes, layout, { ...row, chainPath: chain.path(round) });
    });
    const commitment = commitmentOf(nodeSeed, rounds, chain.node(depthOf(rounds), 0));
    return { claim: { shape, slotSeed, nodeSeed, rounds, commitment }, samples, opening };
}

/** Real rows in rounds whose other leaves are made up. */
class SlotRows {
    private readonly matrix: Int8Array;
    private readonly constants: Int32Array;

    constructor(
        private readonly shape: Shape,
        slotSeed: Uint8Array
    ) {
        this.matrix = slotMatrix(slotSeed, shape.dimension);
        this.constants = foldConstants(derive('fold', slotSeed), shape.dimension);
    }

    open(key: Digest, row: number): Omit<OpenedRow, 'chainPath'> & { readonly root: Digest } {
        const entries = productRow(key, row, this.matrix, this.shape.dimension);
        const folds = new Int32Array(2 * LEAF_ROWS);
        folds.set(foldRow(entries, this.constants), 2 * (row % LEAF_ROWS));
        const leaf = leafBytes(folds, 0);
        const depth = roundDepth(this.shape);
        const tree = new SparseTree(depth);
        const leafIndex = Math.floor(row / LEAF_ROWS);
        tree.set(leafIndex, digestOf(leaf));
        return { entries, leaf, roundPath: tree.path(leafIndex), root: tree.node(depth, 0) };
    }
}

/** A tree whose leaves are made up unless they were set. */
class SparseTree {
    private readonly leaves = new Map<number, Digest>();

    constructor(private readonly depth: number) {}

    set(index: number, leaf: Digest): void {
        this.leaves.set(index, leaf);
    }

    /** The node so many levels above the leaves. */
    node(level: number, index: number): Digest {
        const isReal = [...this.leaves.keys()].some((leaf) => Math.floor(leaf / 2 ** level) === index);
        if (!isReal) return derive('node', Uint8Array.of(level), new Uint8Array(Int32Array.of(index).buffer));
        const leaf = this.leaves.get(index);
        if (level === 0 && leaf !== undefined) return leaf;
        return parentOf(this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1));
    }

    path(index: number): Digest[] {
        return Array.from({ length: this.depth }, (_, level) => this.node(level, Math.floor(index / 2 ** level) ^ 1));
    }
}
