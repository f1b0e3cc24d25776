/** The node's side of EMC-PoC-1 against the canister's own rules, without a network. */
import type { Principal } from '@dfinity/principal';
import type { KnownChallenge } from '../../../../canisters/state_machine/domain/poc/records';
import { err, ok, type Result } from '../../../../src/core/result';
import { Challenger } from '../../../../src/node/poc/challenger';
import type { Challenge, ChallengeSource, IdleGate } from '../../../../src/node/poc/ports';
import { ReferenceProver } from '../../../../src/node/poc/reference_prover';
import { PortUnavailable } from '../../../../src/node/ports';
import { ChallengeWorld } from '../../state_machine/challenge_world';
import { MemoryLog } from '../support/fakes';

const WINDOW_MS = 30;
const NS_PER_MS = 1_000_000n;

/** The challenges of one node in a {@link ChallengeWorld}; work takes no canister time unless the test moves the clock. */
class WorldSource implements ChallengeSource {
    readonly calls: string[] = [];
    /** Calls whose answer is lost after the canister has acted. */
    readonly lost = new Set<string>();
    /** The canister's own randomness does not come. */
    isSilent = false;

    constructor(
        readonly world: ChallengeWorld,
        readonly node: Principal
    ) {}

    open = async () => this.view(this.world.rules.book.openOf(this.node));
    find = async (id: bigint) => this.view(this.world.rules.book.find(id));

    async accept({ id }: Pick<Challenge, 'id'>) {
        const { course } = this.world.rules;
        return this.answer('accept', course.accept(this.node, { id }, this.world.draw(), this.world.now));
    }

    async commit(id: bigint, { commitment, rounds }: { commitment: Uint8Array; rounds: number }) {
        const { course } = this.world.rules;
        const committed = course.commit(this.node, id, commitment, rounds, this.world.now);
        return this.answer('commit', committed.ok ? ok(this.supply(committed.value)) : committed);
    }

    async show(id: bigint, opening: Uint8Array) {
        const opened = this.world.rules.course.open(this.node, id, opening, this.world.now);
        return this.answer('show', opened.ok ? ok(this.supply(opened.value)) : opened);
    }

    /** What the canister owes. */
    supply(challenge: KnownChallenge): KnownChallenge {
        if (this.isSilent) return challenge;
        const { course } = this.world.rules;
        return course.supply(challenge.id, challenge.state, this.world.draw(), this.world.now) ?? challenge;
    }

    private answer(call: string, result: Result<KnownChallenge, { kind: string }>) {
        this.calls.push(call);
        if (this.lost.delete(call)) throw new PortUnavailable(call, 'lost');
        return result.ok ? ok(this.view(result.value)!) : err({ code: result.error.kind });
    }

    private view(challenge: KnownChallenge | undefined): Challenge | undefined {
        if (challenge === undefined) return undefined;
        const {
            id,
            state,
            version,
            slotSeed,
            samples,
            deadlineNs,
            work,
            commitment,
            sampleRandomness,
            eValueE8,
            fault
        } = challenge;
        return {
            id,
            state,
            version,
            slot: { shape: { dimension: 64, rows: 64 }, slotSeed },
            windowMs: WINDOW_MS,
            samples,
            deadlineMs: deadlineNs === undefined ? undefined : Number(deadlineNs / NS_PER_MS),
            nodeSeed: work?.nodeSeed,
            committed: commitment && { rounds: commitment.rounds, commitment: commitment.digest },
            sampleRandomness,
            eValueE8,
            fault
        };
    }
}

const free: IdleGate = { reserve: async () => () => undefined };
const running = new AbortController().signal;

function setUp(idle: IdleGate = free) {
    const world = new ChallengeWorld();
    const node = world.node('c');
    const source = new WorldSource(world, node);
    const log = new MemoryLog();
    const nowMs = (): number => Number(world.now / NS_PER_MS);
    /** The agent as it is after a start. */
    const start = () => new Challenger({ source, prover: new ReferenceProver(), idle, log, nowMs });
    const stateOf = (id: bigint) => world.rules.book.find(id)?.state;
    return { world, node, source, log, start, stateOf };
}

test('three honest probes, whatever their seeds, make a newcomer active', async () => {
    const { world, node, source, log, start, stateOf } = setUp();
    const agent = start();
    for (const validator of [0, 1, 2]) {
        const { id } = world.request(node, validator);
        await agent.look(running);
        expect(stateOf(id)).toBe('Passed');
        world.world.advance(1);
        await agent.look(running);
    }
    expect(source.calls).toEqual(Array(3).fill(['accept', 'commit', 'show']).flat());
    expect(world.world.status('c')).toBe('Active');
    expect(world.eOf(node)).toBeGreaterThan(0n);
    expect(log.count('poc_passed')).toBe(3);
    await agent.look(running);
    expect(source.calls).toHaveLength(9);
});

test('a lost answer is made up for at the next look: nothing is done twice, nothing is left out', async () => {
    for (const call of ['accept', 'commit', 'show']) {
        const { world, node, source, start, stateOf } = setUp();
        const agent = start();
        const { id } = world.request(node);
        source.lost.add(call);
        await agent.look(running);
        expect(stateOf(id)).toBe({ accept: 'Accepted', commit: 'Sampled', show: 'Passed' }[call]);
        await agent.look(running);
        expect(stateOf(id)).toBe('Passed');
        expect(source.calls.filter((made) => made === 'accept')).toHaveLength(1);
    }
});

test('restarted between acceptance and commitment, a node works for what is left of the time', async () => {
    const { world, node, source, start, stateOf } = setUp();
    const { id } = world.accept(world.request(node));
    await start().look(running);
    expect(stateOf(id)).toBe('Passed');
    expect(source.calls).toEqual(['commit', 'show']);
});

test('restarted too late to commit, it lets the challenge go and is free for the next one', async () => {
    const { world, node, source, log, start } = setUp();
    world.accept(world.request(node));
    world.world.advance(21);
    const agent = start();
    await agent.look(running);
    await agent.look(running);
    expect(source.calls).toEqual([]);
    expect(log.count('poc_dropped')).toBe(1);
    world.world.advance(5);
    world.rules.course.sweep(world.now, 1);
    const { id } = world.request(node);
    await agent.look(running);
    expect(world.rules.book.find(id)?.state).toBe('Passed');
});

test('restarted after its commitment, it does the committed rounds again and opens them', async () => {
    const { world, node, source, start, stateOf } = setUp();
    const { id } = world.request(node);
    source.isSilent = true;
    await start().look(running);
    expect(stateOf(id)).toBe('Committed');
    source.isSilent = false;
    source.supply(world.rules.book.find(id)!);
    await start().look(running);
    expect(stateOf(id)).toBe('Passed');
    expect(source.calls).toEqual(['accept', 'commit', 'show']);
});

test('a commitment that is not its own it does not try to open', async () => {
    const { world, node, source, log, start, stateOf } = setUp();
    const { id } = world.accept(world.request(node));
    const foreign = world.rules.course.commit(node, id, new Uint8Array(32).fill(9), 3, world.now);
    source.supply(foreign.ok ? foreign.value : world.rules.book.find(id)!);
    const agent = start();
    await agent.look(running);
    await agent.look(running);
    expect(stateOf(id)).toBe('Sampled');
    expect([source.calls, log.count('poc_dropped')]).toEqual([[], 1]);
});

test('a refused step is not asked for again', async () => {
    const { world, node, source, log, start } = setUp();
    world.request(node);
    world.world.advance(31);
    const agent = start();
    await agent.look(running);
    await agent.look(running);
    expect(source.calls).toEqual(['accept']);
    expect(log.lines.find(({ event }) => event === 'poc_dropped')?.fields).toMatchObject({ reason: 'DeadlinePassed' });
});

test('it waits for idle slots before it starts the clock, not longer than it may, and gives them back', async () => {
    const events: string[] = [];
    const idle: IdleGate = {
        async reserve(maxMs) {
            events.push(`reserve ${maxMs}`);
            return () => void events.push('release');
        }
    };
    const { world, node, source, start } = setUp(idle);
    world.request(node);
    world.world.advance(10);
    const accept = source.accept.bind(source);
    source.accept = async (id) => {
        events.push('accept');
        return accept(id);
    };
    await start().look(running);
    // Of the 30 s to accept, 20 are left, less a margin for the message itself.
    expect(events).toEqual(['reserve 15000', 'accept', 'release']);
});

test('told to stop in the middle of the work, it commits to nothing', async () => {
    const { world, node, source, start, stateOf } = setUp();
    const { id } = world.request(node);
    const stop = new AbortController();
    const accept = source.accept.bind(source);
    source.accept = async (asked) => {
        const accepted = await accept(asked);
        stop.abort();
        return accepted;
    };
    await start().look(stop.signal);
    expect(stateOf(id)).toBe('Accepted');
    await start().look(running);
    expect(stateOf(id)).toBe('Passed');
});
