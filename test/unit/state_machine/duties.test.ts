import type { Principal } from '@dfinity/principal';
import type { ChallengePolicy } from '../../../src/core/poc/policy';
import type { Cheats } from '../core/poc/support/prover_in_memory';
import { agree, vote } from './agreeing';
import { probe, request } from './probes';
import { fullStake, must, principalOf, RULES, seconds, START_NS, World } from './world';

const minutes = (count: number): number => count * 60;

/** Four validators; `v4` is the one that will stay silent. The clock stands at the admission. */
function ready() {
    const world = new World();
    const members = world.withValidators(4);
    return { world, members, silent: members[3]!, busy: members.slice(0, 3) };
}

const proposer = (world: World): Principal => world.rules.agreement.turnAt(world.now)!.proposer;

/** Lets time pass in steps of a tick, with a state every four minutes as long as there is a quorum. */
function live(world: World, until: number, busy: readonly Principal[], from = 0): void {
    const startNs = START_NS;
    for (let at = from; at <= until; at += 30) {
        if (startNs + seconds(at) > world.now) world.now = startNs + seconds(at);
        if (at % 240 === 0 && busy.length >= 3) agreeSkipping(world, busy);
        world.rules.challenges.course.sweep(world.now, 50);
        world.rules.duties.sweep(world.now, 50);
    }
}

/** As the validators' agents do: whoever is busy and in turn proposes; a turn of a silent one passes. */
function agreeSkipping(world: World, busy: readonly Principal[]): void {
    const isBusy = (who: Principal) => busy.some((voter) => voter.compareTo(who) === 'eq');
    if (isBusy(proposer(world))) agree(world, busy);
}

const windowsOf = (world: World, node: Principal): bigint => {
    let windows = 0n;
    for (let id = 0n; id < world.rules.slashes.count(); id++) {
        const slash = world.rules.slashes.find(id)!;
        if (slash.node.compareTo(node) === 'eq') windows += slash.windows;
    }
    return windows;
};

test('AS-43: a validator that takes no part for 125 minutes loses two deductions, at 59:59 none, at 60:00 one', () => {
    const { world, silent, busy } = ready();
    live(world, minutes(59), busy);
    world.now = START_NS + seconds(minutes(59) + 59);
    world.rules.duties.sweep(world.now, 50);
    expect(windowsOf(world, silent)).toBe(0n);
    world.now = START_NS + seconds(minutes(60));
    world.rules.duties.sweep(world.now, 50);
    expect(windowsOf(world, silent)).toBe(1n);
    live(world, minutes(125), busy, minutes(60) + 30);
    expect(windowsOf(world, silent)).toBe(2n);
    for (const member of busy) expect(windowsOf(world, member)).toBe(0n);
    expect(world.rules.slashes.find(0n)).toMatchObject({ reason: 'Liveness', windows: 1n, all: false });
});

test('taking part begins the count anew', () => {
    const { world, members, silent, busy } = ready();
    live(world, minutes(50), busy);
    agreeSkipping(world, members);
    const last = world.rules.agreement.stateAt(world.rules.agreement.length())!;
    if (!last.yes.includes(15)) must(vote(world, silent, last));
    live(world, minutes(109), busy, minutes(50) + 30);
    expect(windowsOf(world, silent)).toBe(0n);
    live(world, minutes(112), busy, minutes(109) + 30);
    expect(windowsOf(world, silent)).toBe(1n);
});

test('AS-48: a window in which no state became final costs nobody anything', () => {
    const { world, members } = ready();
    live(world, minutes(300), members.slice(0, 2));
    for (const member of members) expect(windowsOf(world, member)).toBe(0n);
});

test('AS-48: an outage in the middle is left out, the windows around it are not', () => {
    const { world, silent, busy } = ready();
    live(world, minutes(70), busy);
    expect(windowsOf(world, silent)).toBe(1n);
    live(world, minutes(250), [], minutes(70) + 30);
    live(world, minutes(310), busy, minutes(250) + 30);
    // Those who agreed until the network stopped, and again when it came back, have missed nothing.
    for (const member of busy) expect(windowsOf(world, member)).toBe(0n);
    // Windows of the silent one: 0–60 charged, 60–120 had states until 70, 120–240 none, 240–300 from 252 on.
    expect(windowsOf(world, silent)).toBe(3n);
});

test('AS-48: the whole network stops right after a state, for hours: nobody pays, whether it was proposed, voted on or attested', () => {
    const { world, members } = ready();
    for (let at = 0; at <= minutes(40); at += 240) {
        world.now = START_NS + seconds(at);
        world.advance(5);
        // The first votes come before the one that makes it final.
        const { height, round } = world.rules.agreement.turnAt(world.now)!;
        agree(world, members.slice(0, 2));
        world.advance(5);
        const open = world.rules.agreement.find({ height, round }, world.now)!;
        must(vote(world, members[2]!, open));
        const last = world.rules.agreement.stateAt(height)!;
        if (last.proposer !== 3) must(vote(world, members[3]!, last));
    }
    live(world, minutes(400), [], minutes(41));
    for (const member of members) expect(windowsOf(world, member)).toBe(0n);
});

test('late decisions charge the same: each window once, however the sweeps fall', () => {
    const { world, silent, busy } = ready();
    for (let at = 0; at <= minutes(200); at += 240) {
        world.now = START_NS + seconds(at);
        agreeSkipping(world, busy);
    }
    for (let i = 0; i < 5; i++) world.rules.duties.sweep(world.now, 50);
    expect(windowsOf(world, silent)).toBe(3n);
});

test('an upgrade between decisions charges nothing twice', () => {
    const { world, silent, busy } = ready();
    live(world, minutes(65), busy);
    const upgraded = world.upgraded();
    upgraded.rules.duties.sweep(upgraded.now, 50);
    expect(windowsOf(upgraded, silent)).toBe(1n);
    live(upgraded, minutes(125), busy, minutes(66));
    expect(windowsOf(upgraded, silent)).toBe(2n);
    expect(upgraded.rules.slashes.next()).toMatchObject({ id: 0n, windows: 1n });
});

function withRouter() {
    const { world, busy, members } = ready();
    must(world.register('r', 'router'));
    must(world.report('r'));
    must(world.stakes.settle(principalOf('r'), fullStake('router'), RULES, world.now));
    return { world, busy, members, router: principalOf('r') };
}

test('AS-44: a router that is offline for 25 minutes loses two deductions; 9:59 none, 10:00 one; an hour six', () => {
    const at = (minute: number, second = 0): bigint => {
        const { world, members, router } = withRouter();
        live(world, minutes(minute) + second, members);
        world.now = START_NS + seconds(minutes(minute) + second);
        world.rules.duties.sweep(world.now, 50);
        return windowsOf(world, router);
    };
    expect([at(9, 59), at(10), at(25), at(60)]).toEqual([0n, 1n, 2n, 6n]);
});

test('a router that reports is not charged', () => {
    const { world, members, router } = withRouter();
    for (let minute = 8; minute <= 64; minute += 8) {
        live(world, minutes(minute), members, minutes(minute - 8));
        must(world.report('r'));
    }
    expect(windowsOf(world, router)).toBe(0n);
});

test('AS-48: the whole network stops between two reports, after another state: neither routers nor compute nodes pay', () => {
    const { world, members, router } = withRouter();
    const node = world.withComputeNode('a');
    world.prove(node);
    must(world.stakes.settle(node, fullStake('compute', { termDays: 30n, remainingE8s: 1n }), RULES, world.now));
    for (let minute = 8; minute <= 40; minute += 8) {
        live(world, minutes(minute), members, minutes(minute - 8));
        for (const name of ['a', 'r']) must(world.report(name));
    }
    live(world, minutes(44), members, minutes(40) + 30);
    expect(world.rules.agreement.stateAt(world.rules.agreement.length())!.finalNs > world.now - seconds(60)).toBe(true);
    live(world, minutes(400), [], minutes(44) + 30);
    expect([router, node].map((each) => windowsOf(world, each))).toEqual([0n, 0n]);
    // When it is back and they are not, they pay for what they miss then.
    live(world, minutes(425), members, minutes(400));
    expect(windowsOf(world, router) > 0n).toBe(true);
});

test('a compute node without a stake has no duty, one with a stake is charged per hour without a proof', () => {
    const { world, members } = ready();
    for (const label of ['a', 'b']) world.prove(world.withComputeNode(label));
    must(
        world.stakes.settle(
            principalOf('a'),
            fullStake('compute', { termDays: 30n, remainingE8s: 1n }),
            RULES,
            world.now
        )
    );
    live(world, minutes(130), members);
    expect([windowsOf(world, principalOf('a')), windowsOf(world, principalOf('b'))]).toEqual([2n, 0n]);
});

test('a staked compute node that is there, but was never asked for a proof, is not charged', () => {
    const { world, members } = ready();
    const node = world.withComputeNode('a');
    world.prove(node);
    must(world.stakes.settle(node, fullStake('compute', { termDays: 30n, remainingE8s: 1n }), RULES, world.now));
    for (let minute = 20; minute <= 140; minute += 20) {
        live(world, minutes(minute), members, minutes(minute - 20));
        must(world.report('a'));
        // In the second hour it is asked, and does not answer.
        if (minute === 100) request(world, node);
    }
    expect(windowsOf(world, node)).toBe(1n);
});

test('a compute node that was asked, and then kept from answering by a suspension, is not charged', () => {
    const { world, members } = ready();
    const node = world.withComputeNode('a');
    world.prove(node);
    must(world.stakes.settle(node, fullStake('compute', { termDays: 30n, remainingE8s: 1n }), RULES, world.now));
    for (let minute = 20; minute <= 140; minute += 20) {
        live(world, minutes(minute), members, minutes(minute - 20));
        must(world.report('a'));
        if (minute !== 100) continue;
        request(world, node);
        const { suspension } = world.rules.challenges;
        for (const member of members.slice(0, 3)) must(suspension.vote(member, true, world.now));
        suspension.end(world.now + 1n);
    }
    expect(windowsOf(world, node)).toBe(0n);
});

/** A staked compute node whose duty has just begun, and time that passes with a report at every stop (in minutes). */
function withComputeDuty(policy: Partial<ChallengePolicy> = {}) {
    const { world, members } = ready();
    const node = world.withComputeNode('a');
    world.prove(node);
    const { challengePolicy } = world.tables;
    challengePolicy.set({ ...challengePolicy.get(), ...policy });
    must(world.stakes.settle(node, fullStake('compute', { termDays: 30n, remainingE8s: 1n }), RULES, world.now));
    let last = 0;
    const until = (...stops: readonly number[]) => {
        for (const stop of stops) {
            live(world, minutes(stop), members, minutes(last));
            must(world.report('a'));
            last = stop;
        }
    };
    return { world, members, node, until };
}

test('a proof counts in the window in which it is decided: who is asked at the end of an hour may still answer', () => {
    const { world, node, until } = withComputeDuty();
    until(20, 40, 60);
    request(world, node);
    until(62, 80, 100, 118);
    expect(windowsOf(world, node)).toBe(0n);
    until(122);
    expect(windowsOf(world, node)).toBe(1n);
    until(140, 160, 182);
    expect(windowsOf(world, node)).toBe(1n);
});

test('a later request does not hide that an earlier one in the same hour failed', () => {
    const { world, node, until } = withComputeDuty();
    until(10);
    request(world, node);
    until(20, 40, 60);
    request(world, node, 1);
    until(62);
    expect(windowsOf(world, node)).toBe(1n);
    until(80, 100, 122);
    expect(windowsOf(world, node)).toBe(2n);
});

test('a visit that comes two hours late charges a failure in its own hour only', () => {
    const { world, members, node, until } = withComputeDuty();
    until(10);
    request(world, node);
    for (let minute = 12; minute <= 124; minute += 4) {
        world.now = START_NS + seconds(minutes(minute));
        world.rules.challenges.course.sweep(world.now, 50);
        agreeSkipping(world, members);
        must(world.report('a'));
    }
    world.rules.duties.sweep(world.now, 50);
    expect(windowsOf(world, node)).toBe(1n);
    expect(world.tables.failedProofs.size()).toBe(0);
});

test('a failed proof that is made good in the same hour costs nothing', () => {
    const { world, node, until } = withComputeDuty();
    until(10);
    request(world, node);
    until(20, 30);
    expect(probe(world, node, { lastByte: 0 }).state).toBe('Passed');
    until(50, 62, 80);
    expect(windowsOf(world, node)).toBe(0n);
    expect(world.tables.failedProofs.size()).toBe(0);
});

test('a node that has answered waits for the validators at no cost, across the end of its hour', () => {
    const { world, members, node, until } = withComputeDuty({ mode: 'quorum' });
    until(20, 40, 58);
    const { id, state } = probe(world, node);
    expect(state).toBe('Attesting');
    until(62, 66);
    const { verdicts } = world.rules.challenges;
    for (const member of members.slice(0, 3)) must(verdicts.attest(member, id, true, world.now));
    expect(windowsOf(world, node)).toBe(0n);
    until(80, 100, 120);
    expect(windowsOf(world, node)).toBe(0n);
});

test('wrong rows are charged like silence, once in their hour; nothing is kept of a node whose stake is over', () => {
    const { world, node, until } = withComputeDuty();
    until(10);
    const wrongRows: Cheats = { entries: (_, __, honest) => honest().map((entry) => entry + 1) };
    for (const validator of [0, 1])
        expect(probe(world, node, { validator, cheats: wrongRows, lastByte: 0 }).state).toBe('Failed');
    until(30, 50, 62);
    expect(windowsOf(world, node)).toBe(1n);
    request(world, node, 2);
    until(64);
    expect(world.tables.failedProofs.size()).toBe(1);
    must(world.stakes.settle(node, undefined, RULES, world.now));
    expect(world.tables.failedProofs.size()).toBe(0);
});

test('nothing is charged past the end of the stake, and rewards is asked about it', () => {
    const { world, members } = ready();
    must(world.register('r', 'router'));
    must(world.report('r'));
    const ending = fullStake('router', { endNs: START_NS + seconds(minutes(35)) });
    must(world.stakes.settle(principalOf('r'), ending, RULES, world.now));
    live(world, minutes(90), members);
    expect(windowsOf(world, principalOf('r'))).toBe(3n);
    const due: string[] = [];
    for (let next = world.rules.stakeRounds.next(world.now); next.length > 0 && due.length < 20;) {
        due.push(...next.map((node) => node.toText()));
        next = world.rules.stakeRounds.next(world.now);
    }
    expect(due[0]).toBe(principalOf('r').toText());
    must(world.stakes.settle(principalOf('r'), undefined, RULES, world.now));
    expect(world.status('r')).toBe('Expired');
});

test('a visit that comes long after the end of the stake charges only what lay before it', () => {
    const { world, members } = ready();
    must(world.register('r', 'router'));
    must(world.report('r'));
    const ending = fullStake('router', { endNs: START_NS + seconds(minutes(25)) });
    must(world.stakes.settle(principalOf('r'), ending, RULES, world.now));
    for (let at = 0; at <= minutes(100); at += 240) {
        world.now = START_NS + seconds(at);
        agreeSkipping(world, members);
    }
    world.rules.duties.sweep(world.now, 50);
    expect(windowsOf(world, principalOf('r'))).toBe(2n);
});

test('a renewed stake goes on being a duty', () => {
    const { world, members } = ready();
    must(world.register('r', 'router'));
    must(world.report('r'));
    const ending = fullStake('router', { endNs: START_NS + seconds(minutes(15)) });
    must(world.stakes.settle(principalOf('r'), ending, RULES, world.now));
    live(world, minutes(20), members);
    expect(windowsOf(world, principalOf('r'))).toBe(1n);
    must(world.stakes.settle(principalOf('r'), fullStake('router'), RULES, world.now));
    live(world, minutes(31), members, minutes(20) + 30);
    expect(windowsOf(world, principalOf('r'))).toBe(3n);
});

test('a stake that deductions have used up takes a validator out of the set; reporting does not bring it back', () => {
    const { world, silent } = ready();
    world.rules.departures.exhaust(silent, world.now);
    expect(world.validators.members()).toHaveLength(3);
    expect(world.status('v4')).toBe('Inactive');
    world.advance(60);
    must(world.report('v4'));
    expect(world.status('v4')).toBe('Inactive');
});

test('the outbox: oldest first, acknowledged once, and nothing is lost in between', () => {
    const { world, silent } = ready();
    const { slashes } = world.rules;
    const decide = (windows: bigint) =>
        slashes.decide({ node: silent, reason: 'Liveness', windows, all: false }, world.now);
    expect([decide(1n), decide(2n)]).toEqual([0n, 1n]);
    expect(slashes.next()?.id).toBe(0n);
    const outcome = { slashedE8s: 11_570_000_000n, remainingE8s: 1n, atNs: world.now };
    slashes.settle(0n, outcome);
    slashes.settle(0n, { ...outcome, slashedE8s: 0n });
    expect(slashes.find(0n)?.outcome).toEqual(outcome);
    expect([slashes.next()?.id, slashes.pending()]).toEqual([1n, 1]);
});

test('rounds of asking for stakes reach every node that was Active, then wait', () => {
    const world = new World();
    for (let i = 0; i < 230; i++) {
        must(world.register(`n${i}`, 'compute'));
        world.registry.apply(principalOf(`n${i}`), 'poc_passed', world.now);
    }
    const sizes = [1, 2, 3, 4].map(() => world.rules.stakeRounds.next(world.now).length);
    expect(sizes).toEqual([100, 100, 30, 0]);
    world.advance(600);
    expect(world.rules.stakeRounds.next(world.now)).toHaveLength(100);
    world.rules.stakeRounds.postpone([principalOf('n7')], world.now);
    expect(world.rules.stakeRounds.next(world.now).map((node) => node.toText())).toEqual([principalOf('n7').toText()]);
});
