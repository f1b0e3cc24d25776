import type { Principal } from '@dfinity/principal';
import { newcomerRank, type NewcomerDeeds } from '../../../canisters/state_machine/domain/newcomer_rank';
import { MAX_NEWCOMERS } from '../../../canisters/state_machine/domain/newcomers';
import { weightSnapshot } from '../../../canisters/state_machine/domain/snapshot';
import { probe } from './probes';
import { bytes32, fullStake, kindOf, must, principalOf, RULES, World } from './world';

const DAY_S = 86_400;
const known = (world: World, label: string): boolean => world.registry.find(principalOf(label)) !== undefined;
const sweep = (world: World): void => world.rules.newcomers.sweep(world.now, 5_000);
const bind = (world: World, label: string): void => {
    const wallet = { owner: principalOf(`wallet of ${label}`) };
    must(world.wallets.propose(principalOf(label), wallet, world.now));
    must(world.wallets.bind(wallet, principalOf(label), world.now));
};

/** Registrations by strangers; how they ended. */
function strangers(world: World, count: number, from = 0): string[] {
    return Array.from({ length: count }, (_, i) => kindOf(world.register(`stranger ${from + i}`, 'compute')));
}

/** Every walk over nodes to its end; how many stored values it read. */
function costOfWalks(world: World): number {
    let reads = 0;
    const spies = Object.values(world.tables).flatMap((table: object) =>
        (['get', 'firstKey'] as const)
            .filter((name) => name in table)
            .map((name) => {
                const original = (table as Record<string, (...args: unknown[]) => unknown>)[name]!;
                return jest.spyOn(table as Record<string, typeof original>, name).mockImplementation((...args) => {
                    reads += 1;
                    return original.apply(table, args);
                });
            })
    );
    world.rules.duties.sweep(world.now, 10_000);
    while (world.rules.stakeRounds.next(world.now).length > 0);
    for (let start: bigint | undefined = 0n; start !== undefined;)
        start = weightSnapshot(world.registry, world.weightRules, world.now, start, 500n).next;
    spies.forEach((spy) => spy.mockRestore());
    return reads;
}

test('the registrations of 1 500 strangers change the cost of no walk but the list of who is online', () => {
    const world = new World();
    world.withValidators(4);
    world.prove(world.withComputeNode('c'));
    const before = costOfWalks(world);
    expect(before).toBeGreaterThan(10);
    expect(new Set(strangers(world, 1_500))).toEqual(new Set(['ok']));
    expect(world.rules.newcomers.count()).toBe(MAX_NEWCOMERS);
    world.advance(600);
    expect(costOfWalks(world)).toBe(before);
    expect(world.registry.count()).toBe(5n);
});

/** All places taken by strangers that have nothing but a report to show. */
function fullOfReporters(): World {
    const world = new World();
    world.withValidators(4);
    for (let i = 0; i < Number(MAX_NEWCOMERS); i++) world.withComputeNode(`stranger ${i}`);
    return world;
}

test('a stranger that keeps a thousand newcomers reporting keeps nobody out', () => {
    const world = fullOfReporters();
    world.advance(60);
    const honest = world.withComputeNode('honest');
    expect(world.rules.newcomers.count()).toBe(MAX_NEWCOMERS);
    // As many new keys as places, in minutes: older ones give way before it.
    for (let minute = 0; minute < 4; minute++) {
        expect(new Set(strangers(world, 250, 10_000 * (minute + 1)))).toEqual(new Set(['ok']));
        world.advance(60);
        if (minute === 0) expect(probe(world, honest, { lastByte: 0 }).state).toBe('Passed');
        must(world.report('honest'));
    }
    expect(known(world, 'honest')).toBe(true);
});

test('whose last proof passed keeps the place against any number, while it is online', () => {
    const world = fullOfReporters();
    const honest = world.withComputeNode('honest');
    probe(world, honest, { lastByte: 0 });
    for (let step = 0; step < 5; step++) {
        world.advance(1_700);
        must(world.report('honest'));
        strangers(world, 250, 10_000 * (step + 1));
    }
    expect(known(world, 'honest')).toBe(true);
    world.advance(1_801);
    strangers(world, 600, 90_000);
    expect(known(world, 'honest')).toBe(false);
});

test('a newcomer is active after three proofs, however many others wait, and is no newcomer then', () => {
    const world = fullOfReporters();
    const honest = world.withComputeNode('honest');
    for (const validator of [0, 1, 2]) {
        probe(world, honest, { validator, lastByte: 0 });
        strangers(world, 300, 10_000 * (validator + 1));
    }
    expect(world.status('honest')).toBe('Active');
    expect(world.rules.newcomers.has(honest)).toBe(false);
});

test('nothing is kept of those that gave way', () => {
    const world = new World();
    strangers(world, Number(MAX_NEWCOMERS) + 40);
    const { newcomerDue, newcomerNotes, nodes, profiles, presences } = world.tables;
    const sizes = [newcomerDue, newcomerNotes, nodes, profiles, presences].map((table) => table.size());
    expect(sizes).toEqual(sizes.map(() => Number(MAX_NEWCOMERS)));
});

test('rank: the silent go first, then who failed, then who was not asked, then who has a wallet; who passed stays', () => {
    const rank = (change: Partial<NewcomerDeeds>) =>
        newcomerRank({ isOnline: true, passed: 0, failures: 0, hasWallet: false, ...change });
    const order = [
        rank({ isOnline: false, passed: 2 }),
        rank({ passed: 2, failures: 1, hasWallet: true }),
        rank({}),
        rank({ hasWallet: true })
    ];
    expect(order).toEqual([0, 1, 2, 3]);
    expect(rank({ passed: 1 })).toBeUndefined();
});

test('places that are held by proofs are refused, and free again when their holders fail or fall silent', () => {
    const world = fullOfReporters();
    const { challengeScores } = world.tables;
    const passed = { acceptedAtMs: world.now / 1_000_000n, validator: 'v1' };
    const score = (failures: number) => ({
        ...world.rules.challenges.scores.of(principalOf('x')),
        first: [passed],
        failures
    });
    for (let i = 0; i < Number(MAX_NEWCOMERS); i++) challengeScores.set(principalOf(`stranger ${i}`), score(0));
    expect(world.register('late', 'compute')).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: 60n } });
    for (let i = 0; i < 500; i++) challengeScores.set(principalOf(`stranger ${i}`), score(1));
    expect(kindOf(world.register('late', 'compute'))).toBe('ok');
    const gone = Array.from({ length: 1_000 }, (_, i) => i).filter((i) => !known(world, `stranger ${i}`));
    expect(gone).toHaveLength(1);
    expect(gone[0]).toBeLessThan(500);
});

test('one with a wallet gives way when rewards has told that it has no stake, and is asked about once', () => {
    const world = new World();
    for (let i = 0; i < Number(MAX_NEWCOMERS); i++) {
        must(world.register(`stranger ${i}`, 'router'));
        bind(world, `stranger ${i}`);
    }
    for (let i = 0; i < 200; i++) expect(kindOf(world.register('late', 'compute'))).toBe('RateLimited');
    const asked = world.rules.stakeRounds.next(world.now);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(Number(MAX_NEWCOMERS));
    expect(new Set(asked.map(String)).size).toBe(asked.length);
    const [poor, rich] = asked as [Principal, Principal];
    must(world.stakes.settle(rich, fullStake('router'), RULES, world.now));
    expect(kindOf(world.stakes.settle(poor, undefined, RULES, world.now))).toBe('NotFound');
    expect([world.registry.find(poor), world.registry.find(rich)?.record.status]).toEqual([undefined, 'Active']);
    expect(kindOf(world.register('late', 'compute'))).toBe('ok');
});

test('no notice: a newcomer with a wallet that rewards was asked about in a round stays, full or not', () => {
    const world = new World();
    must(world.register('waiting', 'router'));
    bind(world, 'waiting');
    strangers(world, Number(MAX_NEWCOMERS) - 1);
    expect(kindOf(world.stakes.settle(principalOf('waiting'), undefined, RULES, world.now))).toBe('RequirementsNotMet');
    expect(known(world, 'waiting')).toBe(true);
});

test('registering alone tells rewards nothing; a wallet does, and becoming active', () => {
    const world = new World();
    world.withValidators(4);
    const told = (): readonly string[] => {
        const { nodes, until } = world.outbox.batch(100n);
        world.outbox.acknowledge(until);
        return nodes.map(String);
    };
    told();
    const c = world.withComputeNode('c');
    must(world.register('r', 'router'));
    expect(told()).toEqual([]);
    bind(world, 'r');
    expect(told()).toEqual([principalOf('r').toText()]);
    world.prove(c);
    expect(told()).toEqual([c.toText()]);
    // Also one so slow that its E is still 0.
    must(world.register('slow', 'compute'));
    world.registry.apply(principalOf('slow'), 'poc_passed', world.now);
    expect(told()).toEqual([principalOf('slow').toText()]);
    must(world.stakes.unregister(principalOf('r'), undefined, world.now));
    must(world.register('r', 'compute'));
    expect(told()).toEqual([principalOf('r').toText()]);
});

test('a silent newcomer is forgotten after a day, one that reports after thirty; both may come again', () => {
    const world = new World();
    must(world.register('silent', 'compute'));
    const reporting = must(world.register('reporting', 'validator'));
    world.advance(DAY_S - 1);
    sweep(world);
    expect(known(world, 'silent')).toBe(true);
    must(world.report('reporting'));
    world.advance(1);
    sweep(world);
    expect([known(world, 'silent'), known(world, 'reporting')]).toEqual([false, true]);
    world.advance(60);
    for (let halfDay = 2; halfDay < 60; halfDay++) {
        expect(known(world, 'reporting')).toBe(true);
        must(world.report('reporting'));
        world.advance(DAY_S / 2);
        sweep(world);
    }
    expect(known(world, 'reporting')).toBe(false);
    expect(world.rules.newcomers.count()).toBe(0n);
    expect(world.tables.newcomerDue.firstKey()).toBeUndefined();
    expect(kindOf(world.register('silent', 'compute'))).toBe('ok');
    const again = must(world.register('reporting', 'router'));
    expect(again.record.factsVersion).toBeGreaterThan(reporting.record.factsVersion);
});

test('whoever was Active once, or is staked, is no newcomer and stays', () => {
    const world = new World();
    world.withValidators(4);
    world.prove(world.withComputeNode('proved'));
    must(world.register('staked', 'validator'));
    bind(world, 'staked');
    world.rules.stakeBook.learn(principalOf('staked'), 'validator', fullStake('validator'), world.now);
    expect(world.rules.newcomers.count()).toBe(0n);
    world.advance(40 * DAY_S);
    sweep(world);
    expect([known(world, 'proved'), known(world, 'staked'), known(world, 'v1')]).toEqual([true, true, true]);
    const listed = world.registry.page(0n, 100n, () => true).items.map(({ id }) => id.toText());
    expect(new Set(listed).size).toBe(6);
});

test('one that leaves before it was anything gives its place back', () => {
    const world = new World();
    must(world.register('x', 'compute'));
    must(world.stakes.unregister(principalOf('x'), undefined, world.now));
    must(world.register('x', 'compute'));
    expect(world.rules.newcomers.count()).toBe(1n);
    must(world.stakes.unregister(principalOf('x'), undefined, world.now));
    world.advance(DAY_S);
    sweep(world);
    expect([known(world, 'x'), world.rules.newcomers.count()]).toEqual([false, 0n]);
});

test('a newcomer that something open names is not forgotten: a challenge, or an application for a batch', () => {
    const world = new World();
    world.withValidators(4);
    must(world.validators.batch.open(world.now));
    must(world.register('candidate', 'validator'));
    must(world.validators.apply(principalOf('candidate'), fullStake('validator'), RULES.validator, world.now));
    const challenged = world.withComputeNode('challenged');
    must(world.rules.challenges.course.request(principalOf('v1'), challenged, bytes32('slot'), world.now));
    world.advance(2 * DAY_S);
    sweep(world);
    expect([known(world, 'candidate'), known(world, 'challenged')]).toEqual([true, true]);
    world.rules.challenges.course.sweep(world.now, 10);
    world.validators.batch.close();
    world.advance(2 * DAY_S);
    sweep(world);
    expect([known(world, 'candidate'), known(world, 'challenged')]).toEqual([false, false]);
});

test('the stake of a newcomer with a wallet is asked for once in a period in which it reports', () => {
    const world = new World();
    must(world.register('r', 'router'));
    const asked = (): string[] => world.rules.stakeRounds.next(world.now).map((node) => node.toText());
    must(world.report('r'));
    expect(asked()).toEqual([]);
    bind(world, 'r');
    world.advance(600);
    must(world.report('r'));
    expect(asked()).toEqual([principalOf('r').toText()]);
    world.advance(60);
    must(world.report('r'));
    expect(asked()).toEqual([]);
    must(world.stakes.settle(principalOf('r'), fullStake('router'), RULES, world.now));
    expect(world.status('r')).toBe('Active');
    world.advance(600);
    expect(asked()).toEqual([principalOf('r').toText()]);
});

test('a newcomer with a wallet is not forgotten before rewards has told that it has no stake', () => {
    const world = new World();
    for (const label of ['poor', 'rich']) must(world.register(label, 'compute'));
    for (const label of ['poor', 'rich']) bind(world, label);
    world.advance(DAY_S - 1);
    expect(kindOf(world.stakes.settle(principalOf('poor'), undefined, RULES, world.now))).toBe('ok');
    world.advance(1);
    sweep(world);
    const asked = world.rules.stakeRounds.next(world.now);
    expect(asked.map(String).sort()).toEqual(['poor', 'rich'].map((label) => principalOf(label).toText()).sort());
    expect([known(world, 'poor'), known(world, 'rich')]).toEqual([true, true]);
    expect(kindOf(world.stakes.settle(principalOf('poor'), undefined, RULES, world.now))).toBe('NotFound');
    must(world.stakes.settle(principalOf('rich'), fullStake('compute'), RULES, world.now));
    world.advance(40 * DAY_S);
    sweep(world);
    expect([known(world, 'poor'), known(world, 'rich')]).toEqual([false, true]);
});
