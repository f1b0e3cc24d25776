/** AS-76 for the state machine: what is open at an upgrade, all of it at once, is there after it and goes on to its end. */
import { rootOf } from '../../src/core/consensus/merkle';
import { headerOver, rangeLevels, stateHash } from '../../src/core/consensus/state_hash';
import { agreeOnState } from '../support/live_network';
import { acceptedChallenge, commitWork, openingFor, proverFor, SAME_LIMITS } from '../support/poc';
import { toPicPrincipal } from '../support/pic_actor';
import { accepted, code, idOf, NodeRegistry, STATUS, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

const POLICY = { ...SAME_LIMITS, slot_s: 600n, spacing_s: 0n, attestation_s: 600n, epoch_s: 7_200n };
const DAY_S = 86_400;
const TICK_S = 31;

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 10n, pocSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

const anybody = () => net.as('anybody');
const setMode = async (mode: 'hybrid' | 'quorum') =>
    accepted(await net.governor().set_poc_policy({ ...POLICY, mode: { [mode]: null } as { hybrid: null } }));
const ofRewards = () => ({ canisterId: toPicPrincipal(suite.ids.rewards), sender: toPicPrincipal(suite.deployer) });

async function metric(name: string): Promise<number> {
    const call = { method: 'GET', url: '/metrics', headers: [], body: new Uint8Array(), certificate_version: [] };
    const { body } = await anybody().http_request(call as never);
    const text = new TextDecoder().decode(Uint8Array.from(body));
    return Number(new RegExp(`^emc_state_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Everything that the canister tells the public. */
async function told(names: readonly string[]) {
    const as = anybody();
    const ids = names.map(idOf);
    return Promise.all([
        as.get_config(),
        as.get_peers(),
        as.list_nodes(0n, 100n),
        as.list_online_nodes(0n, 100n),
        as.get_nodes(ids),
        Promise.all(ids.map((id) => as.get_duty(id))),
        Promise.all(ids.map((id) => as.get_open_poc(id))),
        as.get_poc_policy(),
        as.get_poc_scores(ids),
        as.list_poc_specs(),
        as.list_pocs_to_attest(0n, 100n),
        as.list_poc_results(0n, 100n),
        as.list_false_verdicts(0n, 100n),
        as.list_validators(),
        as.get_validator_batch(),
        as.get_turn(),
        as.list_states(1n, 100n),
        as.list_commitments(0n, 100n),
        as.list_evidence(0n, 100n),
        as.list_cases(0n, 100n),
        as.list_slashes(0n, 100n),
        as.list_pools(0n, 100n),
        Promise.all(['pocs_owed', 'slashes_pending', 'holds_pending', 'facts_pending'].map(metric))
    ]);
}

/** A commitment to all final states that nobody has confirmed. */
async function submitCommitment(): Promise<bigint> {
    const { next_from: from } = await anybody().list_commitments(0n, 0n);
    const { states } = await anybody().list_states(from, 100n);
    const root = rootOf(rangeLevels(states.map((state) => Uint8Array.from(state.hash))));
    return accepted(await net.as('v1').submit_commitment({ from, to: from + BigInt(states.length) - 1n, root })).index;
}

/** A proposal of whoever is in turn, with one vote. */
async function openProposal() {
    const [turn] = await anybody().get_turn();
    const { height, round, parent_hash: parent } = turn!;
    const proposer = VALIDATORS.find((name) => idOf(name).compareTo(turn!.proposer) === 'eq') ?? '';
    accepted(await net.as(proposer).propose_state({ height, round, parent_hash: parent, items: [] }));
    const ballot = { height, round, hash: stateHash(headerOver(height, Uint8Array.from(parent), [])), yes: true };
    accepted(await net.as('v1').vote_state(ballot));
    return ballot;
}

/** A challenge whose opening the validators have to judge; one has. */
async function attesting(name: string, verdict: boolean): Promise<bigint> {
    const { asNode, ...parties } = net.challenged(name);
    const begun = await acceptedChallenge({ asNode, ...parties });
    const prover = proverFor(begun);
    const sampled = await commitWork(asNode, begun.id, prover);
    accepted(await asNode.open_poc(begun.id, openingFor(sampled, prover)));
    accepted(await net.as('v1').attest_poc({ id: begun.id, ok: verdict }));
    return begun.id;
}

test('AS-76: everything that can be open at once is told the same before and after an upgrade, and ends as it would have', async () => {
    for (const name of ['member', 'probed']) {
        await net.join(name, 'compute');
        await net.prove(name);
    }
    const { pool } = accepted(await net.as('member').create_pool('renderers'));
    await net.join('v5', 'validator');
    await suite.advance(11);
    await net.stake('v5', 'validator');
    accepted(await net.governor().open_validator_batch());
    accepted(await net.as('v5').apply_validator());
    await agreeOnState(net, ['v1', 'v2', 'v3']);
    const index = await submitCommitment();
    accepted(await net.as('v1').attest_commitment({ index, ok: true }));
    await setMode('quorum');
    const judged = await attesting('probed', true);
    const asked = accepted(await net.as('v2').request_poc(idOf('member')));
    const ballot = await openProposal();
    const charge = { node: idOf('v4'), reason: 'modified code', evidence_hash: new Uint8Array(32).fill(1) };
    await suite.pic.stopCanister(ofRewards());
    const opened = accepted(await net.as('v1').file_impeachment(charge));
    accepted(await net.as('v1').vote_case({ case: opened.case, yes: true }));
    // Rewards is to hear of it, but cannot.
    await net.join('bound', 'compute');
    accepted(await net.register('unbound', 'compute'));
    accepted(await net.as('unbound').propose_wallet({ owner: suite.deployer, subaccount: [] }));

    const names = [...VALIDATORS, 'v5', 'member', 'probed', 'bound', 'unbound'];
    const before = await told(names);
    await suite.upgrade('state_machine');
    expect(await told(names)).toEqual(before);
    expect(await metric('holds_pending')).toBe(1);
    expect(await metric('facts_pending')).toBeGreaterThan(0);

    // And none of it is over by the upgrade: each goes on with what it had.
    const begun = accepted(await net.as('member').accept_poc(asked.id, []));
    expect(begun.slot_seed).toEqual(asked.slot_seed);
    for (const name of ['v2', 'v3']) accepted(await net.as(name).attest_poc({ id: judged, ok: true }));
    expect(tag((await anybody().get_poc(judged))[0]?.state)).toBe('Passed');
    expect(code(await net.as('v1').vote_state(ballot))).toBe('AlreadyVoted');
    for (const name of ['v2', 'v3']) accepted(await net.as(name).vote_state(ballot));
    expect((await anybody().get_turn())[0]?.height).toBe(ballot.height + 1n);
    for (const name of ['v2', 'v3']) accepted(await net.as(name).attest_commitment({ index, ok: true }));
    expect(tag((await anybody().get_commitment(index))[0]?.status)).toBe('Confirmed');
    expect((await anybody().list_pool_members(pool, 0n, 10n)).nodes.map(String)).toEqual([idOf('member').toText()]);
    expect((await anybody().get_validator_batch())[0]?.applicants.map(String)).toEqual([idOf('v5').toText()]);
    accepted(await net.governor().bind_wallet(idOf('unbound'), []));

    await suite.pic.startCanister(ofRewards());
    await suite.advance(TICK_S);
    expect(await metric('holds_pending')).toBe(0);
    expect(await metric('facts_pending')).toBe(0);
    expect(tag((await suite.as('rewards').get_stake_details(idOf('v4')))[0]?.status)).toBe('Disputed');
    expect(tag(accepted(await net.as('v2').vote_case({ case: opened.case, yes: true })).state)).toBe('Passed');
});

test('upgrade: a check that the canister owes is made by the re-armed timer', async () => {
    await setMode('hybrid');
    await net.join('owed', 'compute');
    await net.prove('owed');
    await setMode('quorum');
    const id = await attesting('owed', false);
    await setMode('hybrid');
    // v4 was voted out: these are all, and none is believed that the product is wrong.
    for (const name of ['v2', 'v3']) accepted(await net.as(name).attest_poc({ id, ok: false }));
    expect(tag((await anybody().get_poc(id))[0]?.state)).toBe('Disputed');
    await suite.upgrade('state_machine');
    expect(await metric('pocs_owed')).toBe(1);
    await suite.advance(TICK_S);
    expect(await metric('pocs_owed')).toBe(0);
    expect(tag((await anybody().get_poc(id))[0]?.state)).toBe('Passed');
});

test('upgrade: a newcomer keeps its place and its time; the re-armed timer forgets a silent one after a day', async () => {
    for (const name of ['silent', 'reporting']) accepted(await net.register(name, 'compute'));
    await suite.advance(DAY_S / 2);
    accepted(await net.as('reporting').report_status(STATUS));
    await suite.upgrade('state_machine');
    await suite.advance(DAY_S / 2 - 60);
    expect(await net.status('silent')).toBe('Registered');
    await suite.advance(60 + TICK_S);
    expect(await anybody().get_node(idOf('silent'))).toEqual([]);
    expect(await net.status('reporting')).toBe('Registered');
    accepted(await net.register('silent', 'router'));
});
