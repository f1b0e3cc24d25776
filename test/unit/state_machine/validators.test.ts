import { quorumOf } from '../../../src/core/consensus/rounds';
import type { Principal } from '@dfinity/principal';
import { isValidSetSize, nextBatchSize } from '../../../canisters/state_machine/domain/validators';
import { stakeShortcoming, type NodeStake } from '../../../canisters/state_machine/domain/stakes';
import { fullStake, kindOf, must, principalOf, RULES, World } from './world';

const labels = (count: number, first = 1): string[] => Array.from({ length: count }, (_, i) => `v${i + first}`);

function candidates(world: World, count: number, first = 1) {
    for (const label of labels(count, first)) must(world.register(label, 'validator'));
    return labels(count, first).map(principalOf);
}

test('AS-38: quorum is floor(2N/3)+1; 12 is no valid size', () => {
    expect([4, 7, 13, 12].map(quorumOf)).toEqual([3, 5, 9, 9]);
    expect([4, 7, 13, 12, 1, 0].map(isValidSetSize)).toEqual([true, true, true, false, false, false]);
});

test('AS-41: batches complete the set to 3F+1', () => {
    expect([0, 13, 12, 4, 1].map(nextBatchSize)).toEqual([13, 3, 1, 3, 3]);
});

test('AS-37: stakes of validators and routers', () => {
    const now = 1n;
    const check = (nodeClass: 'validator' | 'router', change: object) =>
        stakeShortcoming(nodeClass, RULES[nodeClass], fullStake(nodeClass, change), now);
    expect(check('validator', {})).toBeUndefined();
    expect(check('validator', { remainingE8s: 99_999_999_999_999n })).toEqual({
        kind: 'BelowMinimum',
        minE8s: 100_000_000_000_000n
    });
    expect(check('validator', { termDays: 359n })).toEqual({ kind: 'TermTooShort', minDays: 360n });
    expect(check('router', { remainingE8s: 9_999_999_999_999n })?.kind).toBe('BelowMinimum');
    expect(check('router', { termDays: 179n })).toEqual({ kind: 'TermTooShort', minDays: 180n });
    expect(check('router', { endNs: now })?.kind).toBe('StakeEnded');
    expect(check('router', { nodeClass: 'compute' })?.kind).toBe('NoStake');
    expect(stakeShortcoming('router', RULES.router, undefined, now)?.kind).toBe('NoStake');
});

test('admit: the set must come out as 3F+1, without repetitions', () => {
    const world = new World();
    const batch = candidates(world, 4);
    for (const wrong of [[], batch.slice(1), [...batch.slice(1), batch[1] ?? batch[0]!]]) {
        expect(world.validators.checkBatch(wrong)).toEqual({
            ok: false,
            error: { kind: 'WrongBatchSize', expected: 13n }
        });
    }
    expect(kindOf(world.validators.checkBatch(batch))).toBe('ok');
});

test('admit: all or nothing, naming what each candidate lacks', () => {
    const world = new World();
    const batch = candidates(world, 3);
    must(world.register('c', 'compute'));
    const mixed = [...batch.slice(0, 2), principalOf('c'), principalOf('nobody')];
    expect(world.validators.checkBatch(mixed)).toMatchObject({
        error: { candidates: [{ shortcoming: { kind: 'WrongClass' } }, { shortcoming: { kind: 'NotFound' } }] }
    });
    const four = [...batch, ...candidates(world, 1, 4)];
    const stakes = [fullStake('validator'), undefined, fullStake('validator'), fullStake('validator')];
    expect(world.validators.admit(four, stakes, RULES.validator, world.now)).toMatchObject({
        error: { candidates: [{ shortcoming: { kind: 'NoStake' } }] }
    });
    expect(world.validators.members()).toEqual([]);
    expect(world.status('v1')).toBe('Registered');
});

test('admit: the second batch joins behind the first, and nobody twice', () => {
    const world = new World();
    const first = world.withValidators(4);
    const second = candidates(world, 3, 5);
    const full = second.map(() => fullStake('validator'));
    expect(kindOf(world.validators.admit(first.slice(0, 3), full, RULES.validator, world.now))).toBe(
        'RequirementsNotMet'
    );
    must(world.validators.admit(second, full, RULES.validator, world.now));
    expect(world.validators.members().map(String)).toEqual([...first, ...second].map(String));
    expect(world.validators.quorum()).toBe(5);
});

test('refresh: a router with its stake becomes Active, without it stays what it is', () => {
    const world = new World();
    must(world.register('r', 'router'));
    must(world.report('r'));
    const settle = (stake: ReturnType<typeof fullStake> | undefined) =>
        world.stakes.settle(principalOf('r'), stake, RULES, world.now);
    expect(kindOf(settle(undefined))).toBe('RequirementsNotMet');
    expect(kindOf(settle(fullStake('router', { termDays: 179n })))).toBe('RequirementsNotMet');
    expect(world.status('r')).toBe('Registered');
    expect(kindOf(settle(fullStake('router')))).toBe('ok');
    expect(world.status('r')).toBe('Active');
});

test('refresh: an ended stake ends the service; a validator leaves the set', () => {
    const world = new World();
    const [first] = world.withValidators(4);
    must(world.stakes.settle(first!, fullStake('validator', { remainingE8s: 1n }), RULES, world.now));
    expect(world.status('v1')).toBe('Active');
    must(world.stakes.settle(first!, undefined, RULES, world.now));
    expect(world.status('v1')).toBe('Expired');
    expect(world.validators.has(first!)).toBe(false);
    expect(nextBatchSize(world.validators.members().length)).toBe(1);
});

test('unregister: a validator without a stake leaves the set too', () => {
    const world = new World();
    const [first] = world.withValidators(4);
    must(world.stakes.unregister(first!, undefined, world.now));
    expect(world.validators.has(first!)).toBe(false);
    expect(world.validators.members()).toHaveLength(3);
});

test('refresh: a node is asked for at most once a minute, also when the first answer is still out', () => {
    const world = new World();
    must(world.register('r', 'router'));
    expect(kindOf(world.stakes.begin(principalOf('r'), world.now))).toBe('ok');
    expect(kindOf(world.stakes.begin(principalOf('r'), world.now))).toBe('RateLimited');
    world.advance(60);
    expect(kindOf(world.stakes.begin(principalOf('r'), world.now))).toBe('ok');
    expect(kindOf(world.stakes.begin(principalOf('nobody'), world.now))).toBe('NotFound');
});

test('a node asks for its own stake once a minute, to apply or to leave, and others who ask do not keep it from that', () => {
    const world = new World();
    must(world.register('r', 'router'));
    const node = principalOf('r');
    expect(kindOf(world.stakes.begin(node, world.now))).toBe('ok');
    expect(kindOf(world.stakes.beginOwn(node, world.now))).toBe('ok');
    expect(kindOf(world.stakes.beginOwn(node, world.now))).toBe('RateLimited');
    must(world.stakes.unregister(node, undefined, world.now));
    expect(kindOf(world.stakes.beginOwn(node, world.now))).toBe('NotFound');
    // It comes back at once, and has to wait all the same: it cannot turn in a circle.
    must(world.register('r', 'router'));
    expect(kindOf(world.stakes.beginOwn(node, world.now))).toBe('RateLimited');
    world.advance(59);
    expect(kindOf(world.stakes.beginOwn(node, world.now))).toBe('RateLimited');
    world.advance(1);
    expect(kindOf(world.stakes.beginOwn(node, world.now))).toBe('ok');
});

function withBatch(count: number) {
    const world = new World();
    const batch = candidates(world, count);
    const apply = (node: Principal, stake: NodeStake | undefined = fullStake('validator')) =>
        world.validators.apply(node, stake, RULES.validator, world.now);
    const admit = (nodes: readonly Principal[]) =>
        world.stakes.admit(
            nodes,
            nodes.map(() => fullStake('validator')),
            RULES.validator,
            world.now
        );
    return { world, batch, apply, admit };
}

test('AS-41: a batch is open once; its 13 places are filled by applicants, all at once, and then it is closed', () => {
    const { world, batch, apply, admit } = withBatch(14);
    expect(kindOf(apply(batch[0]!))).toBe('NoBatchOpen');
    must(world.validators.batch.open(world.now));
    expect(kindOf(world.validators.batch.open(world.now))).toBe('BatchOpen');
    for (const node of batch.slice(0, 12)) must(apply(node));
    expect(must(apply(batch[0]!)).applicants).toHaveLength(12);
    expect(admit(batch.slice(0, 4))).toEqual({ ok: false, error: { kind: 'WrongBatchSize', expected: 13n } });
    expect(admit(batch.slice(0, 13))).toMatchObject({
        error: { kind: 'RequirementsNotMet', candidates: [{ shortcoming: { kind: 'NotApplied' } }] }
    });
    must(apply(batch[12]!));
    must(apply(batch[13]!));
    const { rules } = world.upgraded();
    expect(rules.validators.batch.find()?.applicants).toHaveLength(14);
    must(admit(batch.slice(1)));
    expect(world.validators.members()).toHaveLength(13);
    expect(world.validators.batch.find()).toBeUndefined();
    must(world.validators.batch.open(world.now));
    expect(kindOf(admit([batch[0]!]))).toBe('WrongBatchSize');
});

test('apply: a candidate must be a registered validator with a full stake; no more than a hundred wait', () => {
    const { world, batch, apply } = withBatch(101);
    must(world.validators.batch.open(world.now));
    must(world.register('c', 'compute'));
    const lacks = (node: Principal, stake?: NodeStake) => {
        const refused = apply(node, stake);
        return refused.ok || refused.error.kind !== 'RequirementsNotMet'
            ? kindOf(refused)
            : refused.error.candidates[0]?.shortcoming.kind;
    };
    expect(lacks(principalOf('c'))).toBe('WrongClass');
    expect(lacks(principalOf('nobody'))).toBe('NotFound');
    expect(lacks(batch[0]!, fullStake('validator', { termDays: 359n }))).toBe('TermTooShort');
    expect(lacks(batch[0]!, fullStake('validator', { remainingE8s: 1n }))).toBe('BelowMinimum');
    for (const node of batch.slice(0, 100)) must(apply(node));
    expect(apply(batch[100]!)).toEqual({ ok: false, error: { kind: 'TooLarge', max: 100 } });
});
