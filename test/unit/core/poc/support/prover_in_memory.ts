/** A prover that keeps everything, so that tests can make it cheat wherever they like. */
import { Chain, commitChain } from '../../../../../src/core/poc/chain';
import { foldConstants, foldRow, leafBytes, leavesOf, type Fold } from '../../../../../src/core/poc/fold';
import { layoutOf, writeRecord } from '../../../../../src/core/poc/opening';
import { productRow, slotMatrix } from '../../../../../src/core/poc/rows';
import { drawSamples, type Sample } from '../../../../../src/core/poc/sampling';
import { derive } from '../../../../../src/core/poc/seeds';
import { LEAF_ROWS, type Shape } from '../../../../../src/core/poc/shape';
import { pathOf, rootOf, treeLevels } from '../../../../../src/core/poc/tree';
import { checkVectors, verifyOpening, type Claim, type Drawing } from '../../../../../src/core/poc/verify';
import { sha256 } from '../../../../../src/core/hash';
import type { Digest } from '../../../../../src/core/sha256';

/** Where a prover departs from the specification. */
export interface Cheats {
    /** The key that it uses instead of a round's. */
    readonly key?: (round: number, honest: Digest, roots: readonly Digest[]) => Digest;
    /** The entries that it takes for a row's. */
    readonly entries?: (round: number, row: number, honest: () => Int32Array) => Int32Array;
    /** The fold that it commits to instead of its entries' fold. */
    readonly fold?: (round: number, row: number, honest: () => Fold) => Fold;
    /** The entries that it opens instead of those that it committed to. */
    readonly opened?: (round: number, row: number, committed: Int32Array) => Int32Array;
}

export interface Task {
    readonly shape: Shape;
    readonly slotSeed: Uint8Array;
    readonly nodeSeed: Uint8Array;
}

/** 32 bytes named by a text. */
export const seed = (label: string): Uint8Array => sha256(new TextEncoder().encode(label));

export const SMALL: Shape = { dimension: 64, rows: 64 };

export const taskOf = (shape: Shape, label = 'task'): Task => ({
    shape,
    slotSeed: seed(`${label} slot`),
    nodeSeed: seed(`${label} node`)
});

interface Round {
    readonly entries: readonly Int32Array[];
    readonly folds: Int32Array;
}

export class ProverInMemory {
    readonly rounds: Round[] = [];
    readonly roots: Digest[] = [];

    constructor(
        readonly task: Task,
        count: number,
        private readonly cheats: Cheats = {}
    ) {
        const { shape, slotSeed, nodeSeed } = task;
        const matrix = slotMatrix(slotSeed, shape.dimension);
        const constants = foldConstants(derive('fold', slotSeed), shape.dimension);
        const chain = new Chain(nodeSeed);
        for (let round = 0; round < count; round++) {
            const honestKey = chain.nextKey();
            const key = cheats.key?.(round, honestKey, this.roots) ?? honestKey;
            const folds = new Int32Array(2 * shape.rows);
            const entries = Array.from({ length: shape.rows }, (_, row) => {
                const honest = (): Int32Array => productRow(key, row, matrix, shape.dimension);
                const claimed = cheats.entries?.(round, row, honest) ?? honest();
                const honestFold = (): Fold => foldRow(claimed, constants);
                folds.set(cheats.fold?.(round, row, honestFold) ?? honestFold(), 2 * row);
                return claimed;
            });
            this.rounds.push({ entries, folds });
            const root = rootOf(leavesOf(folds));
            this.roots.push(root);
            chain.append(root);
        }
    }

    claim(): Claim {
        const { shape, slotSeed, nodeSeed } = this.task;
        const commitment = commitChain(nodeSeed, this.roots);
        return { shape, slotSeed, nodeSeed, rounds: this.roots.length, commitment };
    }

    samples({ count, randomness }: Drawing): readonly Sample[] {
        const { shape, rounds, commitment } = this.claim();
        return drawSamples(shape, rounds, count, commitment, randomness);
    }

    open(samples: readonly Sample[]): Uint8Array {
        const layout = layoutOf(this.task.shape, this.roots.length);
        const opening = new Uint8Array(layout.bytes * samples.length);
        const chain = treeLevels(this.roots);
        for (const [index, { round, row }] of samples.entries()) {
            const { entries, folds } = this.rounds[round]!;
            const leaf = Math.floor(row / LEAF_ROWS);
            writeRecord(opening, index * layout.bytes, layout, {
                entries: this.cheats.opened?.(round, row, entries[row]!) ?? entries[row]!,
                leaf: leafBytes(folds, leaf),
                roundPath: pathOf(treeLevels(leavesOf(folds)), leaf),
                chainPath: pathOf(chain, round)
            });
        }
        return opening;
    }
}

/** What the verifier says of a claim: `ok`, or the fault's code. */
export function verdictOf(claim: Claim, drawing: Drawing, opening: Uint8Array, check = 'check'): string {
    const vectors = checkVectors(claim.slotSeed, claim.shape.dimension, seed(check));
    const verdict = verifyOpening(claim, drawing, opening, vectors);
    return verdict.ok ? 'ok' : verdict.error.code;
}

/** The whole protocol with one prover. */
export function prove(prover: ProverInMemory, count: number, label = 'drawing'): string {
    const drawing = { count, randomness: seed(label) };
    return verdictOf(prover.claim(), drawing, prover.open(prover.samples(drawing)));
}
