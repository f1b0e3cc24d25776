import fc from 'fast-check';
import { sha256 } from '../../../src/core/hash';
import type { Cheats } from '../core/poc/support/prover_in_memory';
import { ChallengeWorld } from './challenge_world';

const wrongRows: Cheats = { entries: (_, __, honest) => honest().map((entry) => entry + 1) };
const vote = fc.record({ validator: fc.nat(3), ok: fc.boolean() });
const round = fc.record({ honest: fc.boolean(), votes: fc.array(vote, { maxLength: 6 }) });

test('property: every vote that the canister checked and found untrue is evidence, and no other vote ever is', () => {
    let [checked, lied] = [0, 0];
    fc.assert(
        fc.property(round, ({ honest, votes }) => {
            const world = new ChallengeWorld();
            const { falseVerdicts, course, book } = world.rules;
            const { id } = world.probe(world.proven('c'), { cheats: honest ? {} : wrongRows });
            const opening = book.opening(id)!;
            for (const { validator, ok } of votes) world.vote(book.find(id)!, validator, ok);
            world.world.advance(601);
            course.sweep(world.now, 1);
            const before = falseVerdicts.count();
            if (book.nextOwed() !== undefined) course.supply(id, 'Disputed', world.draw(), world.now);
            const ended = book.find(id)!;
            const found = Array.from({ length: Number(falseVerdicts.count()) }, (_, i) => falseVerdicts.at(BigInt(i))!);
            expect(before).toBe(0n);
            const lies = ended.checkRandomness === undefined ? [] : ended.votes.filter(({ ok }) => ok !== honest);
            expect(found).toEqual(
                lies.map(({ validator, ok }) => ({
                    validator,
                    challenge: id,
                    saidOk: ok,
                    openingHash: sha256(opening),
                    seenNs: world.now
                }))
            );
            checked += ended.checkRandomness === undefined ? 0 : 1;
            lied += lies.length;
        }),
        { numRuns: 100 }
    );
    // The property says something only if both came about.
    expect(checked).toBeGreaterThan(20);
    expect(lied).toBeGreaterThan(20);
});
