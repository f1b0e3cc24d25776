/** Batches of validators on a network with the real ledger and rewards. */
import { headerOver, stateHash } from '../../src/core/consensus/state_hash';
import { accepted, code, idOf, NodeRegistry, outcome, RULES, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

const NEWCOMERS = ['v5', 'v6', 'v7'];

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 10n });
    net = new NodeRegistry(suite);
    await net.admitFour();
    for (const name of [...NEWCOMERS, 'v8']) await net.join(name, 'validator');
    await suite.advance(11);
});
afterAll(() => suite.close());

const opened = async () => (await net.as('anybody').get_validator_batch())[0];

/** A state that lacks one vote of the old set. */
async function halfVoted() {
    const [turn] = await net.as('anybody').get_turn();
    const { height, round, parent_hash: parent } = turn!;
    const proposer = VALIDATORS.find((name) => idOf(name).compareTo(turn!.proposer) === 'eq') ?? '';
    accepted(await net.as(proposer).propose_state({ height, round, parent_hash: parent, items: [] }));
    const hash = stateHash(headerOver(height, Uint8Array.from(parent), []));
    const ballot = { height, round, hash, yes: true };
    for (const name of ['v1', 'v2']) expect(tag(accepted(await net.as(name).vote_state(ballot)))).toBe('Pending');
    return ballot;
}

test('strangers: a batch is opened by governance, and applied for by staked candidates', async () => {
    for (const name of ['stranger', 'v1', 'v5']) {
        expect(code(await net.as(name).open_validator_batch())).toBe('Unauthorized');
        expect(code(await net.as(name).admit_validators(NEWCOMERS.map(idOf)))).toBe('Unauthorized');
    }
    expect(await outcome(suite.as('state_machine').apply_validator())).toBe('dropped');
    expect(await outcome(suite.as('state_machine').open_validator_batch())).toBe('dropped');
    expect(code(await net.as('v5').apply_validator())).toBe('NoBatchOpen');
    expect(await opened()).toBeUndefined();
});

test('AS-41, A.1.2: three places at four validators; who applies with a full stake fills them, none by halves', async () => {
    const governor = net.governor();
    expect(accepted(await governor.open_validator_batch())).toMatchObject({ slots: 3n, applicants: [] });
    expect(code(await governor.open_validator_batch())).toBe('BatchOpen');
    expect(code(await net.as('v5').apply_validator())).toBe('RequirementsNotMet');
    expect(code(await net.as('v5').apply_validator())).toBe('RateLimited');
    expect(code(await net.as('v1').apply_validator())).toBe('RequirementsNotMet');
    expect(code(await net.as('stranger').apply_validator())).toBe('RequirementsNotMet');
    for (const name of NEWCOMERS) await net.stake(name, 'validator');
    await net.stake('v8', 'validator', RULES.validator.minimumE8s, RULES.validator.minimumDays + 1n);
    await suite.advance(11);
    for (const name of NEWCOMERS.slice(0, 2)) accepted(await net.as(name).apply_validator());
    await suite.upgrade('state_machine');
    expect((await opened())?.applicants.map(String)).toEqual(['v5', 'v6'].map((name) => idOf(name).toText()));
    expect(code(await governor.admit_validators(NEWCOMERS.slice(0, 2).map(idOf)))).toBe('WrongBatchSize');
    expect(code(await governor.admit_validators(['v5', 'v6', 'v8'].map(idOf)))).toBe('RequirementsNotMet');
    const ballot = await halfVoted();
    accepted(await net.as('v8').apply_validator());
    const set = accepted(await governor.admit_validators(['v5', 'v6', 'v8'].map(idOf)));
    expect(set).toMatchObject({ quorum: 5n, set_size_valid: true, next_batch_size: 3n });
    expect(set.validators.map(String)).toEqual([...VALIDATORS, 'v5', 'v6', 'v8'].map((name) => idOf(name).toText()));
    expect(await opened()).toBeUndefined();
    expect(code(await net.as('v7').apply_validator())).toBe('NoBatchOpen');
    // Votes of two sets do not add up: the change begins a new round at the same height.
    expect(code(await net.as('v3').vote_state(ballot))).toBe('WrongRound');
    const [next] = await net.as('anybody').get_turn();
    expect([next?.height, next!.round > ballot.round, next?.proposal]).toEqual([ballot.height, true, []]);
});
