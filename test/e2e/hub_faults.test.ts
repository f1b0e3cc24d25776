/**
 * The built hub's windows under duplicated, reordered, late and lost calls, with peers that are away, trap, lose their replies or
 * answer late, and upgrades in the middle of a close (the model test of the domain tells many more such lives).
 */
import * as fc from 'fast-check';
import { auditLedger } from '../support/conservation';
import { deploySuite, type Suite } from '../support/suite';
import { INTERRUPTED, windowStep } from '../support/window_steps';
import { WindowStory } from '../support/window_story';

/** Steps of the random sequence, and its seed. */
const STEPS = Number(process.env.FAULT_STEPS ?? '30');
const SEED = Number(process.env.FAULT_SEED ?? '11');

let suite: Suite;
beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n, windowGraceS: 60n });
});
afterAll(() => suite.close());

test(`a random life of ${STEPS} steps with faults of every peer: each record in one window, exact sums, each window paid once`, async () => {
    const story = await WindowStory.begin(suite);
    const steps = [...INTERRUPTED, ...fc.sample(windowStep, { numRuns: STEPS, seed: SEED })];
    for (const step of steps) await story.run(step);
    await story.rest();
    await story.check();
    const audit = await auditLedger(suite.as('token_icrc1'));
    expect([audit.mismatches, audit.sumOfBalances + audit.burned]).toEqual([[], audit.minted]);
    expect(Object.entries(story.seen).filter(([, times]) => times === 0)).toEqual([]);
    expect([...story.upgradedIn]).toEqual(expect.arrayContaining(['Open', 'Frozen', 'Transferring', 'Settling']));
});
