import { roundKey } from '../../core/poc/chain';
import { leafBytes, leavesOf } from '../../core/poc/fold';
import { layoutOf, writeRecord } from '../../core/poc/opening';
import { productRow, slotMatrix } from '../../core/poc/rows';
import type { Sample } from '../../core/poc/sampling';
import { LEAF_ROWS } from '../../core/poc/shape';
import { pathOf, treeLevels } from '../../core/poc/tree';
import { digestToBytes, type Digest } from '../../core/sha256';
import type { Prover, Slot } from './prover';

type Levels = readonly (readonly Digest[])[];

/** Shows the sampled rows of a chain: does their rounds again, since a prover keeps nothing but the roots. */
export async function openSamples(
    prover: Pick<Prover, 'folds'>,
    slot: Slot,
    nodeSeed: Uint8Array,
    roots: readonly Digest[],
    samples: readonly Sample[]
): Promise<Uint8Array> {
    const { shape } = slot;
    const layout = layoutOf(shape, roots.length);
    const opening = new Uint8Array(layout.bytes * samples.length);
    const matrix = slotMatrix(slot.slotSeed, shape.dimension);
    const chain = treeLevels(roots);
    for (const round of new Set(samples.map((sample) => sample.round))) {
        const key = keyInTree(nodeSeed, round, chain);
        const folds = await prover.folds(key);
        const rounds = treeLevels(leavesOf(folds));
        for (const [index, sample] of samples.entries()) {
            if (sample.round !== round) continue;
            const leaf = Math.floor(sample.row / LEAF_ROWS);
            writeRecord(opening, index * layout.bytes, layout, {
                entries: productRow(key, sample.row, matrix, shape.dimension),
                leaf: leafBytes(folds, leaf),
                roundPath: pathOf(rounds, leaf),
                chainPath: pathOf(chain, round)
            });
        }
    }
    return opening;
}

/** The key of a round from the finished tree: the peaks before it are the left siblings on its path. */
export function keyInTree(nodeSeed: Uint8Array, round: number, chain: Levels): Digest {
    const left = pathOf(chain, round).filter((_, level) => Math.floor(round / 2 ** level) % 2 === 1);
    return roundKey(nodeSeed, round, left.reverse().map(digestToBytes));
}
