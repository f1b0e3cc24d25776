/**
 * Random sequences of all operations against the naive ledger, with every fault at every call. After each step the audit
 * holds; in the end nothing is open, every e8 is explained, and nobody was paid twice.
 */
import * as fc from 'fast-check';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { step, type Step } from './steps';
import { Story } from './story';

/** Short stories for every profile, and the length and the seed of the long one. */
const RUNS = Number(process.env.MODEL_RUNS ?? '25');
const LONG_STEPS = Number(process.env.MODEL_STEPS ?? '10000');
const LONG_SEED = Number(process.env.MODEL_SEED ?? '5');
/** Steps of the long story between two audits, and between two ends at which everything must be explained. */
const AUDIT_EVERY = 200;
const END_EVERY = 1_000;

/** Periods of 90 rounds: the third is the first in which something is left of a fee to burn. */
const THIRD_PERIOD = 180n;

const settings: readonly (readonly [string, TokenomicsProfile, bigint])[] = [
    [S2_2100M.id, S2_2100M, 0n],
    [S3_1000M.id, S3_1000M, 0n],
    [`${S3_1000M.id} with burns`, S3_1000M, THIRD_PERIOD]
];

test.each(settings)('all rules hold under random steps and faults, every e8 is explained: %s', (_, profile, round) => {
    const tell = (steps: readonly Step[]): void => {
        const story = new Story(profile, round);
        for (const one of steps) {
            story.run(one);
            story.assertBooks();
        }
        story.assertEnd();
    };
    fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), tell), { numRuns: RUNS });
});

test(`AS-86: the same holds in one story of ${LONG_STEPS} steps`, () => {
    const story = new Story(S3_1000M, THIRD_PERIOD);
    fc.sample(step, { numRuns: LONG_STEPS, seed: LONG_SEED }).forEach((one, i) => {
        story.run(one);
        if (i % AUDIT_EVERY === 0) story.assertBooks();
        if (i % END_EVERY === END_EVERY - 1) story.assertEnd();
    });
    story.assertEnd();
});
