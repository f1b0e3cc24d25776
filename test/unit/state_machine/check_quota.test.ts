/** What openings may cost the canister (compute.md §4.9, docs/decisions/0024). */
import { ChallengeWorld, ROUNDS } from './challenge_world';
import { kindOf, must, seconds } from './world';

const HOUR_S = 3_600;
const wrongRow = { entries: (_: number, __: number, honest: () => Int32Array) => honest().map((x) => x + 1) };

/** Two checks of each cause for each of the four validators in an hour. */
const quota = () => new ChallengeWorld({ checksPerHour: 8 });

test('a validator has its share of newcomers to ask in an hour, and uses up nobody else’s', () => {
    const world = quota();
    const [c1, c2, c3] = ['c1', 'c2', 'c3'].map((name) => world.node(name));
    world.request(c1!);
    world.request(c2!);
    const refused = world.rules.course.checkRequest(world.members[0]!, c3!, world.now);
    expect(refused).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: BigInt(HOUR_S / 2) } });
    const late = world.rules.course.request(world.members[0]!, c3!, world.draw(), world.now);
    expect(kindOf(late)).toBe('RateLimited');
    expect(world.request(c3!, 1).state).toBe('Requested');
    world.world.advance(HOUR_S / 2 - 1);
    world.world.report('c1');
    for (const name of ['c4', 'c5']) world.node(name);
    expect(kindOf(world.ask('c4'))).toBe('RateLimited');
    world.world.advance(1);
    expect(kindOf(world.ask('c4'))).toBe('ok');
    expect(kindOf(world.ask('c5'))).toBe('RateLimited');
});

test('a share that is not used is not saved up', () => {
    const world = quota();
    world.world.advance(100 * HOUR_S);
    const asked = ['c1', 'c2', 'c3'].map((name) => {
        world.node(name);
        return kindOf(world.ask(name));
    });
    expect(asked).toEqual(['ok', 'ok', 'RateLimited']);
});

test('who does not come to an opening has cost no check, so silent newcomers keep nobody waiting', () => {
    const world = quota();
    const silent = world.node('silent');
    const idle = world.node('idle');
    world.request(silent);
    world.accept(world.request(idle));
    world.node('c');
    expect(kindOf(world.ask('c'))).toBe('RateLimited');
    world.world.advance(40);
    world.rules.course.sweep(world.now, 10);
    expect(world.rules.book.count()).toBe(2n);
    expect(kindOf(world.ask('c'))).toBe('ok');
});

test('a newcomer is checked once for each request, whatever it opens', () => {
    const world = quota();
    const node = world.node('c');
    expect(world.probe(node, { cheats: wrongRow }).state).toBe('Failed');
    expect(world.probe(node, { cheats: wrongRow }).state).toBe('Failed');
    expect(kindOf(world.ask('c'))).toBe('RateLimited');
});

test('a known node needs no share to be asked, and one in ten of its proofs is checked all the same', () => {
    const world = quota();
    const node = world.proven('c');
    for (let i = 0; i < 5; i++) expect(world.probe(node, { lastByte: 0 }).state).toBe('Passed');
});

test('disputes have a quota of their own: what goes beyond it waits, and is checked in its time', () => {
    const world = new ChallengeWorld();
    const nodes = ['c1', 'c2', 'c3'].map((name) => world.proven(name));
    world.setPolicy({ checksPerHour: 4 });
    const disputed = nodes.map((node) => {
        const challenge = world.probe(node, { validator: 3 });
        for (const voter of [0, 1]) must(world.vote(challenge, voter, false));
        return must(world.vote(challenge, 2, false));
    });
    expect(disputed.map(({ state }) => state)).toEqual(['Disputed', 'Disputed', 'Disputed']);
    const waiting = disputed.map(({ deadlineNs }) => deadlineNs !== undefined);
    expect(waiting).toEqual([false, true, true]);
    const owed = () => world.rules.book.nextOwed()?.id;
    expect(owed()).toBe(disputed[0]!.id);
    // Randomness for a check that has to wait decides nothing.
    expect(world.rules.course.supply(disputed[1]!.id, 'Disputed', world.draw(), world.now)?.state).toBe('Disputed');
    expect(world.rules.course.supply(disputed[0]!.id, 'Disputed', world.draw(), world.now)?.state).toBe('Passed');
    expect(owed()).toBeUndefined();
    world.world.advance(HOUR_S + 1);
    world.rules.course.sweep(world.now, 10);
    expect(owed()).toBe(disputed[1]!.id);
    expect(world.rules.course.supply(disputed[1]!.id, 'Disputed', world.draw(), world.now)?.state).toBe('Passed');
    expect(owed()).toBeUndefined();
    world.world.advance(HOUR_S + 1);
    world.rules.course.sweep(world.now, 10);
    expect(world.rules.course.supply(disputed[2]!.id, 'Disputed', world.draw(), world.now)?.state).toBe('Passed');
});

test('a claim that is worth less than the least E has failed with the commitment: there is nothing to open', () => {
    const world = new ChallengeWorld({ minEValueE8: 100_000_000n, checksPerHour: 8 });
    const node = world.node('c');
    const commit = (rounds: number) => {
        const { id } = world.accept(world.request(node));
        return must(world.rules.course.commit(node, id, new Uint8Array(32), rounds, world.now));
    };
    expect(commit(ROUNDS - 1)).toMatchObject({ state: 'Failed', fault: 'TooLittle', finalAtNs: world.now });
    expect(world.rules.book.nextOwed()).toBeUndefined();
    expect(world.rules.scores.of(node).failures).toBe(1);
    // No check was needed for it: the share is whole.
    world.world.advance(1);
    expect(commit(ROUNDS)).toMatchObject({ state: 'Committed', fault: undefined });
    expect(kindOf(world.ask('c2', world.node('c2')))).toBe('ok');
});

test('governance sets both; a share of less than one in an hour still gives one now and then', () => {
    const world = new ChallengeWorld();
    const set = (change: object) => kindOf(world.rules.specs.setPolicy(change));
    expect([{ checksPerHour: 0 }, { minEValueE8: 10_000_000_001n }].map(set)).toEqual(Array(2).fill('InvalidArgument'));
    expect(set({ checksPerHour: 2 })).toBe('ok');
    world.node('c1');
    expect(kindOf(world.ask('c1'))).toBe('ok');
    world.world.advance(Number(seconds(2 * HOUR_S) / seconds(1)) - 1);
    world.node('c2');
    expect(kindOf(world.ask('c2'))).toBe('RateLimited');
    world.world.advance(1);
    expect(kindOf(world.ask('c2'))).toBe('ok');
});
