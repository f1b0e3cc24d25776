/**
 * Equivocation across changes of the set of validators: random rounds, votes, changes, waits and upgrades, against a naive
 * record of who voted for what. Whoever votes for a second hash at a height and round is found, whenever that is and whoever
 * sits in the set by then, and nobody else ever is (AS-39).
 */
import type { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { toHex } from '../../../src/core/bytes';
import { propose, vote } from '../../unit/state_machine/agreeing';
import { bytes32, fullStake, kindOf, must, principalOf, RULES, World } from '../../unit/state_machine/world';

type Step =
    | { readonly kind: 'propose' | 'change' | 'upgrade' }
    | { readonly kind: 'vote'; readonly who: number; readonly yes: boolean }
    | { readonly kind: 'contradict' | 'repeat'; readonly past: number; readonly seed: number }
    | { readonly kind: 'wait'; readonly seconds: number };

const of = <K extends string>(kind: K) => fc.constant(kind);
const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: of('propose') }) },
    { weight: 9, arbitrary: fc.record({ kind: of('vote'), who: fc.nat(), yes: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ kind: of('contradict'), past: fc.nat(), seed: fc.nat({ max: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: of('repeat'), past: fc.nat(), seed: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ kind: of('change') }) },
    { weight: 1, arbitrary: fc.record({ kind: of('wait'), seconds: fc.constantFrom(1, 11, 40) }) },
    { weight: 1, arbitrary: fc.record({ kind: of('upgrade') }) }
);

/** A vote that was counted. */
interface Cast {
    readonly validator: Principal;
    readonly height: bigint;
    readonly round: number;
    readonly hash: Uint8Array;
}

const nameOf = ({ validator, height, round }: Omit<Cast, 'hash'>): string => `${validator} ${height} ${round}`;

class Story {
    world = new World();
    readonly cast: Cast[] = [];
    readonly liars = new Set<string>();
    private newcomers = 0;

    constructor(count: number) {
        this.world.rules.agreement.begin(bytes32('this log'));
        this.world.withValidators(count);
    }

    run(given: Step): void {
        if (given.kind === 'propose') propose(this.world);
        if (given.kind === 'vote') this.vote(given.who, given.yes);
        if (given.kind === 'change') this.change();
        if (given.kind === 'upgrade') this.world = this.world.upgraded();
        if (given.kind === 'wait') this.world.advance(given.seconds);
        if ('past' in given && this.cast.length > 0) this.voteAgain(this.cast[given.past % this.cast.length]!, given);
        this.check();
    }

    private vote(who: number, yes: boolean): void {
        const { agreement, validators } = this.world.rules;
        const turn = agreement.turnAt(this.world.now);
        const proposal = turn && agreement.find(turn, this.world.now);
        if (proposal === undefined) return;
        const members = validators.members();
        const validator = members[who % members.length]!;
        const taken = kindOf(vote(this.world, validator, proposal, yes));
        if (taken === 'ok') this.cast.push({ validator, ...turn!, hash: proposal.hash });
    }

    private voteAgain(cast: Cast, { kind, seed }: { readonly kind: string; readonly seed: number }): void {
        const hash = kind === 'repeat' ? cast.hash : bytes32(`another ${seed}`);
        const { validator, height, round } = cast;
        const answer = kindOf(
            this.world.rules.agreement.vote(validator, { height, round, hash, yes: true }, this.world.now)
        );
        expect(answer).not.toBe('ok');
        if (kind === 'repeat') return;
        expect(answer).toBe('Equivocation');
        this.liars.add(nameOf(cast));
    }

    /** The oldest validator's term ends, or another one joins in its place. */
    private change(): void {
        const { departures, stakeChecks, validators } = this.world.rules;
        const [first] = validators.members();
        if (validators.members().length === 4) return departures.expire(first!, this.world.now);
        this.newcomers += 1;
        const label = `newcomer ${this.newcomers}`;
        must(this.world.register(label, 'validator'));
        must(stakeChecks.admit([principalOf(label)], [fullStake('validator')], RULES.validator, this.world.now));
    }

    check(): void {
        const { evidence } = this.world.rules.agreement;
        const found = Array.from({ length: Number(evidence.count()) }, (_, i) => evidence.at(BigInt(i))!);
        expect(found.map(nameOf).sort()).toEqual([...this.liars].sort());
        for (const { firstHash, secondHash, misdeed, ...key } of found) {
            const first = this.cast.find((cast) => nameOf(cast) === nameOf(key));
            expect([misdeed, toHex(firstHash)]).toEqual(['TwoVotes', toHex(first!.hash)]);
            expect(toHex(secondHash)).not.toBe(toHex(firstHash));
        }
    }
}

test('model: every second hash is evidence, across changes of the set and upgrades, and nothing else is', () => {
    let afterChanges = 0;
    fc.assert(
        fc.property(fc.array(step, { minLength: 20, maxLength: 100 }), (steps) => {
            const story = new Story(4);
            for (const given of steps) story.run(given);
            const { membership } = story.world.tables;
            if (membership.get().version > 1 && story.liars.size > 0) afterChanges++;
        }),
        { numRuns: 150 }
    );
    expect(afterChanges).toBeGreaterThan(50);
});
