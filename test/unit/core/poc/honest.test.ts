import fc from 'fast-check';
import { openSamples } from '../../../../src/node/poc/open_samples';
import { ReferenceProver } from '../../../../src/node/poc/reference_prover';
import { Chain, commitChain } from '../../../../src/core/poc/chain';
import { openingBytes } from '../../../../src/core/poc/opening';
import { nodeSeed } from '../../../../src/core/poc/seeds';
import { ProverInMemory, prove, seed, taskOf, verdictOf } from './support/prover_in_memory';

test('an honest prover is accepted, whatever the seeds, the shape and the number of rounds', () => {
    fc.assert(
        fc.property(
            fc.constantFrom(64, 128),
            fc.constantFrom(64, 128, 256),
            fc.integer({ min: 1, max: 9 }),
            fc.integer({ min: 1, max: 8 }),
            fc.string(),
            (dimension, rows, rounds, count, label) => {
                const prover = new ProverInMemory(taskOf({ dimension, rows }, label), rounds);
                expect(prove(prover, count, label)).toBe('ok');
            }
        ),
        { numRuns: 25 }
    );
});

test('the reference prover keeps only roots and opens the same bytes as one that keeps everything', async () => {
    const task = taskOf({ dimension: 64, rows: 128 });
    const inMemory = new ProverInMemory(task, 6);
    const reference = new ReferenceProver();
    await reference.load(task);
    const roots = await reference.run(task.nodeSeed, () => true, 6);
    expect(roots).toEqual(inMemory.roots);
    const drawing = { count: 16, randomness: seed('drawing') };
    const samples = inMemory.samples(drawing);
    const opening = await openSamples(reference, task, task.nodeSeed, roots, samples);
    expect(opening).toEqual(inMemory.open(samples));
    expect(opening.length).toBe(openingBytes(task.shape, 6, 16));
    expect(verdictOf(inMemory.claim(), drawing, opening)).toBe('ok');
});

test('openings stay below 200 KB at the sizes that GPUs reach', () => {
    expect(openingBytes({ dimension: 1024, rows: 65_536 }, 55_000, 32)).toBe(174_080);
    expect(openingBytes({ dimension: 1024, rows: 262_144 }, 15_000, 32)).toBeLessThan(200_000);
});

test('chain: the key of a round depends on every round before it', () => {
    const keyAfter = (changed: number): string => {
        const chain = new Chain(seed('node'));
        for (let round = 0; round < 7; round++)
            chain.append(new Int32Array(8).fill(round === changed ? 99 : round) as never);
        return JSON.stringify(chain.nextKey());
    };
    const keys = [-1, 0, 1, 2, 3, 4, 5, 6].map(keyAfter);
    expect(new Set(keys).size).toBe(8);
});

test('node seeds: version, challenge, node, slot and randomness all count', () => {
    const challenge = { version: 1, id: 5n, node: new Uint8Array([1, 2, 3]) };
    const seeds = [
        nodeSeed(seed('slot'), challenge, seed('random')),
        nodeSeed(seed('other slot'), challenge, seed('random')),
        nodeSeed(seed('slot'), challenge, seed('other random')),
        nodeSeed(seed('slot'), { ...challenge, version: 2 }, seed('random')),
        nodeSeed(seed('slot'), { ...challenge, id: 6n }, seed('random')),
        nodeSeed(seed('slot'), { ...challenge, node: new Uint8Array([1, 2, 4]) }, seed('random'))
    ];
    expect(new Set(seeds.map((bytes) => bytes.join())).size).toBe(seeds.length);
});

test('a commitment names its number of rounds: a longer chain of the same tree is another one', () => {
    const { roots } = new ProverInMemory(taskOf({ dimension: 64, rows: 64 }), 3);
    const padded = [...roots, [0, 0, 0, 0, 0, 0, 0, 0] as const];
    expect(commitChain(seed('node'), padded)).not.toEqual(commitChain(seed('node'), roots));
});
