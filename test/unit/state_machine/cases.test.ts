import type { Principal } from '@dfinity/principal';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { bytes32, fullStake, kindOf, must, principalOf, RULES, seconds, World } from './world';

function ready(count: number) {
    const world = new World();
    const members = world.withValidators(count);
    const file = (by: Principal, accused: Principal, change: object = {}) =>
        world.rules.cases.fileImpeachment(
            by,
            { accused, reason: 'code was modified', evidenceHash: bytes32('evidence'), ...change },
            world.now
        );
    const vote = (voter: Principal, id: bigint, yes = true) => world.rules.cases.vote(voter, id, yes, world.now);
    return { world, members, file, vote, cases: world.rules.cases };
}

test('AS-49: of 13 validators twelve vote; six yes are not enough, the seventh removes for good with the whole stake', () => {
    const { world, members, file, vote, cases } = ready(13);
    const accused = members[12]!;
    const { id, electorate } = must(file(members[0]!, accused));
    expect(electorate).toBe(12n);
    for (const voter of members.slice(0, 6)) expect(must(vote(voter, id)).state).toBe('Open');
    expect(kindOf(vote(accused, id))).toBe('Accused');
    expect(kindOf(vote(members[0]!, id))).toBe('AlreadyVoted');
    expect(kindOf(vote(principalOf('stranger'), id))).toBe('NotAnElector');
    expect(must(vote(members[6]!, id)).state).toBe('Passed');
    expect(world.status('v13')).toBe('Removed');
    expect(world.validators.members()).toHaveLength(12);
    expect(world.rules.slashes.next()).toMatchObject({ node: accused, reason: 'Impeachment', all: true, windows: 0n });
    expect(kindOf(vote(members[7]!, id))).toBe('CaseClosed');
    expect(kindOf(world.register('v13', 'validator'))).toBe('Removed');
    expect(cases.openOf(accused)).toBeUndefined();
});

test('AS-49: of 4 validators two of three pass', () => {
    const { world, members, file, vote } = ready(4);
    const { id } = must(file(members[1]!, members[0]!));
    expect(must(vote(members[1]!, id)).state).toBe('Open');
    expect(must(vote(members[2]!, id)).state).toBe('Passed');
    expect(world.status('v1')).toBe('Removed');
});

test('AS-41: after an impeachment at 13 the next batch is 1, and the set is known to be no 3F+1', () => {
    const { world, members, file, vote } = ready(13);
    const { id } = must(file(members[0]!, members[12]!));
    for (const voter of members.slice(0, 7)) must(vote(voter, id));
    must(world.register('new', 'validator'));
    const admitted = world.stakes.admit([principalOf('new')], [fullStake('validator')], RULES.validator, world.now);
    expect(kindOf(admitted)).toBe('ok');
    expect(world.validators.members()).toHaveLength(13);
});

test('filing: by a member of the class that may vote, against another that serves, one case at a time', () => {
    const { world, members, file, cases } = ready(4);
    must(world.register('candidate', 'validator'));
    must(world.register('r', 'router'));
    world.withComputeNode('c');
    expect(kindOf(file(members[0]!, members[0]!))).toBe('SelfImpeachment');
    expect(kindOf(file(members[0]!, principalOf('nobody')))).toBe('NotFound');
    expect(kindOf(file(members[0]!, principalOf('candidate')))).toBe('NotActive');
    expect(kindOf(file(principalOf('candidate'), members[0]!))).toBe('NotAnElector');
    expect(kindOf(file(principalOf('c'), members[0]!))).toBe('NotSameClass');
    expect(kindOf(file(principalOf('stranger'), members[0]!))).toBe('NotSameClass');
    expect(kindOf(file(members[1]!, members[0]!, { reason: '' }))).toBe('InvalidArgument');
    expect(kindOf(file(members[1]!, members[0]!, { evidenceHash: new Uint8Array(31) }))).toBe('InvalidArgument');
    expect(cases.count()).toBe(0n);
    must(file(members[1]!, members[0]!));
    expect(file(members[2]!, members[0]!)).toEqual({ ok: false, error: { kind: 'CaseOpen', id: 0n } });
});

test('a case that cannot pass any more is rejected at once; another may follow', () => {
    const { members, file, vote } = ready(4);
    const { id } = must(file(members[1]!, members[0]!));
    expect(must(vote(members[1]!, id, false)).state).toBe('Open');
    expect(must(vote(members[2]!, id, false)).state).toBe('Rejected');
    expect(kindOf(vote(members[3]!, id))).toBe('CaseClosed');
    expect(kindOf(file(members[1]!, members[0]!))).toBe('ok');
});

test('a case without a majority in time is rejected, by the sweep alone', () => {
    const { world, members, file, vote, cases } = ready(4);
    const { id, deadlineNs } = must(file(members[1]!, members[0]!));
    must(vote(members[1]!, id));
    world.now = deadlineNs;
    expect(cases.sweep(world.now, 10)).toBe(0);
    world.now += 1n;
    expect(kindOf(vote(members[2]!, id))).toBe('CaseClosed');
    expect(cases.sweep(world.now, 10)).toBe(1);
    expect(cases.find(id)).toMatchObject({ state: 'Rejected', yes: 1n });
});

test('the electorate is that of the filing: who left still votes, who came since does not', () => {
    const { world, members, file, vote } = ready(7);
    const { id, electorate } = must(file(members[0]!, members[6]!));
    expect(electorate).toBe(6n);
    world.validators.leave(members[5]!, world.now);
    world.validators.leave(members[4]!, world.now);
    must(world.register('new1', 'validator'));
    must(world.register('new2', 'validator'));
    const batch = [principalOf('new1'), principalOf('new2')];
    const stakes = batch.map(() => fullStake('validator'));
    must(world.stakes.admit(batch, stakes, RULES.validator, world.now));
    expect(kindOf(vote(principalOf('new1'), id))).toBe('NotAnElector');
    for (const voter of [0, 1, 5]) expect(must(vote(members[voter]!, id)).state).toBe('Open');
    expect(must(vote(members[4]!, id)).state).toBe('Passed');
});

/** Active nodes of a class, with stakes. */
function withStaked(world: World, nodeClass: NodeClass, labels: readonly string[]): readonly Principal[] {
    return labels.map((label) => {
        must(world.register(label, nodeClass));
        must(world.report(label));
        const node = principalOf(label);
        if (nodeClass === 'compute') world.prove(node);
        must(world.stakes.settle(node, fullStake(nodeClass, { remainingE8s: 10n ** 14n }), RULES, world.now));
        return node;
    });
}

test('routers judge routers: active ones with a stake, counted at the filing', () => {
    const { world, file, vote } = ready(4);
    const [r1, r2, r3, r4] = withStaked(world, 'router', ['r1', 'r2', 'r3', 'r4', 'r5']) as Principal[];
    must(world.register('poor', 'router'));
    expect(kindOf(file(principalOf('poor'), r1!))).toBe('NotAnElector');
    world.advance(1);
    const { id, electorate } = must(file(r2!, r1!));
    expect(electorate).toBe(4n);
    world.advance(1);
    const [late] = withStaked(world, 'router', ['late']);
    expect(kindOf(vote(late!, id))).toBe('NotAnElector');
    for (const voter of [r2!, r3!]) expect(must(vote(voter, id)).state).toBe('Open');
    expect(must(vote(r4!, id)).state).toBe('Passed');
    expect(world.status('r1')).toBe('Removed');
});

test('compute nodes without a stake have no vote', () => {
    const { world, file, vote } = ready(4);
    const [a, b, c] = withStaked(world, 'compute', ['a', 'b', 'c']) as Principal[];
    const free = world.withComputeNode('free');
    world.prove(free);
    expect(kindOf(file(free, a!))).toBe('NotAnElector');
    const { id, electorate } = must(file(b!, free));
    expect(electorate).toBe(3n);
    must(vote(a!, id));
    expect(must(vote(c!, id)).state).toBe('Passed');
    expect(world.status('free')).toBe('Removed');
});

test('who stakes, or comes back, after the filing has no vote on it', () => {
    const { world, file, vote } = ready(4);
    const [a, b, away] = withStaked(world, 'compute', ['a', 'b', 'away', 'd']) as Principal[];
    const free = world.withComputeNode('free');
    world.prove(free);
    world.registry.apply(away!, 'poc_failed', world.now);
    world.advance(1);
    const { id, electorate } = must(file(b!, a!));
    expect(electorate).toBe(2n);
    world.advance(1);
    must(world.stakes.settle(free, fullStake('compute', { remainingE8s: 1n }), RULES, world.now));
    world.registry.apply(away!, 'poc_passed', world.now);
    expect([kindOf(vote(free, id)), kindOf(vote(away!, id))]).toEqual(['NotAnElector', 'NotAnElector']);
    must(vote(b!, id));
    expect(must(vote(principalOf('d'), id)).state).toBe('Passed');
});

test('the number of electors follows stakes and statuses', () => {
    const { world } = ready(4);
    const electors = () => world.tables.electors.get().router;
    const [r1] = withStaked(world, 'router', ['r1', 'r2', 'r3']);
    expect(electors()).toBe(3n);
    world.advance(1_801);
    must(world.report('r1'));
    expect(electors()).toBe(3n);
    must(world.stakes.settle(r1!, undefined, RULES, world.now));
    expect(electors()).toBe(2n);
    must(world.stakes.settle(r1!, undefined, RULES, world.now));
    expect(electors()).toBe(2n);
    world.rules.duties.sweep(world.now, 50);
    expect(electors()).toBe(0n);
    must(world.report('r2'));
    expect(electors()).toBe(1n);
});

test('AS-50: a key leak takes votes for two hours; who did not respond has missed its duty', () => {
    const { world, members, vote, cases } = ready(4);
    const leaked = members[0]!;
    const { id, deadlineNs, electorate } = must(cases.reportKeyLeak(leaked, leaked, world.now));
    expect([deadlineNs - world.now, electorate]).toEqual([seconds(7_200), 3n]);
    must(vote(members[1]!, id));
    world.now = deadlineNs;
    expect(cases.missedDuty(cases.find(id)!, world.now)).toEqual([]);
    expect(must(vote(members[2]!, id, false)).state).toBe('Open');
    world.now += 1n;
    expect(kindOf(vote(members[3]!, id))).toBe('CaseClosed');
    cases.sweep(world.now, 10);
    // One of three is no majority of the frozen electorate.
    expect(cases.find(id)).toMatchObject({ state: 'Rejected', yes: 1n, no: 1n });
    const missed = cases.missedDuty(cases.find(id)!, world.now).map((node) => node.toText());
    expect(missed).toEqual([members[3]!.toText()]);
});

test('AS-50: a majority removes a leaked key at once; the others can still show that they heard', () => {
    const { world, members, vote, cases } = ready(4);
    const { id, deadlineNs } = must(cases.reportKeyLeak(members[0]!, members[0]!, world.now));
    must(vote(members[1]!, id));
    expect(must(vote(members[2]!, id)).state).toBe('Passed');
    expect(world.status('v1')).toBe('Removed');
    expect(must(vote(members[3]!, id, false))).toMatchObject({ state: 'Passed', yes: 2n, no: 1n });
    expect(world.rules.slashes.count()).toBe(1n);
    world.now = deadlineNs + 1n;
    cases.sweep(world.now, 10);
    expect(cases.find(id)?.state).toBe('Passed');
    expect(cases.missedDuty(cases.find(id)!, world.now)).toEqual([]);
});

test('AS-50: a majority against it does not end the two hours: the third must hear of the leak, and the stake stays', () => {
    const { world, members, vote, cases } = ready(4);
    const { id, deadlineNs } = must(cases.reportKeyLeak(members[0]!, members[0]!, world.now));
    const hold = world.rules.holds.next()!;
    world.rules.holds.settle(hold);
    for (const voter of [1, 2]) expect(must(vote(members[voter]!, id, false)).state).toBe('Open');
    expect([world.rules.holds.isHeld(id), world.rules.holds.pending()]).toEqual([true, 0]);
    expect(kindOf(vote(members[3]!, id))).toBe('ok');
    world.now = deadlineNs + 1n;
    cases.sweep(world.now, 10);
    expect(cases.find(id)).toMatchObject({ state: 'Rejected', yes: 1n, no: 2n });
    expect(world.rules.holds.next()).toMatchObject({ id, open: false });
});

test('AS-50: only the key itself or its wallet reports it, and only of a validator', () => {
    const { world, members, cases } = ready(4);
    const report = (by: Principal, node: Principal) => kindOf(cases.reportKeyLeak(by, node, world.now));
    const wallet = principalOf('wallet');
    must(world.wallets.propose(members[0]!, { owner: wallet }, world.now));
    expect(report(wallet, members[0]!)).toBe('Unauthorized');
    must(world.wallets.bind({ owner: wallet }, members[0]!, world.now));
    expect(report(members[1]!, members[0]!)).toBe('Unauthorized');
    const [router] = withStaked(world, 'router', ['r']);
    expect(report(router!, router!)).toBe('NotAValidator');
    expect(report(wallet, members[0]!)).toBe('ok');
    expect(report(members[0]!, members[0]!)).toBe('CaseOpen');
});

test('an accused node cannot leave while its case is open', () => {
    const { world, file } = ready(4);
    const [a, b] = withStaked(world, 'compute', ['a', 'b']) as Principal[];
    must(file(a!, b!));
    expect(world.stakes.unregister(b!, undefined, world.now)).toEqual({
        ok: false,
        error: { kind: 'CaseOpen', id: 0n }
    });
});

test('an upgrade keeps an open case with its votes', () => {
    const { world, members, file, vote } = ready(4);
    const { id } = must(file(members[1]!, members[0]!));
    must(vote(members[1]!, id));
    const { rules, now } = world.upgraded();
    expect(kindOf(rules.cases.vote(members[1]!, id, true, now))).toBe('AlreadyVoted');
    expect(must(rules.cases.vote(members[2]!, id, true, now)).state).toBe('Passed');
});

test("C.1: rewards is to hold the accused's stake while the case is open, and to let it go when it is rejected", () => {
    const { world, members, file, vote } = ready(4);
    const { holds } = world.rules;
    const { id } = must(file(members[1]!, members[0]!));
    const hold = { id, node: members[0]!, open: true };
    expect(holds.next()).toEqual(hold);
    expect(world.upgraded().rules.holds.next()).toEqual(hold);
    holds.settle(hold);
    expect([holds.pending(), holds.isHeld(id)]).toEqual([0, true]);
    for (const voter of members.slice(1, 3)) must(vote(voter, id, false));
    expect(holds.next()).toEqual({ ...hold, open: false });
    holds.settle({ ...hold, open: false });
    expect([holds.pending(), holds.isHeld(id)]).toEqual([0, false]);
});

test('C.1: a case that is closed while rewards is asked to hold has more to tell; one that lapses is told too', () => {
    const { world, members, file, vote, cases } = ready(4);
    const { holds } = world.rules;
    const { id } = must(file(members[1]!, members[0]!));
    const asked = holds.next()!;
    for (const voter of members.slice(1, 3)) must(vote(voter, id, false));
    holds.settle(asked);
    expect(holds.next()).toEqual({ ...asked, open: false });
    holds.settle({ ...asked, open: false });
    const late = must(file(members[1]!, members[0]!));
    holds.settle(holds.next()!);
    expect([holds.pending(), holds.isHeld(late.id)]).toEqual([0, true]);
    world.now = late.deadlineNs + 1n;
    cases.sweep(world.now, 10);
    expect(holds.next()).toMatchObject({ id: late.id, open: false });
});

test('C.1: a passed case lets go of nothing: the forfeiture does, and must find the stake', () => {
    const { world, members, file, vote } = ready(4);
    const { holds } = world.rules;
    const { id } = must(file(members[1]!, members[0]!));
    const asked = holds.next()!;
    for (const voter of members.slice(1, 3)) must(vote(voter, id));
    expect(holds.pending()).toBe(0);
    holds.settle(asked);
    expect([holds.pending(), holds.isHeld(id)]).toEqual([0, false]);
});

test('an accused whose term ends before the verdict is barred all the same', () => {
    const { world, members, file, vote } = ready(4);
    const { id } = must(file(members[1]!, members[0]!));
    world.rules.departures.expire(members[0]!, world.now);
    expect(world.status('v1')).toBe('Expired');
    for (const voter of members.slice(1, 3)) must(vote(voter, id));
    expect(world.status('v1')).toBe('Removed');
    expect(kindOf(world.register('v1', 'validator'))).toBe('Removed');
});
