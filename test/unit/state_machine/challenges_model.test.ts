import fc from 'fast-check';
import { isFinal } from '../../../canisters/state_machine/domain/poc/book';
import { VERIFICATION_MODES } from '../../../src/core/poc/policy';
import type { Cheats } from '../core/poc/support/prover_in_memory';
import { ChallengeWorld } from './challenge_world';

type Command =
    | { kind: 'request' | 'accept' | 'pay' | 'sweep' | 'report'; node: number; validator: number }
    | { kind: 'work'; node: number; honest: boolean }
    | { kind: 'vote'; node: number; validator: number; ok: boolean }
    | { kind: 'wait'; seconds: number };

const NODES = ['a', 'b', 'c'];
const node = fc.nat(NODES.length - 1);
const validator = fc.nat(3);
const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('request', 'accept', 'pay'), node, validator }) },
    fc.record({ kind: fc.constantFrom('sweep', 'report'), node, validator }),
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('work' as const), node, honest: fc.boolean() }) },
    {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('vote' as const), node, validator, ok: fc.boolean() })
    },
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 15, 26, 61, 700, 1_900) })
);

const wrongRows: Cheats = { entries: (_, __, honest) => honest().map((entry) => entry + 1) };

/** What the test knows and the canister must find out. */
class Truth {
    readonly cheated = new Set<bigint>();
    readonly finals = new Map<bigint, string>();
}

function run(world: ChallengeWorld, truth: Truth, given: Command): void {
    const { course, book } = world.rules;
    if (given.kind === 'wait') return world.world.advance(given.seconds);
    if (given.kind === 'sweep') return void course.sweep(world.now, 2);
    const label = NODES[given.node] ?? 'a';
    if (given.kind === 'report') return void world.world.report(label);
    const id = world.world.registry.page(0n, 10n, ({ record }) => record.nodeClass === 'compute').items[given.node]!.id;
    const caller = world.members['validator' in given ? given.validator : 0]!;
    if (given.kind === 'request') return void course.request(caller, id, world.draw(), world.now);
    const open = book.openOf(id);
    if (given.kind === 'pay') {
        const owed = book.nextOwed();
        return void (owed && course.supply(owed.id, owed.state, world.draw(), world.now));
    }
    if (open === undefined) return;
    if (given.kind === 'accept') return void course.accept(id, open, world.draw(), world.now);
    if (given.kind === 'vote') return void world.vote(open, given.validator, given.ok);
    if (given.kind === 'work' && open.work !== undefined) work(world, truth, open.id, given.honest);
}

/** The node's next step on its challenge. */
function work(world: ChallengeWorld, truth: Truth, id: bigint, honest: boolean): void {
    const { course, book } = world.rules;
    const challenge = book.find(id)!;
    const isCheater = truth.cheated.has(id) || (challenge.state === 'Accepted' && !honest);
    const prover = world.prover(challenge, isCheater ? wrongRows : {});
    const { commitment, rounds } = prover.claim();
    if (course.commit(challenge.node, id, commitment, rounds, world.now).ok && isCheater) truth.cheated.add(id);
    const { sampleRandomness, samples } = book.find(id)!;
    if (sampleRandomness === undefined) return;
    const drawing = { count: samples, randomness: sampleRandomness };
    course.open(challenge.node, id, prover.open(prover.samples(drawing)), world.now);
}

test('model: final values never move, indexes agree with the records, and no lie of anybody changes a verdict', () => {
    fc.assert(
        fc.property(fc.constantFrom(...VERIFICATION_MODES), fc.array(command, { maxLength: 80 }), (mode, commands) => {
            const world = new ChallengeWorld({ mode });
            for (const label of NODES) world.node(label);
            const truth = new Truth();
            for (const step of commands) {
                run(world, truth, step);
                checkBook(world, truth);
            }
        }),
        { numRuns: 150 }
    );
});

function checkBook(world: ChallengeWorld, truth: Truth): void {
    const { book } = world.rules;
    const { mode } = world.tables.challengePolicy.get();
    let [open, decided] = [0n, 0n];
    for (let id = 0n; id < book.count(); id++) {
        const challenge = book.find(id)!;
        const { state, fault, votes, checkRandomness } = challenge;
        const text = JSON.stringify(challenge, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
        if (truth.finals.has(id)) expect(text).toBe(truth.finals.get(id));
        if (isFinal(challenge)) truth.finals.set(id, text);
        else open += 1n;
        if (state === 'Passed' || state === 'Failed') decided += 1n;
        expect(book.openOf(challenge.node)?.id === id).toBe(!isFinal(challenge));
        if (isFinal(challenge)) expect(book.opening(id)).toBeUndefined();
        const agreeing = votes.filter((vote) => vote.ok).length;
        if (state === 'Passed') expect(checkRandomness !== undefined || agreeing >= 3).toBe(true);
        // Whoever is checked by the canister gets what it deserves, whatever the validators say.
        if (checkRandomness !== undefined) expect(state).toBe(truth.cheated.has(id) ? 'Failed' : 'Passed');
        if (mode !== 'quorum' && fault === 'Product') expect(truth.cheated.has(id)).toBe(true);
        if (mode === 'onchain' && state === 'Passed') expect(truth.cheated.has(id)).toBe(false);
        if (mode !== 'quorum') expect([state, fault]).not.toContain('Lapsed');
        if (mode !== 'quorum') expect(fault).not.toBe('RejectedByValidators');
    }
    expect(book.open.size()).toBe(open);
    expect(world.tables.pocResults.length()).toBe(decided);
}
