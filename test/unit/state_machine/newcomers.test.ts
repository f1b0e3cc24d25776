import { MAX_NEWCOMERS } from '../../../canisters/state_machine/domain/newcomers';
import { weightSnapshot } from '../../../canisters/state_machine/domain/snapshot';
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

test('the registrations of 2 000 strangers change the cost of no walk but the list of who is online', () => {
    const world = new World();
    world.withValidators(4);
    world.prove(world.withComputeNode('c'));
    const before = costOfWalks(world);
    expect(before).toBeGreaterThan(10);
    const answers = strangers(world, 2_000);
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(Number(MAX_NEWCOMERS));
    expect(answers.slice(Number(MAX_NEWCOMERS)).every((answer) => answer === 'RateLimited')).toBe(true);
    world.advance(600);
    expect(costOfWalks(world)).toBe(before);
    expect(world.registry.count()).toBe(5n);
});

test('full: the refusal tells when a place may be free; then who is silent gives way to who comes', () => {
    const world = new World();
    strangers(world, Number(MAX_NEWCOMERS));
    expect(world.register('late', 'compute')).toEqual({
        ok: false,
        error: { kind: 'RateLimited', retryAfterS: 1_800n }
    });
    world.advance(1_799);
    expect(kindOf(world.register('late', 'compute'))).toBe('RateLimited');
    world.advance(1);
    expect(kindOf(world.register('late', 'compute'))).toBe('ok');
    expect(world.rules.newcomers.count()).toBe(MAX_NEWCOMERS);
    expect(known(world, 'stranger 0') && known(world, 'stranger 1')).toBe(true);
});

test('full: who reports keeps the place, whoever asks for it', () => {
    const world = new World();
    world.withComputeNode('honest');
    strangers(world, Number(MAX_NEWCOMERS) - 1);
    for (let step = 0; step < 4; step++) {
        world.advance(1_700);
        must(world.report('honest'));
        strangers(world, 400, 10_000 * (step + 1));
    }
    expect(known(world, 'honest')).toBe(true);
    expect(known(world, 'stranger 40399')).toBe(true);
    expect(world.rules.newcomers.count()).toBe(MAX_NEWCOMERS);
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
