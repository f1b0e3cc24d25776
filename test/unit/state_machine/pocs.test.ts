import { eValueE8 } from '../../../src/core/poc/e_value';
import { medianMs } from '../../../canisters/state_machine/domain/attest';
import { bytes32, kindOf, must, principalOf, productOf, seconds, World } from './world';

function ready(validators = 4, config = {}) {
    const world = new World(config);
    const members = world.withValidators(validators);
    const node = world.withComputeNode('c');
    return { world, members, node };
}

test('AS-28: with 13 validators the 9th attestation is final, the 10th comes too late', () => {
    const { world, members, node } = ready(13);
    const poc = world.prove(node, 10_380);
    expect(poc.state).toBe('Attesting');
    for (const member of members.slice(0, 8)) expect(must(world.vote(member, poc)).state).toBe('Attesting');
    expect(world.status('c')).toBe('Registered');
    expect(must(world.vote(members[8]!, poc)).state).toBe('Passed');
    expect(kindOf(world.vote(members[9]!, poc, 20_000n, false))).toBe('AlreadyFinal');
    expect(world.book.find(poc.id)).toMatchObject({ state: 'Passed', eValueE8: 144_508_670n });
    expect(world.registry.find(node)?.record.eValueE8).toBe(144_508_670n);
    expect(world.status('c')).toBe('Active');
});

test('AS-29: the median of the attested times is not moved by one liar, and E comes from canister time', () => {
    const { world, members, node } = ready(13);
    const poc = world.prove(node, 12_000);
    for (const member of members.slice(0, 8)) must(world.vote(member, poc, 10_000n));
    const final = must(world.vote(members[8]!, poc, 20_000n));
    expect(medianMs(final.votes)).toBe(10_000n);
    expect(eValueE8(medianMs(final.votes)!)).toBe(150_000_000n);
    expect(final.eValueE8).toBe(125_000_000n);
});

test('AS-30: times out of range and second votes are refused one by one', () => {
    const { world, members, node } = ready();
    const poc = world.prove(node, 1_000);
    const [first] = members;
    expect(kindOf(world.vote(first!, poc, 0n))).toBe('OutOfRange');
    expect(kindOf(world.vote(first!, poc, 99n))).toBe('OutOfRange');
    expect(kindOf(world.vote(first!, poc, 600_001n))).toBe('OutOfRange');
    expect(kindOf(world.vote(first!, poc, 100n))).toBe('ok');
    expect(kindOf(world.vote(first!, poc, 100n))).toBe('Duplicate');
    expect(kindOf(world.vote(principalOf('stranger'), poc))).toBe('NotAValidator');
    expect(world.book.find(poc.id)?.votes).toHaveLength(1);
});

test('AS-30: an instant answer counts as 100 ms', () => {
    const { world, members, node } = ready();
    const poc = world.prove(node, 0);
    for (const member of members.slice(0, 3)) must(world.vote(member, poc));
    expect(world.registry.find(node)?.record.eValueE8).toBe(15_000_000_000n);
});

test('AS-32: the next proof only after more than 600 s', () => {
    const { world, members, node } = ready();
    const poc = world.prove(node, 1_000);
    for (const member of members.slice(0, 3)) must(world.vote(member, poc));
    world.now = poc.requestedAtNs + seconds(600);
    expect(world.proving.checkRequest(members[0]!, node, world.now)).toEqual({
        ok: false,
        error: { kind: 'TooSoon', retryAfterS: 1n }
    });
    world.advance(1);
    expect(kindOf(world.proving.checkRequest(members[0]!, node, world.now))).toBe('ok');
});

test('request: by validators, to compute nodes that are online and have no open proof', () => {
    const { world, members, node } = ready();
    const check = (caller: typeof node, target: typeof node) =>
        kindOf(world.proving.checkRequest(caller, target, world.now));
    expect(check(node, node)).toBe('NotAValidator');
    expect(check(members[0]!, members[1]!)).toBe('NotAComputeNode');
    expect(check(members[0]!, principalOf('nobody'))).toBe('NotFound');
    const open = world.request(node);
    expect(world.proving.checkRequest(members[0]!, node, world.now)).toMatchObject({ error: { id: open.id } });
    must(world.register('silent', 'compute'));
    expect(check(members[0]!, principalOf('silent'))).toBe('NodeOffline');
    world.advance(1_801);
    expect(check(members[0]!, node)).toBe('NodeOffline');
});

test('request: two at once open one proof', () => {
    const { world, members, node } = ready();
    expect(kindOf(world.proving.checkRequest(members[0]!, node, world.now))).toBe('ok');
    expect(kindOf(world.proving.checkRequest(members[1]!, node, world.now))).toBe('ok');
    must(world.proving.request(members[0]!, node, bytes32('a'), world.now));
    expect(kindOf(world.proving.request(members[1]!, node, bytes32('b'), world.now))).toBe('AlreadyOpen');
    expect(world.book.count()).toBe(1n);
});

test('accept: the second acceptance gets the first seeds and the first clock', () => {
    const { world, node } = ready();
    const poc = world.request(node);
    const first = must(world.proving.accept(node, poc.id, bytes32('one'), world.now));
    world.advance(5);
    const second = must(world.proving.accept(node, poc.id, bytes32('two'), world.now));
    expect(second.work).toEqual(first.work);
    expect(kindOf(world.proving.accept(principalOf('thief'), poc.id, bytes32('x'), world.now))).toBe('Unauthorized');
    expect(kindOf(world.proving.accept(node, 99n, bytes32('x'), world.now))).toBe('NotFound');
});

test('accept: seeds differ by randomness, node and proof', () => {
    const { world, node } = ready(4, { pocSpacingS: 0n });
    const other = world.withComputeNode('d');
    const seeds = [node, other].map((who) => {
        const poc = world.request(who);
        return must(world.proving.accept(who, poc.id, bytes32('same'), world.now)).work?.nodeSeed;
    });
    expect(seeds[0]).not.toEqual(seeds[1]);
});

test('submit: in order, of the right size, and only once', () => {
    const { world, node } = ready();
    const poc = world.request(node);
    expect(kindOf(world.proving.submit(node, poc.id, new Uint8Array(256), world.now))).toBe('WrongStep');
    const accepted = must(world.proving.accept(node, poc.id, bytes32('n'), world.now));
    expect(world.proving.submit(node, poc.id, new Uint8Array(255), world.now)).toEqual({
        ok: false,
        error: { kind: 'WrongSize', expectedBytes: 256n }
    });
    expect(kindOf(world.proving.submit(principalOf('thief'), poc.id, productOf(accepted), world.now))).toBe(
        'Unauthorized'
    );
    must(world.proving.submit(node, poc.id, productOf(accepted), world.now));
    expect(kindOf(world.proving.submit(node, poc.id, productOf(accepted), world.now))).toBe('WrongStep');
    expect(world.book.nextUnchecked()).toBe(poc.id);
    expect(world.proving.check(poc.id, bytes32('r'), world.now)?.state).toBe('Attesting');
    expect(world.book.nextUnchecked()).toBeUndefined();
    expect(world.proving.check(poc.id, bytes32('r2'), world.now)?.state).toBe('Attesting');
});

test('check: a wrong product fails the proof and an active node', () => {
    const { world, members, node } = ready(4, { pocSpacingS: 0n });
    const good = world.prove(node, 1_000);
    for (const member of members.slice(0, 3)) must(world.vote(member, good));
    world.advance(1);
    const accepted = must(world.proving.accept(node, world.request(node).id, bytes32('n'), world.now));
    const wrong = productOf(accepted);
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    must(world.proving.submit(node, accepted.id, wrong, world.now));
    expect(world.proving.check(accepted.id, bytes32('r'), world.now)).toMatchObject({
        state: 'Failed',
        fault: 'WrongProduct'
    });
    expect(world.status('c')).toBe('Inactive');
    expect(world.book.openOf(node)).toBeUndefined();
    expect(world.book.product(accepted.id)).toBeUndefined();
});

test('attest: a refusing quorum fails the proof, less does not', () => {
    const { world, members, node } = ready();
    const poc = world.prove(node, 1_000);
    must(world.vote(members[0]!, poc, 100n, true));
    must(world.vote(members[1]!, poc, 100n, false));
    expect(must(world.vote(members[2]!, poc, 100n, false)).state).toBe('Attesting');
    world.advance(601);
    expect(kindOf(world.vote(members[3]!, poc, 100n, false))).toBe('DeadlinePassed');
    expect(world.book.find(poc.id)?.state).toBe('Lapsed');

    world.advance(600);
    must(world.report('c'));
    const next = world.prove(node, 1_000);
    for (const member of members.slice(0, 3)) must(world.vote(member, next, 100n, false));
    expect(world.book.find(next.id)).toMatchObject({ state: 'Failed', fault: 'RejectedByValidators' });
    expect(world.registry.find(node)?.record.eValueE8).toBe(0n);
});

test('attest: votes of validators that left do not count', () => {
    const { world, members, node } = ready(7);
    const poc = world.prove(node, 1_000);
    for (const member of members.slice(0, 2)) must(world.vote(member, poc));
    for (const member of members.slice(0, 3)) world.validators.leave(member, world.now);
    // Four are left, quorum 3: the two old votes are gone.
    expect(must(world.vote(members[3]!, poc)).state).toBe('Attesting');
    expect(must(world.vote(members[4]!, poc)).state).toBe('Attesting');
    expect(must(world.vote(members[5]!, poc)).state).toBe('Passed');
});

test('attest: a vote is participation in the consensus, a refused one is not', () => {
    const { world, members, node } = ready();
    const poc = world.prove(node, 1_000);
    const lastOf = (index: number) => world.registry.find(members[index]!)?.presence.lastConsensusNs;
    world.advance(7);
    must(world.vote(members[0]!, poc));
    world.vote(members[1]!, poc, 1n);
    expect([lastOf(0), lastOf(1)]).toEqual([world.now, poc.requestedAtNs]);
});

test('attest: not before the canister has checked', () => {
    const { world, members, node } = ready();
    const poc = world.request(node);
    expect(kindOf(world.vote(members[0]!, poc))).toBe('WrongStep');
});

test('deadlines: accept and submit within theirs, to the second', () => {
    const { world, node } = ready(4, { pocSpacingS: 0n });
    const poc = world.request(node);
    world.advance(120);
    const accepted = must(world.proving.accept(node, poc.id, bytes32('n'), world.now));
    world.advance(120);
    expect(kindOf(world.proving.submit(node, poc.id, productOf(accepted), world.now))).toBe('ok');

    const { world: late, node: sleeper } = ready(4, { pocSpacingS: 0n });
    const missed = late.request(sleeper);
    late.advance(121);
    expect(kindOf(late.proving.accept(sleeper, missed.id, bytes32('n'), late.now))).toBe('DeadlinePassed');
    expect(late.book.find(missed.id)).toMatchObject({ state: 'Failed', fault: 'NotAccepted' });
    const slow = must(late.proving.accept(sleeper, late.request(sleeper).id, bytes32('n'), late.now));
    late.advance(121);
    expect(kindOf(late.proving.submit(sleeper, slow.id, productOf(slow), late.now))).toBe('DeadlinePassed');
    expect(late.book.find(slow.id)).toMatchObject({ state: 'Failed', fault: 'NotSubmitted' });
});

test('sweep: ends what is overdue within its budget, the earliest first', () => {
    const { world } = ready(4, { pocSpacingS: 0n });
    const pocs = ['a', 'b', 'd'].map((label) => {
        world.advance(1);
        return world.request(world.withComputeNode(label));
    });
    expect(world.proving.sweep(pocs[0]!.deadlineNs, 10)).toBe(0);
    world.advance(121);
    expect(world.proving.sweep(world.now, 2)).toBe(2);
    expect(pocs.map((poc) => world.book.find(poc.id)?.state)).toEqual(['Failed', 'Failed', 'Requested']);
    expect(world.book.openPage('Requested', 0n, 10n).items.map((poc) => poc.id)).toEqual([pocs[2]!.id]);
    expect(world.proving.sweep(world.now, 2)).toBe(1);
    expect(world.book.open.size()).toBe(0n);
});

test('a node that unregistered in the middle gets no E', () => {
    const { world, members, node } = ready();
    const poc = world.prove(node, 1_000);
    must(world.stakes.unregister(node, undefined, world.now));
    for (const member of members.slice(0, 3)) must(world.vote(member, poc));
    expect(world.registry.find(node)?.record).toMatchObject({ status: 'Unregistered', eValueE8: 0n });
});
