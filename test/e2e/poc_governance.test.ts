/** EMC-PoC-1 under governance: a vote of the token's holders adds a version of the specification, and changes the policy. */
import type { Principal } from '@dfinity/principal';
import {
    acceptedChallenge,
    commitWork,
    E_OF_A_PROBE,
    openingFor,
    probe,
    proverFor,
    SAME_LIMITS,
    SMALL_SPEC
} from '../support/poc';
import { idOf, NodeRegistry, STATUS, VALIDATORS } from '../support/registry';
import { accepted, code, DAY_S, RewardsSuite, tag, type Rewards } from '../support/rewards_suite';
import { principalNamed } from '../support/suite';

type Kind = Parameters<Rewards['submit_proposal']>[0]['kind'];

const EPOCH_MS = 7_200_000;
/** Votes take four days and the timelock two. */
const EPOCHS_AHEAD = 74n;
const STRANGER = principalNamed('stranger');

let world: RewardsSuite;
let net: NodeRegistry;
let alice: Principal;

beforeAll(async () => {
    world = await RewardsSuite.deploy({ profile: 's3_1000m', pocSpacingS: 0n, statusSpacingS: 0n });
    net = new NodeRegistry(world.suite);
    // The rewards canister's own peers again, in place of those that its tests play.
    await world.playPeers({});
    alice = await world.funded('alice', 2_000_000n * E_OF_A_PROBE);
    const stake = { amount_e8s: 2_000_000n * E_OF_A_PROBE, term_days: 1_080n, from_subaccount: [] as [] };
    accepted(await world.rewards(alice).stake_tokens(stake));
    await world.suite.advance(1);
});
afterAll(() => world.suite.close());

const anybody = () => net.as('anybody');
const propose = (kind: Kind, who = alice) =>
    world.rewards(who).submit_proposal({ title: 'a title', summary: '', kind });

async function stateOf(id: bigint): Promise<string> {
    const [proposal] = await world.rewards().get_proposal(id);
    return tag(proposal?.state);
}

/** Votes, and waits for the vote's end and the timelock; the proposal's fate. */
async function decided(kind: Kind): Promise<string> {
    const { id } = accepted(await propose(kind));
    accepted(await world.rewards(alice).vote(id, { Yes: null }));
    await world.suite.advance(4 * DAY_S);
    await world.suite.advance(20);
    expect(await stateOf(id)).toBe('Passed');
    await world.suite.advance(2 * DAY_S);
    await world.suite.advance(20);
    return stateOf(id);
}

async function nextVersion() {
    const specs = await anybody().list_poc_specs();
    const last = specs.at(-1)!;
    const epoch = BigInt(Math.floor((await net.nowMs()) / EPOCH_MS));
    return { ...last, version: last.version + 1, activation_epoch: epoch + EPOCHS_AHEAD };
}

/** Moves the clock to so long after the beginning of an epoch, before it when negative; everybody reports. */
async function goTo(epoch: bigint, offsetMs: number): Promise<void> {
    await world.suite.pic.setTime(Number(epoch) * EPOCH_MS + offsetMs);
    await world.suite.pic.tick(5);
    for (const name of [...VALIDATORS, 'c1', 'c2']) accepted(await net.as(name).report_status(STATUS));
}

/** Accepts by a version, works and opens; what came of it. */
async function probedBy(name: string, id: bigint, version: number) {
    const asNode = net.as(name);
    const begun = accepted(await asNode.accept_poc(id, [version]));
    const prover = proverFor(begun);
    const sampled = await commitWork(asNode, id, prover);
    const opened = accepted(await asNode.open_poc(id, openingFor(sampled, prover)));
    return { version: opened.version, samples: opened.samples, state: tag(opened.state), e: opened.e_value_e8[0] };
}

test('a passed proposal adds a version: in force from its epoch on, beside the one before it for that epoch alone', async () => {
    const spec = { ...(await nextVersion()), newcomer_samples: 3, standard_work: 2n * SMALL_SPEC.standardWork };
    expect(code(await net.as('stranger').add_poc_spec(spec))).toBe('Unauthorized');
    expect(await decided({ PocSpec: spec })).toBe('Executed');
    expect((await anybody().list_poc_specs()).at(-1)).toEqual(spec);

    const onchain = {
        ...SAME_LIMITS,
        mode: { onchain: null },
        slot_s: 30n,
        spacing_s: 0n,
        attestation_s: 600n,
        epoch_s: 7_200n
    };
    accepted(await net.governor().set_poc_policy(onchain as never));
    await net.admitFour();
    for (const name of ['c1', 'c2']) await net.join(name, 'compute');
    const first = { version: 1, samples: SMALL_SPEC.newcomerSamples, state: 'Passed', e: E_OF_A_PROBE };
    const second = { version: 2, samples: 3, state: 'Passed', e: E_OF_A_PROBE / 2n };

    // Before the epoch: version 1, and nobody may begin by version 2.
    await goTo(spec.activation_epoch, -40_000);
    const early = accepted(await net.as('v1').request_poc(idOf('c1')));
    expect(code(await net.as('c1').accept_poc(early.id, [2]))).toBe('InvalidArgument');
    expect(await probedBy('c1', early.id, 1)).toEqual(first);
    // Begun before the epoch and ended in it: by the version that it was begun by.
    await goTo(spec.activation_epoch, -10_000);
    const crossing = await acceptedChallenge(net.challenged('c1', 'v2'));
    await goTo(spec.activation_epoch, 1_000);
    const prover = proverFor(crossing);
    const sampled = await commitWork(net.as('c1'), crossing.id, prover);
    const ended = accepted(await net.as('c1').open_poc(crossing.id, openingFor(sampled, prover)));
    expect([tag(ended.state), ended.version]).toEqual(['Passed', 1]);
    // In the epoch: by the new version, whose standard is twice the work, or by the old one.
    const byNew = accepted(await net.as('v3').request_poc(idOf('c1')));
    expect(byNew.version).toBe(2);
    expect(await probedBy('c1', byNew.id, 2)).toMatchObject({ ...second, samples: byNew.samples });
    const byOld = accepted(await net.as('v1').request_poc(idOf('c2')));
    expect(byOld).toMatchObject({ version: 2, samples: 3 });
    expect(await probedBy('c2', byOld.id, 1)).toEqual(first);
    // Asked again after the choice: the same seeds; another choice is refused.
    const again = await acceptedChallenge(net.challenged('c2', 'v2'));
    expect(accepted(await net.as('c2').accept_poc(again.id, [2])).node_seed).toEqual(again.node_seed);
    expect(code(await net.as('c2').accept_poc(again.id, [1]))).toBe('InvalidArgument');
    // One epoch later the old version is gone.
    await goTo(spec.activation_epoch + 1n, 1_000);
    await world.suite.advance(31);
    const late = accepted(await net.as('v3').request_poc(idOf('c2')));
    expect(code(await net.as('c2').accept_poc(late.id, [1]))).toBe('InvalidArgument');
    expect(await probedBy('c2', late.id, 2)).toEqual(second);
});

test('a proposal that comes too late for its epoch fails, and what could never be a version is not voted on', async () => {
    const spec = await nextVersion();
    const tooSoon = { ...spec, activation_epoch: spec.activation_epoch - EPOCHS_AHEAD + 1n };
    expect(await decided({ PocSpec: tooSoon })).toBe('Failed');
    expect((await anybody().list_poc_specs()).map(({ version }) => version)).toEqual([1, 2]);
    for (const wrong of [{ dimension: 1_000 }, { samples: 1 }, { standard_work: 0n }, { window_ms: 0n }]) {
        expect(code(await propose({ PocSpec: { ...spec, ...wrong } }))).toBe('InvalidArgument');
    }
    expect(code(await propose({ PocSpec: spec }, STRANGER))).toBe('BelowThreshold');
});

test('a passed proposal changes who verifies; the length of the epochs stays, since versions begin by it', async () => {
    const policy = { ...(await anybody().get_poc_policy()), mode: { quorum: null }, spacing_s: 1_200n };
    expect(await decided({ PocPolicy: policy })).toBe('Executed');
    expect(await anybody().get_poc_policy()).toEqual(policy);
    expect(code(await propose({ PocPolicy: { ...policy, attestation_s: 0n } }))).toBe('InvalidArgument');
    const longer = { ...policy, epoch_s: 14_400n };
    expect(code(await net.governor().set_poc_policy(longer))).toBe('InvalidArgument');
    expect(await decided({ PocPolicy: longer })).toBe('Failed');
    expect(await anybody().get_poc_policy()).toEqual(policy);
    const challenged = await probe(net.challenged('c1')).catch(() => undefined);
    expect(challenged).toBeUndefined();
});

test('governance that asks again for what it has done gets the same answer', async () => {
    const last = (await anybody().list_poc_specs()).at(-1)!;
    expect(code(await net.governor().add_poc_spec(last))).toBe('ok');
    expect(await anybody().list_poc_specs()).toHaveLength(2);
    const other = { ...last, standard_work: last.standard_work + 1n };
    expect(code(await net.governor().add_poc_spec(other))).toBe('InvalidArgument');
});
