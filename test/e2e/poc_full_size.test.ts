/** EMC-PoC-1 at the sizes of version 1: what the canister checks of a round of 2^30 products, honest and not. */
import { specV1, STANDARD_WORK } from '../../src/core/poc/spec';
import { probe } from '../support/poc';
import { NodeRegistry, tag } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';
import type { Cheats } from '../unit/core/poc/support/prover_in_memory';

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    // By the standard of GPUs the one round of this test would be too little to be looked at.
    const pocSpec = specV1({ standardWork: STANDARD_WORK.development });
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 0n, pocSpec });
    net = new NodeRegistry(suite);
    await net.admitFour();
    for (const name of ['honest', 'cheat']) await net.join(name, 'compute');
});
afterAll(() => suite.close());

test('32 rows of a 1 024 × 1 024 product pass when they are right', async () => {
    const poc = await probe(net.challenged('honest'), {}, 1);
    expect(poc).toMatchObject({ dimension: 1_024, rows: 1_024, samples: 32, version: 1 });
    expect([tag(poc.state), poc.rounds]).toEqual(['Passed', [1]]);
});

test('a right tree over a product with one wrong entry in every row is found out', async () => {
    const wrong: Cheats = { entries: (_, row, honest) => honest().map((entry, i) => (i === row ? entry ^ 1 : entry)) };
    const poc = await probe(net.challenged('cheat'), wrong, 1);
    expect([tag(poc.state), ...poc.fault.map(tag)]).toEqual(['Failed', 'Product']);
});
