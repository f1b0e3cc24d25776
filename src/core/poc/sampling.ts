import { derive } from './seeds';
import type { Shape } from './shape';
import { streamWords } from './stream';

/** Samples that one opening may have. */
export const MAX_SAMPLES = 64;

/** A row that the node must open. */
export interface Sample {
    /** 0 … K − 1 */
    readonly round: number;
    /** 0 … m − 1 */
    readonly row: number;
}

const WORDS_PER_SAMPLE = 3;
const LOW_BITS = 21;

/**
 * The rows to open, drawn with replacement. `randomness` must have been drawn after the commitment was stored. The bias of
 * the remainder is below K / 2^53.
 */
export function drawSamples(
    { rows }: Shape,
    rounds: number,
    count: number,
    commitment: Uint8Array,
    randomness: Uint8Array
): readonly Sample[] {
    const key = derive('sample', randomness, commitment);
    const samples: Sample[] = [];
    for (let i = 0; i < count; i++) {
        const [high = 0, low = 0, rowWord = 0] = streamWords(key, i, WORDS_PER_SAMPLE);
        const drawn = (high >>> 0) * 2 ** LOW_BITS + (low >>> (32 - LOW_BITS));
        samples.push({ round: drawn % rounds, row: rowWord & (rows - 1) });
    }
    return samples;
}
