/**
 * The agreement of the built canister under random messages: validators of whom one lies in every way that the interface lets
 * it, strangers, wrong heights, rounds, parents and ranges, repetitions, late votes and upgrades. The model test of the domain
 * (`agreement_model.test.ts`) tells many more such lives; this one goes through Candid, the endpoints and stable memory.
 */
import * as fc from 'fast-check';
import { rootOf } from '../../src/core/consensus/merkle';
import { headerOver, rangeLevels, stateHash } from '../../src/core/consensus/state_hash';
import { code, idOf, NodeRegistry, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

const STEPS = 150;
const SEED = 7;
/** Of four: F = 1. */
const LIAR = 'v4';
const QUORUM = 3;

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

const anybody = () => net.as('anybody');
const who = fc.constantFrom(...VALIDATORS, ...VALIDATORS, 'stranger');
const shift = fc.constantFrom(0n, 0n, 0n, 0n, 1n, -1n, 5n);

const step = fc.oneof(
    fc.record({
        kind: fc.constant('propose' as const),
        who,
        height: shift,
        wrongParent: fc.boolean(),
        item: fc.nat(3)
    }),
    fc.record({ kind: fc.constant('turn' as const) }),
    fc.record({ kind: fc.constant('vote' as const), who, height: shift, late: fc.boolean(), yes: fc.boolean() }),
    fc.record({
        kind: fc.constant('vote' as const),
        who,
        height: fc.constant(0n),
        late: fc.constant(false),
        yes: fc.constant(true)
    }),
    fc.record({
        kind: fc.constant('vote' as const),
        who,
        height: fc.constant(0n),
        late: fc.constant(false),
        yes: fc.constant(true)
    }),
    fc.record({ kind: fc.constant('lie' as const), height: shift }),
    fc.record({
        kind: fc.constant('commit' as const),
        who,
        from: shift,
        states: fc.bigInt(0n, 3n),
        wrongRoot: fc.boolean()
    }),
    fc.record({ kind: fc.constant('attest' as const), who, index: fc.bigInt(0n, 6n), ok: fc.boolean() }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 1, 1, 11, 45) }),
    fc.record({ kind: fc.constant('upgrade' as const) })
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What was answered, by refusal. */
const seen = new Map<string, number>();
const note = (answer: { Ok: unknown } | { Err: object }): void => {
    const name = code(answer);
    seen.set(name, (seen.get(name) ?? 0) + 1);
};

async function turn() {
    const [view] = await anybody().get_turn();
    const parentHash = Uint8Array.from(view!.parent_hash);
    return {
        ...view!,
        parentHash,
        proposer: VALIDATORS[VALIDATORS.findIndex((name) => isNamed(view!.proposer, name))]!
    };
}

const isNamed = (id: { toText(): string }, name: string): boolean => idOf(name).toText() === id.toText();

/** Items with references that nobody has used. */
let nextRef = 0n;
const items = (count: number) =>
    Array.from({ length: count }, () => ({ kind: { TaskDigest: null }, ref: nextRef++, digest: new Uint8Array(32) }));

async function run(next: Step): Promise<void> {
    const now = await turn();
    const { height, round, parentHash } = now;
    const [open] = await anybody().get_proposal(height, round);
    const hash = open === undefined ? stateHash(headerOver(height, parentHash, [])) : Uint8Array.from(open.hash);
    switch (next.kind) {
        case 'propose': {
            const parent_hash = next.wrongParent ? new Uint8Array(32).fill(9) : parentHash;
            const args = { height: height + next.height, round, parent_hash, items: items(next.item) };
            return note(await net.as(next.who).propose_state(args));
        }
        case 'turn':
            return note(
                await net.as(now.proposer).propose_state({ height, round, parent_hash: parentHash, items: [] })
            );
        case 'vote': {
            const at = next.late ? height - 1n : height + next.height;
            const [late] = next.late ? await anybody().get_state_at(at) : [];
            const ballot = { height: at, round: late?.round ?? round, hash: late?.hash ?? hash, yes: next.yes };
            return note(await net.as(next.who).vote_state(ballot));
        }
        case 'lie':
            note(await net.as(LIAR).vote_state({ height, round, hash, yes: true }));
            return note(
                await net.as(LIAR).vote_state({ height: height + next.height, round, hash: parentHash, yes: true })
            );
        case 'commit': {
            const { next_from: expected } = await anybody().list_commitments(0n, 0n);
            const from = expected + next.from < 0n ? 0n : expected + next.from;
            const to = from + next.states;
            const hashes: Uint8Array[] = [];
            for (let at = from; at <= to; at++) {
                const [state] = await anybody().get_state_at(at);
                if (state !== undefined) hashes.push(Uint8Array.from(state.hash));
            }
            const isWrong = next.wrongRoot || hashes.length === 0;
            const root = isWrong ? new Uint8Array(32) : rootOf(rangeLevels(hashes));
            return note(await net.as(next.who).submit_commitment({ from, to, root }));
        }
        case 'attest':
            return note(await net.as(next.who).attest_commitment({ index: next.index, ok: next.ok }));
        case 'wait':
            return suite.advance(next.seconds);
        case 'upgrade':
            return suite.upgrade('state_machine');
    }
}

/** Heights without a gap, each on the one before, each with a quorum of different validators; no final state ever changes. */
async function checkLog(known: Map<bigint, string>): Promise<void> {
    const { states } = await anybody().list_states(1n, 100n);
    expect(states.map(({ height }) => height)).toEqual(states.map((_, i) => BigInt(i + 1)));
    for (const [i, state] of states.entries()) {
        const hash = Buffer.from(state.hash).toString('hex');
        expect(known.get(state.height) ?? hash).toBe(hash);
        known.set(state.height, hash);
        expect(new Set(state.yes.map(String)).size).toBeGreaterThanOrEqual(QUORUM);
        if (i > 0) expect(Buffer.from(state.parent_hash)).toEqual(Buffer.from(states[i - 1]!.hash));
    }
}

/** Ranges without gap or overlap over final states; what a quorum did not confirm is not confirmed. */
async function checkCommitments(): Promise<void> {
    const { commitments, next_from: next } = await anybody().list_commitments(0n, 100n);
    let expected = 1n;
    for (const commitment of commitments) {
        expect(commitment.from).toBe(expected);
        expected = commitment.to + 1n;
        const isConfirmed = 'Confirmed' in commitment.status;
        expect(isConfirmed).toBe(commitment.confirmed_by.length >= QUORUM);
    }
    expect(next).toBe(expected);
}

test(`${STEPS} random messages, a liar and strangers: one log, one chain of commitments, and nothing final without a quorum`, async () => {
    const known = new Map<bigint, string>();
    for (const [i, next] of fc.sample(step, { numRuns: STEPS, seed: SEED }).entries()) {
        await run(next);
        if (i % 4 === 3) await checkLog(known);
    }
    await checkCommitments();
    // The life was one: states became final, ranges were committed, and each kind of refusal was met.
    expect(known.size).toBeGreaterThan(3);
    expect((await anybody().list_commitments(0n, 1n)).commitments.length).toBeGreaterThan(0);
    const refusals = ['WrongHeight', 'NotProposer', 'WrongParent', 'NotAValidator', 'AlreadyVoted', 'Gap', 'Overlap'];
    expect(refusals.filter((name) => !seen.has(name))).toEqual([]);
    // Each contradiction is kept once, with two hashes, and of validators only.
    const { evidence } = await anybody().list_evidence(0n, 100n);
    const keyOf = ({ validator, height, round, misdeed }: (typeof evidence)[number]) =>
        [validator.toText(), height, round, Object.keys(misdeed)].join();
    expect(new Set(evidence.map(keyOf)).size).toBe(evidence.length);
    for (const { first_hash: first, second_hash: second, validator } of evidence) {
        expect(Buffer.from(first).equals(Buffer.from(second))).toBe(false);
        expect(VALIDATORS.some((name) => isNamed(validator, name))).toBe(true);
    }
    expect(evidence.some(({ validator }) => isNamed(validator, LIAR))).toBe(true);
});
