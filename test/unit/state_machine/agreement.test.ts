import { Finality } from '../../../canisters/state_machine/domain/finality';
import type { Principal } from '@dfinity/principal';
import { equalBytes } from '../../../src/core/bytes';
import { MAX_ITEMS, payloadItems } from '../../../canisters/state_machine/domain/draft';
import { votersIn } from '../../../canisters/state_machine/domain/votes';
import { agree, draftOf, hashOf, propose, task, turnOf, vote } from './agreeing';
import { E_OF_A_PROBE } from '../../support/poc';
import { bytes32, kindOf, must, principalOf, World } from './world';

const CHAIN = bytes32('this log');

function ready(count: number) {
    const world = new World();
    world.rules.agreement.begin(CHAIN);
    const members = world.withValidators(count);
    return { world, members, agreement: world.rules.agreement };
}

const others = (members: readonly Principal[], one: Principal): readonly Principal[] =>
    members.filter((member) => member.compareTo(one) !== 'eq');

test('AS-39: with 13 validators the ninth yes makes height 10 final, and the next one is in turn', () => {
    const { world, members, agreement } = ready(13);
    for (let height = 1; height < 10; height++) agree(world, members.slice(0, 9));
    const turn = turnOf(world);
    expect([turn.height, turn.round]).toEqual([10n, 0]);
    expect(turn.proposer.toText()).toBe(members[9]!.toText());
    const proposal = must(propose(world, [task(1)]));
    for (const voter of members.slice(0, 8)) expect(must(vote(world, voter, proposal)).status).toBe('Pending');
    expect(agreement.length()).toBe(9n);
    expect(must(vote(world, members[8]!, proposal)).status).toBe('Final');
    expect(agreement.length()).toBe(10n);
    expect(agreement.stateAt(10n)?.hash).toEqual(proposal.hash);
    expect(turnOf(world).proposer.toText()).toBe(members[10]!.toText());
});

test('AS-39: refusals of proposals name what would be right', () => {
    const { world, members, agreement } = ready(4);
    agree(world, members.slice(0, 3));
    const { proposer } = turnOf(world);
    const [other] = others(members, proposer);
    const draft = draftOf(world);
    const by = (caller: Principal, change: object) => agreement.propose(caller, { ...draft, ...change }, world.now);
    expect(by(other!, {})).toEqual({ ok: false, error: { kind: 'NotProposer', proposer } });
    expect(by(proposer, { height: 4n })).toEqual({ ok: false, error: { kind: 'WrongHeight', expected: 2n } });
    expect(by(proposer, { round: 1 })).toEqual({ ok: false, error: { kind: 'WrongRound', expected: 0 } });
    expect(kindOf(by(proposer, { parentHash: CHAIN }))).toBe('WrongParent');
    expect(kindOf(by(principalOf('stranger'), {}))).toBe('NotAValidator');
    const many = Array.from({ length: MAX_ITEMS + 1 }, (_, i) => task(i));
    expect(by(proposer, { items: many })).toEqual({ ok: false, error: { kind: 'TooLarge', max: MAX_ITEMS } });
    expect(kindOf(by(proposer, {}))).toBe('ok');
});

test('AS-39: one vote per validator, height and round', () => {
    const { world, members } = ready(4);
    const proposal = must(propose(world));
    expect(kindOf(vote(world, members[0]!, proposal))).toBe('ok');
    expect(kindOf(vote(world, members[0]!, proposal))).toBe('AlreadyVoted');
    expect(kindOf(vote(world, members[0]!, proposal, false))).toBe('AlreadyVoted');
    expect(kindOf(vote(world, principalOf('stranger'), proposal))).toBe('NotAValidator');
    expect(kindOf(vote(world, members[1]!, proposal, true, bytes32('unheard of')))).toBe('UnknownProposal');
    expect(kindOf(vote(world, members[1]!, { ...proposal, height: 2n }))).toBe('WrongHeight');
    expect(kindOf(vote(world, members[1]!, { ...proposal, round: 3 }))).toBe('WrongRound');
});

test('AS-39: two hashes at one height and round are evidence, once, by proposers and by voters', () => {
    const { world, members, agreement } = ready(4);
    const proposal = must(propose(world, [task(1)]));
    const { proposer } = turnOf(world);
    const second = hashOf(world, [task(2)]);
    expect(kindOf(propose(world, [task(1)]))).toBe('ok');
    expect(agreement.evidence.count()).toBe(0n);
    expect(kindOf(propose(world, [task(2)]))).toBe('Equivocation');
    expect(kindOf(propose(world, [task(3)]))).toBe('Equivocation');
    must(vote(world, members[1]!, proposal));
    expect(kindOf(vote(world, members[1]!, proposal, true, second))).toBe('Equivocation');
    expect(kindOf(vote(world, members[1]!, proposal, true, second))).toBe('Equivocation');
    expect(agreement.evidence.count()).toBe(2n);
    expect(agreement.evidence.at(0n)).toEqual({
        validator: proposer,
        height: 1n,
        round: 0,
        misdeed: 'TwoProposals',
        firstHash: proposal.hash,
        secondHash: second,
        seenNs: world.now
    });
    expect(agreement.evidence.at(1n)).toMatchObject({ misdeed: 'TwoVotes', secondHash: second });
    // The proposal stands as it was.
    for (const voter of [members[0]!, members[2]!]) must(vote(world, voter, proposal));
    expect(agreement.stateAt(1n)?.hash).toEqual(proposal.hash);
});

test('a contradiction that comes after the decision is still evidence', () => {
    const { world, members, agreement } = ready(4);
    const state = agree(world, members.slice(0, 3), [task(1)]);
    expect(kindOf(vote(world, members[0]!, state, true, bytes32('another')))).toBe('Equivocation');
    agree(world, members.slice(0, 3));
    expect(kindOf(vote(world, members[1]!, state, true, bytes32('another')))).toBe('Equivocation');
    expect(agreement.evidence.count()).toBe(2n);
});

test('a contradiction is evidence after the set has changed, by who stayed in it and by who has left', () => {
    const { world, members, agreement } = ready(4);
    const state = agree(world, members.slice(0, 3), [task(1)]);
    world.rules.departures.expire(members[0]!, world.now);
    const another = bytes32('another');
    expect(kindOf(vote(world, members[0]!, state, true, another))).toBe('Equivocation');
    expect(kindOf(vote(world, members[1]!, state, true, another))).toBe('Equivocation');
    // Who said nothing then, or the same again, has contradicted nobody.
    expect(kindOf(vote(world, members[3]!, state, true, another))).toBe('WrongHeight');
    expect(kindOf(vote(world, members[2]!, state))).toBe('WrongHeight');
    expect(kindOf(vote(world, members[0]!, state))).toBe('NotAValidator');
    expect(kindOf(vote(world, principalOf('stranger'), state, true, another))).toBe('NotAValidator');
    const found = [0n, 1n].map((index) => agreement.evidence.at(index));
    expect(found).toMatchObject([{ misdeed: 'TwoVotes' }, { misdeed: 'TwoVotes' }]);
    expect(found.map((each) => each?.validator.toText())).toEqual([members[0]!.toText(), members[1]!.toText()]);
    expect(agreement.evidence.count()).toBe(2n);
    expect(agreement.stateAt(1n)).toMatchObject({ yes: agreement.find(state, world.now)?.yes, hash: state.hash });
});

test('a silent proposer is skipped after 10 s, the next one after 20 s more', () => {
    const { world, members } = ready(4);
    const first = turnOf(world);
    world.advance(9);
    expect(turnOf(world).round).toBe(0);
    world.advance(1);
    const second = turnOf(world);
    expect([second.round, second.proposer.toText()]).toEqual([1, members[1]!.toText()]);
    expect(kindOf(propose(world, [], first.proposer))).toBe('NotProposer');
    world.advance(19);
    expect(turnOf(world).round).toBe(1);
    world.advance(1);
    expect(turnOf(world).round).toBe(2);
    agree(world, members.slice(0, 3));
    expect(turnOf(world)).toMatchObject({ height: 2n, round: 0 });
    expect(turnOf(world).proposer.toText()).toBe(members[3]!.toText());
});

test('a proposal without a quorum in time gives way, and its votes do not count for the next', () => {
    const { world, members, agreement } = ready(4);
    world.advance(9);
    const proposal = must(propose(world, [task(1)]));
    for (const voter of members.slice(0, 2)) must(vote(world, voter, proposal));
    world.advance(9);
    expect(turnOf(world).round).toBe(0);
    world.advance(1);
    expect(turnOf(world).round).toBe(1);
    expect(kindOf(vote(world, members[2]!, proposal))).toBe('WrongRound');
    expect(agreement.find(proposal, world.now)?.status).toBe('Expired');
    const again = must(propose(world, [task(1)]));
    expect(equalBytes(again.hash, proposal.hash)).toBe(true);
    for (const voter of members.slice(1, 3)) must(vote(world, voter, again));
    expect(agreement.length()).toBe(0n);
    expect(must(vote(world, members[3]!, again)).status).toBe('Final');
});

test('a proposal that too many refuse ends its round at once', () => {
    const { world, members, agreement } = ready(4);
    const proposal = must(propose(world, [task(1)]));
    expect(must(vote(world, members[1]!, proposal, false)).status).toBe('Pending');
    expect(must(vote(world, members[2]!, proposal, false)).status).toBe('Rejected');
    expect(turnOf(world)).toMatchObject({ height: 1n, round: 1 });
    expect(agreement.find(proposal, world.now)?.status).toBe('Rejected');
});

test('a no is no yes: two of four that agree and one that refuses make nothing final', () => {
    const { world, members, agreement } = ready(4);
    const proposal = must(propose(world, [task(1)]));
    must(vote(world, members[0]!, proposal));
    must(vote(world, members[1]!, proposal, false));
    expect(must(vote(world, members[2]!, proposal)).status).toBe('Pending');
    expect(agreement.length()).toBe(0n);
    expect(must(vote(world, members[3]!, proposal)).status).toBe('Final');
});

test('a late vote counts for the set that decided only: after a change of the members positions mean others', () => {
    const { world, members, agreement } = ready(7);
    const state = agree(world, members.slice(0, 5));
    world.validators.leave(members[0]!, world.now);
    expect(kindOf(vote(world, members[6]!, state))).toBe('WrongHeight');
    expect(votersIn(members, agreement.stateAt(1n)!.yes)).toEqual(members.slice(0, 5));
    expect(kindOf(vote(world, members[5]!, state, true, bytes32('another')))).toBe('WrongHeight');
    expect(agreement.evidence.count()).toBe(0n);
});

test('finality: the first state at or after an instant, that very instant included', () => {
    const { world, members } = ready(4);
    const finality = new Finality(world.tables);
    expect(finality.firstFrom(world.now)).toBeUndefined();
    const times = [0, 1, 2].map(() => {
        world.advance(5);
        agree(world, members.slice(0, 3));
        return world.now;
    });
    expect(times.map((at) => finality.firstFrom(at))).toEqual(times);
    expect(finality.firstFrom(times[0]! + 1n)).toBe(times[1]);
    expect(finality.firstFrom(0n)).toBe(times[0]);
    expect(finality.firstFrom(times[2]! + 1n)).toBeUndefined();
});

test('a vote that comes after the quorum changes nothing, but shows that the validator takes part', () => {
    const { world, members, agreement } = ready(4);
    const state = agree(world, members.slice(0, 3));
    world.advance(5);
    const seen = () => world.registry.find(members[3]!)!.presence.lastConsensusNs;
    const before = seen();
    expect(must(vote(world, members[3]!, state)).status).toBe('Final');
    expect(seen()).toBe(before + 5_000_000_000n);
    expect(votersIn(members, agreement.stateAt(1n)!.yes)).toHaveLength(4);
    expect(kindOf(vote(world, members[3]!, state))).toBe('AlreadyVoted');
    expect(agreement.length()).toBe(1n);
    agree(world, members.slice(0, 3));
    expect(kindOf(vote(world, members[3]!, { ...state, height: 1n }))).toBe('AlreadyVoted');
});

test('SM2: every state names its parent, from the first on', () => {
    const { world, members, agreement } = ready(4);
    for (let i = 0; i < 6; i++) agree(world, members.slice(0, 3), [task(i)]);
    let parent: Uint8Array = CHAIN;
    for (let height = 1n; height <= 6n; height++) {
        const state = agreement.stateAt(height)!;
        expect(equalBytes(state.parentHash, parent)).toBe(true);
        parent = state.hash;
    }
    expect(agreement.stateAt(0n)).toBeUndefined();
    expect(agreement.stateAt(7n)).toBeUndefined();
});

test('items: references of a kind only go up, and what was recorded is never recorded again', () => {
    const { world, members } = ready(4);
    const invalid = (...items: ReturnType<typeof task>[]) => kindOf(propose(world, items));
    expect(invalid(task(2), task(2))).toBe('InvalidItem');
    expect(invalid(task(2), task(1))).toBe('InvalidItem');
    expect(invalid({ ...task(1), digest: new Uint8Array(31) })).toBe('InvalidItem');
    agree(world, members.slice(0, 3), [task(1), task(5), { ...task(1), kind: 'Trade' }]);
    expect(invalid(task(5))).toBe('InvalidItem');
    expect(propose(world, [task(6), { ...task(1), kind: 'Trade' }])).toEqual({
        ok: false,
        error: { kind: 'InvalidItem', index: 1 }
    });
    expect(invalid(task(6), { ...task(2), kind: 'Trade' })).toBe('ok');
});

test('items: a proof of computing is recorded after its decision, in the order of the decisions, without a gap', () => {
    const { world, members } = ready(4);
    const result = (ref: number) => ({ ...task(ref), kind: 'PocResult' as const });
    expect(kindOf(propose(world, [result(0)]))).toBe('InvalidItem');
    world.prove(world.withComputeNode('a'));
    expect(kindOf(propose(world, [result(1)]))).toBe('InvalidItem');
    const state = agree(world, members.slice(0, 3), [result(0), result(1), result(2)]);
    expect(payloadItems(world.tables.payloads.get(1n)!, state.itemCount)).toEqual([result(0), result(1), result(2)]);
    expect(kindOf(propose(world, [result(2)]))).toBe('InvalidItem');
});

test('a change of the validators ends the round: votes of two sets do not add up', () => {
    const { world, members, agreement } = ready(7);
    const proposal = must(propose(world));
    for (const voter of members.slice(0, 4)) must(vote(world, voter, proposal));
    world.validators.leave(members[6]!, world.now);
    expect(turnOf(world)).toMatchObject({ height: 1n, round: 1 });
    expect(kindOf(vote(world, members[4]!, proposal))).toBe('WrongRound');
    expect(kindOf(vote(world, members[6]!, proposal))).toBe('NotAValidator');
    expect(agreement.find(proposal, world.now)?.status).toBe('Expired');
    agree(world, members.slice(0, 5));
    expect(agreement.length()).toBe(1n);
});

test('without validators there is no turn; the first admission begins round 0', () => {
    const world = new World();
    expect(world.rules.agreement.turnAt(world.now)).toBeUndefined();
    expect(kindOf(world.rules.agreement.propose(principalOf('v1'), draftless(world), world.now))).toBe('NotAValidator');
    world.advance(100_000);
    world.withValidators(4);
    expect(turnOf(world)).toMatchObject({ height: 1n, round: 0 });
});

const draftless = (world: World) => ({
    height: 1n,
    round: 0,
    parentHash: world.rules.agreement.tip().parentHash,
    items: []
});

test('AS-42: nothing waits for a state to become final: a proof counts before its item is recorded', () => {
    const { world, agreement } = ready(4);
    const node = world.withComputeNode('c');
    world.prove(node);
    expect(agreement.length()).toBe(0n);
    expect(world.registry.find(node)?.record).toMatchObject({ status: 'Active', eValueE8: E_OF_A_PROBE });
});
