import { epochEValueE8 } from '../../../src/core/poc/measure';
import { ChallengeWorld, ROUNDS, SMALL_SPEC, stranger } from './challenge_world';
import { bytes32, kindOf, must, seconds } from './world';

/** ROUNDS of 64 · 64² over 2^20, within the window. */
const E_OF_A_PROBE = (BigInt(ROUNDS) * 64n * 64n * 64n * 100_000_000n) / (1n << 20n);
const wrongRow = { entries: (_: number, __: number, honest: () => Int32Array) => honest().map((x) => x + 1) };

test('scenario 19: a newcomer is active after three probes by three validators, all checked on chain', () => {
    const world = new ChallengeWorld();
    const node = world.node('c');
    for (const [index, validator] of [0, 1, 1, 2].entries()) {
        expect(world.world.status('c')).toBe('Registered');
        expect(world.eOf(node)).toBe(0n);
        const challenge = world.probe(node, { validator });
        expect(challenge).toMatchObject({ state: 'Passed', newcomer: true, samples: 6, eValueE8: E_OF_A_PROBE });
        expect(challenge.checkRandomness).toBeDefined();
        expect(world.rules.scores.isNewcomer(node)).toBe(index < 3);
    }
    expect(world.world.status('c')).toBe('Active');
    expect(world.eOf(node)).toBe(E_OF_A_PROBE);
});

test('E follows the formula on canister time; working longer than window and slack lowers it', () => {
    const world = new ChallengeWorld();
    const node = world.node('c');
    for (const [validator, workS] of [
        [0, 15],
        [1, 25],
        [2, 20]
    ] as const)
        world.probe(node, { validator, workS });
    // The middle one: 20 s less the slack of 2.5 s.
    expect(world.eOf(node)).toBe((E_OF_A_PROBE * 15_000n) / 17_500n);
});

test('a node that is known is left to the quorum, and passes with it', () => {
    const world = new ChallengeWorld();
    const node = world.proven('c');
    const challenge = world.probe(node);
    expect(challenge).toMatchObject({ state: 'Attesting', newcomer: false, samples: 4, checkRandomness: undefined });
    expect(must(world.vote(challenge, 0, true)).state).toBe('Attesting');
    expect(kindOf(world.vote(challenge, 0, true))).toBe('Duplicate');
    expect(must(world.vote(challenge, 1, true)).state).toBe('Attesting');
    expect(must(world.vote(challenge, 2, true))).toMatchObject({ state: 'Passed', eValueE8: E_OF_A_PROBE });
    expect(kindOf(world.vote(challenge, 3, true))).toBe('AlreadyFinal');
    expect(kindOf(world.rules.verdicts.attest(stranger, challenge.id, true, world.now))).toBe('NotAValidator');
});

test('one in ten is checked on chain, decided by randomness that nobody knew before', () => {
    const world = new ChallengeWorld();
    const node = world.proven('c');
    expect(world.probe(node, { lastByte: 25 }).state).toBe('Passed');
    expect(world.probe(node, { lastByte: 26 }).state).toBe('Attesting');
});

test('lying validators cannot fail an honest node: the canister looks itself', () => {
    const world = new ChallengeWorld();
    const node = world.proven('c');
    const challenge = world.probe(node);
    for (const validator of [0, 1]) must(world.vote(challenge, validator, false));
    expect(must(world.vote(challenge, 2, false)).state).toBe('Disputed');
    expect(world.rules.book.nextOwed()?.id).toBe(challenge.id);
    expect(world.rules.course.supply(challenge.id, 'Disputed', world.draw(), world.now)?.state).toBe('Passed');
    expect(world.rules.book.nextOwed()).toBeUndefined();
});

test('a cheater fails by the fault that the verifier names, whoever checks', () => {
    for (const mode of ['onchain', 'hybrid'] as const) {
        const world = new ChallengeWorld({ mode });
        const challenge = world.probe(world.node('c'), { cheats: wrongRow });
        expect(challenge).toMatchObject({ state: 'Failed', fault: 'Product', eValueE8: undefined });
    }
    const world = new ChallengeWorld();
    const disputed = world.probe(world.proven('d'), { cheats: wrongRow });
    for (const validator of [0, 1, 2]) must(world.vote(disputed, validator, false));
    const failed = world.rules.course.supply(disputed.id, 'Disputed', world.draw(), world.now);
    expect(failed).toMatchObject({ state: 'Failed', fault: 'Product' });
});

test('mode quorum: the validators alone decide, and their silence decides nothing', () => {
    const world = new ChallengeWorld({ mode: 'quorum' });
    const node = world.node('c');
    const rejected = world.probe(node);
    expect(rejected.state).toBe('Attesting');
    for (const validator of [0, 1, 2]) must(world.vote(rejected, validator, false));
    expect(world.rules.book.find(rejected.id)).toMatchObject({ state: 'Failed', fault: 'RejectedByValidators' });
    const forgotten = world.probe(node);
    world.world.advance(601);
    expect(kindOf(world.vote(forgotten, 0, true))).toBe('DeadlinePassed');
    expect(world.rules.book.find(forgotten.id)?.state).toBe('Lapsed');
});

test('verdicts of validators that left do not count, for a proof or against it', () => {
    for (const isTrue of [true, false]) {
        const world = new ChallengeWorld({ mode: 'quorum' });
        const challenge = world.probe(world.node('c'));
        for (const validator of [0, 1]) must(world.vote(challenge, validator, isTrue));
        world.world.validators.leave(world.members[0]!, world.now);
        expect(must(world.vote(challenge, 2, isTrue)).state).toBe('Attesting');
        expect(must(world.vote(challenge, 3, isTrue)).state).toBe(isTrue ? 'Passed' : 'Failed');
    }
});

test('mode hybrid: the silence of the validators is made good by the canister', () => {
    const world = new ChallengeWorld();
    const challenge = world.probe(world.proven('c'));
    world.world.advance(601);
    expect(world.rules.course.sweep(world.now, 10)).toBe(1);
    expect(world.rules.book.nextOwed()).toMatchObject({ id: challenge.id, state: 'Disputed' });
});

test('each step has its time; the node that misses it has failed', () => {
    const world = new ChallengeWorld();
    const { course, book } = world.rules;
    const fault = (id: bigint) => book.find(id)?.fault;

    const ignored = world.request(world.node('a'));
    world.world.advance(31);
    expect(kindOf(course.accept(ignored.node, { id: ignored.id }, world.draw(), world.now))).toBe('DeadlinePassed');
    expect(fault(ignored.id)).toBe('NotAccepted');

    const late = world.accept(world.request(world.node('b')));
    world.world.advance(26);
    expect(kindOf(course.commit(late.node, late.id, bytes32('x'), 1, world.now))).toBe('DeadlinePassed');
    expect(fault(late.id)).toBe('NotCommitted');

    const silent = world.accept(world.request(world.node('c')));
    must(course.commit(silent.node, silent.id, bytes32('x'), 1, world.now));
    course.supply(silent.id, 'Committed', world.draw(), world.now);
    world.world.advance(61);
    expect(course.sweep(world.now, 10)).toBe(1);
    expect(fault(silent.id)).toBe('NotOpened');
    expect(kindOf(course.open(silent.node, silent.id, new Uint8Array(), world.now))).toBe('AlreadyFinal');
});

test('steps are taken once, in order, by the challenged node', () => {
    const world = new ChallengeWorld();
    const { course } = world.rules;
    const challenge = world.request(world.node('c'));
    const { id, node } = challenge;
    const commit = (caller = node, digest = bytes32('x'), rounds = 1) =>
        kindOf(course.commit(caller, id, digest, rounds, world.now));
    expect(kindOf(course.checkAccept(stranger, { id }, world.now))).toBe('Unauthorized');
    expect(kindOf(course.checkAccept(node, { id: 99n }, world.now))).toBe('NotFound');
    expect(commit()).toBe('WrongStep');
    const accepted = world.accept(challenge);
    // Asked again, the same seeds come back and the clock goes on.
    expect(world.accept(accepted)).toEqual(accepted);
    expect(kindOf(course.open(node, id, new Uint8Array(), world.now))).toBe('WrongStep');
    expect(commit(stranger)).toBe('Unauthorized');
    expect(commit(node, new Uint8Array(31))).toBe('InvalidArgument');
    for (const rounds of [0, 2 ** 24 + 1, 1.5]) expect(commit(node, bytes32('x'), rounds)).toBe('InvalidArgument');
    expect(commit()).toBe('ok');
    expect(commit()).toBe('WrongStep');
    course.supply(id, 'Committed', world.draw(), world.now);
    expect(course.open(node, id, new Uint8Array(7), world.now)).toMatchObject({
        error: { kind: 'WrongSize', expectedBytes: BigInt(6 * (4 * 64 + 512)) }
    });
});

test('randomness that was asked for in an earlier step decides nothing', () => {
    const world = new ChallengeWorld();
    const { course, book } = world.rules;
    const accepted = world.accept(world.request(world.node('c')));
    const opened = world.open(accepted);
    // The answer to a second draw for the samples comes when the opening is already here.
    expect(course.supply(opened.id, 'Committed', world.draw(), world.now)).toMatchObject({
        state: 'Opened',
        sampleRandomness: opened.sampleRandomness
    });
    expect(book.find(opened.id)?.state).toBe('Opened');
    expect(course.supply(opened.id, 'Opened', world.draw(), world.now)?.state).toBe('Passed');
    expect(course.supply(opened.id, 'Opened', world.draw(), world.now)?.state).toBe('Passed');
    expect(course.supply(77n, 'Opened', world.draw(), world.now)).toBeUndefined();
});

test('challenges of a slot share its seed and nothing else; the next slot has another', () => {
    const world = new ChallengeWorld();
    const [a, b] = [world.node('a'), world.node('b')].map((node) => world.accept(world.request(node)));
    expect(a!.slotSeed).toEqual(b!.slotSeed);
    expect(a!.work!.nodeSeed).not.toEqual(b!.work!.nodeSeed);
    world.world.advance(30);
    expect(world.rules.course.slotSeed(world.now)).toBeUndefined();
    expect(world.request(world.node('c')).slotSeed).not.toEqual(a!.slotSeed);
});

test('AS-32: requests are made by validators, spaced, one at a time, to compute nodes that are online', () => {
    const world = new ChallengeWorld({ spacingS: 600n });
    const node = world.node('c');
    const check = (caller = world.members[0]!, target = node) =>
        kindOf(world.rules.course.checkRequest(caller, target, world.now));
    expect(check(stranger)).toBe('NotAValidator');
    expect(check(world.members[0]!, stranger)).toBe('NotFound');
    expect(check(world.members[0]!, world.members[1]!)).toBe('NotAComputeNode');
    const challenge = world.request(node);
    expect(check()).toBe('AlreadyOpen');
    world.world.advance(31);
    world.rules.course.sweep(world.now, 1);
    expect(world.rules.book.find(challenge.id)?.state).toBe('Failed');
    expect(check()).toBe('TooSoon');
    world.world.advance(569);
    expect(check()).toBe('TooSoon');
    world.world.advance(1);
    expect(check()).toBe('ok');
    world.world.advance(1_801);
    expect(check()).toBe('NodeOffline');
});

test('a failed probe counts as zero in the median, and two in a row make a newcomer', () => {
    const world = new ChallengeWorld({ mode: 'onchain' });
    const node = world.proven('c');
    expect(world.eOf(node)).toBe(E_OF_A_PROBE);
    world.probe(node, { cheats: wrongRow });
    expect(epochEValueE8(world.rules.scores.of(node).probes)).toBe(E_OF_A_PROBE);
    expect(world.rules.scores.of(node).probes).toEqual([E_OF_A_PROBE, E_OF_A_PROBE, E_OF_A_PROBE, 0n]);
    expect(world.world.status('c')).toBe('Active');
    world.probe(node, { cheats: wrongRow });
    expect(world.world.status('c')).toBe('Inactive');
    expect(world.rules.scores.isNewcomer(node)).toBe(true);
    expect(world.eOf(node)).toBe(0n);
    for (const validator of [0, 1, 2]) world.probe(node, { validator });
    expect(world.world.status('c')).toBe('Active');
});

test('E moves halfway in a new epoch, once it has three probes', () => {
    const world = new ChallengeWorld({ mode: 'onchain', epochS: 7_200n });
    const node = world.proven('c');
    world.world.advance(7_200);
    must(world.world.report('c'));
    for (const workS of [25, 25]) world.probe(node, { workS });
    expect(world.eOf(node)).toBe(E_OF_A_PROBE);
    world.probe(node, { workS: 25 });
    const slow = (E_OF_A_PROBE * 15_000n) / 22_500n;
    expect(world.eOf(node)).toBe((E_OF_A_PROBE + slow) / 2n);
});

test('specifications: appended in order for a later epoch, and what began under one ends under it', () => {
    const world = new ChallengeWorld();
    const { specs } = world.rules;
    const epoch = specs.epochAt(world.now);
    const next = { ...SMALL_SPEC, version: 2, samples: 5, newcomerSamples: 5, activationEpoch: epoch + 1n };
    expect(kindOf(specs.add({ ...SMALL_SPEC, samples: 9 }, world.now))).toBe('InvalidArgument');
    expect(kindOf(specs.add(SMALL_SPEC, world.now))).toBe('ok');
    expect(specs.all()).toHaveLength(1);
    expect(kindOf(specs.add({ ...next, activationEpoch: epoch }, world.now))).toBe('InvalidArgument');
    expect(kindOf(specs.add({ ...next, dimension: 2_048 }, world.now))).toBe('InvalidArgument');
    expect(kindOf(specs.add(next, world.now))).toBe('ok');
    const node = world.node('c');
    const before = world.accept(world.request(node));
    const endNs = (epoch + 1n) * seconds(7_200);
    expect(before).toMatchObject({ version: 1, samples: 6 });
    const opened = world.open(before);
    expect(world.rules.course.supply(opened.id, 'Opened', world.draw(), endNs)?.state).toBe('Passed');
    world.world.now = endNs;
    must(world.world.report('c'));
    expect(world.request(node)).toMatchObject({ version: 2, samples: 5 });
});

test('what only an open challenge needs goes with it; the seeds stay', () => {
    const world = new ChallengeWorld();
    const node = world.node('c');
    const opened = world.open(world.accept(world.request(node)));
    expect(world.rules.book.opening(opened.id)).toBeDefined();
    const passed = world.rules.course.supply(opened.id, 'Opened', world.draw(), world.now)!;
    expect(world.rules.book.opening(passed.id)).toBeUndefined();
    expect(world.rules.book.openOf(node)).toBeUndefined();
    const { slotSeed, work, commitment, sampleRandomness, checkRandomness } = world.rules.book.find(passed.id)!;
    for (const kept of [slotSeed, work?.nodeSeed, commitment?.digest, sampleRandomness, checkRandomness]) {
        expect(kept).toHaveLength(32);
    }
});
