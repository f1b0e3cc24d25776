/**
 * The verifier, the same in the canister, in Node and in a browser. Its work is bounded by the specification's parameters: bytes
 * of another length are refused before anything is computed, and every sample costs the same.
 */
import { equalBytes } from '../bytes';
import { DONE, err, type Result } from '../result';
import { digestOf, type Digest } from '../sha256';
import { commitmentOf, roundKey } from './chain';
import { foldConstants, foldRow, LEAF_BYTES } from './fold';
import { checkVector, entriesTimes, matrixTimes, rowTimes, type Weights } from './freivalds';
import { layoutOf, leftSiblings, openingBytes, readEntries, readLanes, type Layout } from './opening';
import { drawSamples, type Sample } from './sampling';
import { derive } from './seeds';
import { isRounds, LEAF_ROWS, type Shape } from './shape';
import { climb, sameDigest } from './tree';

/** What a node was asked to do, and what it says that it did. */
export interface Claim {
    readonly shape: Shape;
    /** σ, shared by all challenges of a slot. 32 bytes. */
    readonly slotSeed: Uint8Array;
    /** ν. 32 bytes. */
    readonly nodeSeed: Uint8Array;
    /** K: rounds done. */
    readonly rounds: number;
    readonly commitment: Uint8Array;
}

/** What fixes the rows to open. */
export interface Drawing {
    readonly count: number;
    /** Drawn after the commitment was stored. 32 bytes. */
    readonly randomness: Uint8Array;
}

/**
 * Why an opening is refused. `rounds`: no such number of rounds. `size`: not the length that the claim and the drawing
 * give. Of one sample: `range`: an entry that no row of int8 products can have; `fold`: the row is not the one that the
 * leaf names; `path`: the leaf is not under the commitment; `product`: the row is not the product.
 */
export type Fault =
    | { readonly code: 'rounds' | 'size' }
    | { readonly code: 'range' | 'fold' | 'path' | 'product'; readonly sample: number };

/** r and v = B·r: the expensive part of the check, which all claims of one slot can share. */
export interface CheckVectors {
    readonly r: Weights;
    readonly v: Weights;
}

/** Largest magnitude of an entry's term: (−128)². */
const LARGEST_TERM = 16_384;

/** Check vectors of a slot. `randomness` must have been drawn after every opening that they check was stored. */
export function checkVectors(slotSeed: Uint8Array, dimension: number, randomness: Uint8Array): CheckVectors {
    const r = checkVector(randomness, dimension);
    return { r, v: matrixTimes(derive('matrix', slotSeed), r) };
}

/** As {@link checkVectors}, made when the first product is checked: an opening that fails before costs a tenth. */
export function lazyCheckVectors(slotSeed: Uint8Array, dimension: number, randomness: Uint8Array): CheckVectors {
    let made: CheckVectors | undefined;
    const vectors = (): CheckVectors => (made ??= checkVectors(slotSeed, dimension, randomness));
    return {
        get r() {
            return vectors().r;
        },
        get v() {
            return vectors().v;
        }
    };
}

/** Whether an opening shows that a claim is true. */
export function verifyOpening(
    claim: Claim,
    { count, randomness }: Drawing,
    opening: Uint8Array,
    vectors: CheckVectors
): Result<void, Fault> {
    const { shape, rounds, commitment } = claim;
    if (!isRounds(rounds)) return err({ code: 'rounds' });
    // Before the drawing, so that bytes which cannot be an opening cost nothing.
    if (opening.length !== openingBytes(shape, rounds, count)) return err({ code: 'size' });
    return verifySamples(claim, drawSamples(shape, rounds, count, commitment, randomness), opening, vectors);
}

/** {@link verifyOpening} with the rows to open: whoever calls it must know that the node could not choose them. */
export function verifySamples(
    claim: Claim,
    samples: readonly Sample[],
    opening: Uint8Array,
    vectors: CheckVectors
): Result<void, Fault> {
    const layout = layoutOf(claim.shape, claim.rounds);
    const constants = foldConstants(derive('fold', claim.slotSeed), claim.shape.dimension);
    const verifier = new SampleVerifier(claim, layout, opening, constants, vectors);
    for (const [index, sample] of samples.entries()) {
        const code = verifier.faultOf(sample, index * layout.bytes);
        if (code !== undefined) return err({ code, sample: index });
    }
    for (const [index, sample] of samples.entries()) {
        if (!verifier.isProduct(sample, index * layout.bytes)) return err({ code: 'product', sample: index });
    }
    return DONE;
}

class SampleVerifier {
    /** Root of the chain, once a sample has shown that it is the committed one. */
    private root: Digest | undefined;

    constructor(
        private readonly claim: Claim,
        private readonly layout: Layout,
        private readonly opening: Uint8Array,
        private readonly constants: Int32Array,
        private readonly vectors: CheckVectors
    ) {}

    /** What can be told without the check vectors. */
    faultOf(sample: Sample, offset: number): 'range' | 'fold' | 'path' | undefined {
        const { opening, layout, claim } = this;
        const { dimension } = claim.shape;
        const entries = readEntries(opening, offset, dimension);
        if (!inRange(entries, dimension * LARGEST_TERM)) return 'range';
        const [lane0, lane1] = foldRow(entries, this.constants);
        const [named0, named1] = readLanes(opening, offset, layout, sample.row % LEAF_ROWS);
        if (lane0 !== named0 || lane1 !== named1) return 'fold';
        return this.isCommitted(sample, offset) ? undefined : 'path';
    }

    /** Whether the opened row is the product: ⟨C_i, r⟩ = ⟨A_i, v⟩ modulo p. */
    isProduct({ round, row }: Sample, offset: number): boolean {
        const { opening, layout, vectors, claim } = this;
        const entries = readEntries(opening, offset, claim.shape.dimension);
        const key = roundKey(claim.nodeSeed, round, leftSiblings(opening, offset, layout, round));
        return entriesTimes(entries, vectors.r) === rowTimes(key, row, vectors.v);
    }

    private isCommitted({ round, row }: Sample, offset: number): boolean {
        const { opening, layout } = this;
        const leaf = digestOf(opening.subarray(offset + layout.leaf, offset + layout.leaf + LEAF_BYTES));
        const leafIndex = Math.floor(row / LEAF_ROWS);
        const roundRoot = climb(leaf, leafIndex, layout.roundDepth, opening, offset + layout.roundPath);
        const root = climb(roundRoot, round, layout.chainDepth, opening, offset + layout.chainPath);
        if (this.root !== undefined) return sameDigest(root, this.root);
        const { nodeSeed, rounds, commitment } = this.claim;
        if (!equalBytes(commitmentOf(nodeSeed, rounds, root), commitment)) return false;
        this.root = root;
        return true;
    }
}

function inRange(entries: Int32Array, limit: number): boolean {
    const { length } = entries;
    // `i` is below the length; for-of calls a function per entry under QuickJS.
    for (let i = 0; i < length; i++) if (entries[i]! > limit || entries[i]! < -limit) return false;
    return true;
}
