/**
 * The agreement under a bad network: agents of honest validators whose messages are delayed, repeated, reordered and lost,
 * who crash and come back with their journal; up to F liars; upgrades of the canister and changes of the set in between.
 * Safety: never two final states at a height, every final state carried by a quorum, no evidence against the honest.
 * Liveness: as soon as messages arrive again, 2F+1 honest validators go on.
 */
import type { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { toHex } from '../../../src/core/bytes';
import { quorumOf } from '../../../src/core/consensus/rounds';
import { agreeDuty } from '../../../src/validator/duties/agree';
import type { AgreementPort } from '../../../src/validator/agreement/ports';
import type { Refused } from '../../../src/validator/ports';
import { countVotes, votersIn } from '../../../canisters/state_machine/domain/votes';
import { agentContext, MemoryJournal, noRecords } from '../../unit/validator/fakes';
import { worldAgreement } from '../../unit/validator/world_agreement';
import { bytes32, fullStake, must, principalOf, RULES, World } from '../../unit/state_machine/world';

const LIES = ['two proposals', 'out of turn', 'any vote', 'both votes', 'no', 'old vote'] as const;

type Step =
    | { kind: 'look' | 'crash'; who: number }
    | { kind: 'deliver' | 'repeat' | 'lose'; message: number }
    | { kind: 'lie'; who: number; lie: (typeof LIES)[number]; seed: number }
    | { kind: 'wait'; seconds: number }
    | { kind: 'prove' | 'upgrade' | 'change' };

const who = fc.nat(6);
const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const), who }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), message: fc.nat(20) }) },
    fc.record({ kind: fc.constantFrom('repeat' as const, 'lose' as const), message: fc.nat(20) }),
    fc.record({ kind: fc.constant('crash' as const), who }),
    {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('lie' as const), who, lie: fc.constantFrom(...LIES), seed: fc.nat(5) })
    },
    {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 4, 11, 35, 250) })
    },
    { weight: 3, arbitrary: fc.constant({ kind: 'prove' as const }) },
    fc.record({ kind: fc.constantFrom('upgrade' as const, 'change' as const) })
);

const running = new AbortController().signal;
const config = { agreeMs: 4_000, heartbeatMs: 240_000 };

/** Validators on one canister; the last F of them lie. */
class Network {
    world = new World();
    readonly members: readonly Principal[];
    readonly honest: number;
    readonly final = new Map<bigint, string>();
    private readonly journals: readonly MemoryJournal[];
    private readonly agents = new Map<number, ReturnType<typeof agreeDuty>>();
    /** Messages under way. */
    private wire: (() => Promise<Refused | undefined>)[] = [];
    private isOpen = true;
    private newcomers = 0;

    constructor(count: number) {
        this.world.rules.agreement.begin(bytes32('this log'));
        this.members = this.world.withValidators(count);
        this.honest = count - Math.floor((count - 1) / 3);
        this.journals = this.members.map(() => new MemoryJournal());
        this.world.withComputeNode('c');
    }

    async run(given: Step): Promise<void> {
        if (given.kind === 'wait') this.world.advance(given.seconds);
        if (given.kind === 'look') await this.look(given.who % this.honest);
        if (given.kind === 'crash') this.agents.delete(given.who % this.honest);
        if (given.kind === 'upgrade') this.world = this.world.upgraded();
        if (given.kind === 'change') this.change();
        if (given.kind === 'prove') this.prove();
        if (given.kind === 'lie' && this.honest < this.members.length) this.lie(given);
        if ('message' in given) await this.transmit(given.kind, given.message);
        this.check();
    }

    /** From now on every message arrives at once. */
    heal(): void {
        this.wire = [];
        this.isOpen = false;
    }

    async look(member: number): Promise<void> {
        const agent = this.agents.get(member) ?? this.start(member);
        this.agents.set(member, agent);
        await agent.run(running);
    }

    private start(member: number) {
        const clock = {
            nowMs: () => Number(this.world.now / 1_000_000n),
            sleep: async () => undefined,
            random: () => 0.5
        };
        const agreement = this.overTheWire(worldAgreement(() => this.world, this.members[member]!));
        const journal = this.journals[member]!;
        return agreeDuty({ ...agentContext(clock), agreement, journal, records: noRecords }, config);
    }

    /** The agent never hears what became of its message. */
    private overTheWire(port: AgreementPort): AgreementPort {
        const send = async (message: () => Promise<Refused | undefined>): Promise<Refused | undefined> => {
            if (!this.isOpen) return message();
            this.wire.push(message);
            return { code: 'NoAnswer' };
        };
        return {
            ...port,
            propose: (draft) => send(() => port.propose(draft)),
            vote: (proposal, yes) => send(() => port.vote(proposal, yes))
        };
    }

    private async transmit(kind: 'deliver' | 'repeat' | 'lose', at: number): Promise<void> {
        const index = this.wire.length === 0 ? -1 : at % this.wire.length;
        const message = this.wire[index];
        if (message === undefined) return;
        if (kind !== 'lose') await message();
        if (kind !== 'repeat') this.wire.splice(index, 1);
    }

    /** The last liar's term ends, or a batch fills the place that is open; who joins then never says a word. */
    private change(): void {
        const { departures, stakeChecks, validators } = this.world.rules;
        const last = validators.members().at(-1)!;
        if (validators.members().length === this.members.length) return departures.expire(last, this.world.now);
        this.newcomers += 1;
        const label = `newcomer ${this.newcomers}`;
        must(this.world.register(label, 'validator'));
        const stakes = [fullStake('validator')];
        must(stakeChecks.admit([principalOf(label)], stakes, RULES.validator, this.world.now));
    }

    private prove(): void {
        const { items } = this.world.registry.page(0n, 100n, ({ record }) => record.nodeClass === 'compute');
        const [node] = items;
        if (node === undefined || this.world.rules.challenges.book.openOf(node.id) !== undefined) return;
        this.world.report('c');
        if (this.world.status('c') === 'unknown' || !this.world.registry.findLiving(node.id).ok) return;
        this.world.prove(node.id);
    }

    private lie({ who: at, lie, seed }: Extract<Step, { kind: 'lie' }>): void {
        const liars = this.members.slice(this.honest);
        const liar = liars[at % liars.length]!;
        const { agreement } = this.world.rules;
        const turn = agreement.turnAt(this.world.now);
        if (turn === undefined) return;
        const { height, round } = turn;
        const made = (ref: number) => ({
            kind: 'TaskDigest' as const,
            ref: BigInt(ref),
            digest: bytes32(`lie ${seed}`)
        });
        const from = Number(agreement.tip().cursors[1]);
        const draft = { height, round, parentHash: agreement.tip().parentHash, items: [made(from + seed)] };
        const vote = (hash: Uint8Array, yes: boolean, atHeight = height, atRound = round) =>
            agreement.vote(liar, { height: atHeight, round: atRound, hash, yes }, this.world.now);
        const known = agreement.find(turn, this.world.now);
        if (lie === 'two proposals' || lie === 'out of turn') agreement.propose(liar, draft, this.world.now);
        if (lie === 'two proposals') agreement.propose(liar, { ...draft, items: [] }, this.world.now);
        if (lie === 'any vote') vote(bytes32(`hash ${seed}`), seed % 2 === 0);
        if (lie === 'both votes' && known !== undefined) {
            vote(known.hash, true);
            vote(known.hash, false);
            vote(bytes32('another'), true);
        }
        if (lie === 'no' && known !== undefined) vote(known.hash, false);
        if (lie === 'old vote') vote(bytes32(`hash ${seed}`), true, height - 1n, seed % 2);
    }

    /** What must hold after every message. */
    check(): void {
        const { agreement } = this.world.rules;
        const length = agreement.length();
        for (let height = BigInt(this.final.size) + 1n; height <= length; height++) {
            const state = agreement.stateAt(height)!;
            const votes = countVotes(state.yes);
            const set = this.world.validators.membersOf(state.setVersion);
            expect(votes).toBeGreaterThanOrEqual(quorumOf(set.length));
            expect(votersIn(set, state.yes).length).toBe(votes);
            expect(toHex(state.parentHash)).toBe(this.final.get(height - 1n) ?? toHex(bytes32('this log')));
            this.final.set(height, toHex(state.hash));
        }
        expect(length).toBe(BigInt(this.final.size));
        for (const height of [length, length - 1n]) {
            const state = agreement.stateAt(height);
            if (state === undefined) continue;
            expect(toHex(state.hash)).toBe(this.final.get(height));
            for (let i = 0; i < state.yes.length; i++) expect(state.yes[i]! & state.no[i]!).toBe(0);
        }
        for (let i = 0n; i < agreement.evidence.count(); i++) {
            const { validator } = agreement.evidence.at(i)!;
            const isHonest = (member: Principal) => member.compareTo(validator) === 'eq';
            expect(this.members.slice(0, this.honest).some(isHonest)).toBe(false);
        }
    }
}

/** Steps of nine seconds: a round of a dead proposer lasts 320 s at most, a state comes after 240 s at the latest. */
const PATIENCE = 250;

test.each([4, 7])(
    'model: %i validators agree on one state per height, and go on when messages arrive',
    async (count) => {
        await fc.assert(
            fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
                const network = new Network(count);
                for (const given of steps) await network.run(given);
                network.heal();
                const before = network.final.size;
                for (let i = 0; i < PATIENCE && network.final.size < before + 2; i++) {
                    network.world.advance(9);
                    for (let member = 0; member < network.honest; member++) await network.look(member);
                    network.check();
                }
                expect(network.final.size).toBeGreaterThanOrEqual(before + 2);
            }),
            { numRuns: count === 4 ? 60 : 25 }
        );
    }
);

test('model: without 2F+1 validators nothing becomes final, and nothing breaks', async () => {
    const network = new Network(4);
    network.heal();
    for (let i = 0; i < 100; i++) {
        network.world.advance(9);
        for (const member of [0, 1]) await network.look(member);
        network.check();
    }
    expect(network.final.size).toBe(0);
    for (let i = 0; i < PATIENCE && network.final.size < 1; i++) {
        network.world.advance(9);
        for (const member of [0, 1, 2]) await network.look(member);
        network.check();
    }
    expect(network.final.size).toBe(1);
});
