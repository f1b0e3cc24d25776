/** The validators' emergency pause of EMC-PoC-1 (compute.md §4.10). */
import { isEligible } from '../../../canisters/state_machine/domain/snapshot';
import { ChallengeWorld, stranger } from './challenge_world';
import { bytes32, kindOf, must, seconds, World } from './world';

function ready() {
    const world = new ChallengeWorld();
    const { suspension } = world.rules;
    const vote = (position: number, isFor = true) => suspension.vote(world.members[position]!, isFor, world.now);
    const suspend = () => [0, 1, 2].forEach((position) => must(vote(position)));
    return { world, suspension, vote, suspend };
}

test('three of four suspend, a withdrawal ends it, and the same vote again changes nothing', () => {
    const { world, suspension, vote } = ready();
    expect(suspension.threshold()).toBe(3);
    for (let time = 0; time < 3; time++) must(vote(0));
    must(vote(1));
    expect([suspension.votes().length, suspension.isSuspended()]).toEqual([2, false]);
    must(vote(2));
    const sinceNs = world.now;
    world.world.advance(10);
    must(vote(2));
    must(vote(3));
    expect(suspension.sinceNs()).toBe(sinceNs);
    must(vote(0, false));
    expect(suspension.isSuspended()).toBe(true);
    must(vote(1, false));
    must(vote(1, false));
    expect([suspension.votes(), suspension.isSuspended()]).toEqual([[world.members[2], world.members[3]], false]);
    expect(kindOf(suspension.vote(stranger, true, world.now))).toBe('NotAValidator');
    expect(suspension.overlapNs(sinceNs - seconds(5), world.now + seconds(5))).toBe(seconds(10));
    expect(suspension.overlapNs(sinceNs + seconds(4), sinceNs + seconds(7))).toBe(seconds(3));
});

test('the count is of the set of today: who leaves counts no more, and the threshold follows the size', () => {
    const world = new World();
    const members = world.withValidators(7);
    const { suspension } = world.rules.challenges;
    for (const member of members.slice(0, 5)) must(suspension.vote(member, true, world.now));
    expect(suspension.isSuspended()).toBe(true);
    // Four of six are one too few.
    world.validators.leave(members[0]!, world.now);
    expect([suspension.votes().length, suspension.threshold(), suspension.isSuspended()]).toEqual([4, 5, false]);
    expect(kindOf(suspension.vote(members[0]!, true, world.now))).toBe('NotAValidator');
    // Four of five are enough, without another vote.
    world.validators.leave(members[6]!, world.now);
    expect([suspension.votes().length, suspension.threshold(), suspension.isSuspended()]).toEqual([4, 4, true]);
    world.validators.leave(members[5]!, world.now);
    for (const member of members.slice(1, 5)) world.validators.leave(member, world.now);
    expect([suspension.votes(), suspension.isSuspended()]).toEqual([[], false]);
});

test('governance ends it and forgets the votes; an upgrade forgets nothing', () => {
    const world = new World();
    const members = world.withValidators(4);
    for (const member of members.slice(0, 3)) must(world.rules.challenges.suspension.vote(member, true, world.now));
    const { suspension } = world.upgraded().rules.challenges;
    expect([suspension.votes(), suspension.sinceNs()]).toEqual([members.slice(0, 3), world.now]);
    suspension.end(world.now + 1n);
    expect([suspension.votes(), suspension.isSuspended()]).toEqual([[], false]);
    must(suspension.vote(members[3]!, true, world.now));
    expect(suspension.isSuspended()).toBe(false);
});

test('no challenge begins; one that had begun goes on, and one that had not is no failure', () => {
    const { world, suspend, vote } = ready();
    const { course, book, scores } = world.rules;
    const [working, waiting, late] = ['a', 'b', 'c'].map((label) => world.node(label));
    const begun = world.accept(world.request(working!));
    const asked = world.request(waiting!);
    suspend();
    expect(kindOf(course.checkRequest(world.members[3]!, late!, world.now))).toBe('Suspended');
    expect(kindOf(course.request(world.members[3]!, late!, world.draw(), world.now))).toBe('Suspended');
    expect(kindOf(course.accept(waiting!, { id: asked.id }, world.draw(), world.now))).toBe('Suspended');
    expect(kindOf(course.accept(working!, { id: begun.id }, world.draw(), world.now))).toBe('ok');
    const opened = world.open(begun);
    expect(course.supply(opened.id, 'Opened', world.draw(), world.now)?.state).toBe('Passed');
    must(vote(0, false));
    world.world.advance(31);
    course.sweep(world.now, 10);
    expect([book.find(asked.id)?.state, scores.of(waiting!).failures]).toEqual(['Lapsed', 0]);
    // What was asked for after it is the node's to answer again.
    const ignored = world.request(late!);
    world.world.advance(31);
    course.sweep(world.now, 10);
    expect([book.find(ignored.id)?.fault, scores.of(late!).failures]).toEqual(['NotAccepted', 1]);
});

test('who has begun and gives up has failed all the same', () => {
    const { world, suspend } = ready();
    const begun = world.accept(world.request(world.node('a')));
    suspend();
    world.world.advance(26);
    expect(kindOf(world.rules.course.commit(begun.node, begun.id, bytes32('x'), 1, world.now))).toBe('DeadlinePassed');
    expect(world.rules.book.find(begun.id)).toMatchObject({ state: 'Failed', fault: 'NotCommitted' });
});

test('a proof does not age while nobody may ask for another, and E stays', () => {
    const { world, suspend, vote } = ready();
    const node = world.proven('c');
    const periodS = Number(world.world.config.verificationPeriodS);
    const lastNs = world.world.registry.find(node)!.presence.lastConsensusNs;
    const eValue = world.eOf(node);
    const pass = (spentS: number) => {
        for (let atS = 0; atS < spentS; atS += 1_200) {
            world.world.advance(1_200);
            must(world.world.report('c'));
        }
    };
    const isNow = () => isEligible(world.world.weightRules, world.world.registry.find(node)!, world.now);
    world.world.now = lastNs + seconds(1_200);
    must(world.world.report('c'));
    suspend();
    pass(3 * periodS);
    expect(isNow()).toBe(true);
    expect(world.eOf(node)).toBe(eValue);
    must(vote(0, false));
    pass(periodS - 1_200);
    expect(isNow()).toBe(true);
    pass(1_200);
    expect(isNow()).toBe(false);
});
