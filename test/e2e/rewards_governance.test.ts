/** Governance on a network: proposals, votes, timelocks, calls to other canisters, airdrops; with upgrades in every state. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { airdropProof, airdropRoot, type AirdropEntry } from '../../src/core/governance/airdrop';
import { CANISTERS } from '../../src/core/peers';
import { accepted, account, code, DAY_S, FEE, HUB, RewardsSuite, tag, type Rewards } from '../support/rewards_suite';
import { principalNamed } from '../support/suite';

type Kind = Parameters<Rewards['submit_proposal']>[0]['kind'];

const EMC = 100_000_000n;
const PEERS = IDL.Record(Object.fromEntries(CANISTERS.map((name) => [name, IDL.Opt(IDL.Principal)])));
const NO_PEERS = Object.fromEntries(CANISTERS.map((name) => [name, []]));
const STRANGER = principalNamed('stranger');
const PAYEE = principalNamed('payee');
const YES = { Yes: null };

let world: RewardsSuite;
let alice: Principal;
let bob: Principal;

beforeAll(async () => {
    world = await RewardsSuite.deploy({ profile: 's3_1000m' });
    alice = await staked('alice', 2_000_000n * EMC);
    bob = await staked('bob', 1_000_000n * EMC);
    await world.suite.advance(1);
});
afterAll(() => world.suite.close());

async function staked(name: string, amount: bigint): Promise<Principal> {
    const owner = await world.funded(name, amount);
    accepted(await world.rewards(owner).stake_tokens({ amount_e8s: amount, term_days: 1_080n, from_subaccount: [] }));
    return owner;
}

const propose = (kind: Kind, who = alice) =>
    world.rewards(who).submit_proposal({ title: 'a title', summary: '', kind });

async function stateOf(id: bigint): Promise<string> {
    const [proposal] = await world.rewards().get_proposal(id);
    return tag(proposal?.state);
}

/** A proposal that Alice votes for, until its vote is over. */
async function passed(kind: Kind): Promise<bigint> {
    const { id } = accepted(await propose(kind));
    accepted(await world.rewards(alice).vote(id, YES));
    await world.suite.advance(4 * DAY_S);
    await world.suite.advance(20);
    expect(await stateOf(id)).toBe('Passed');
    return id;
}

async function executed(kind: Kind): Promise<bigint> {
    const id = await passed(kind);
    await world.suite.advance(2 * DAY_S);
    await world.suite.advance(20);
    expect(await stateOf(id)).toBe('Executed');
    return id;
}

test('AS-84: a developer grant is voted, waits, is paid once; an upgrade in every state changes nothing', async () => {
    const amount = 1_000n * EMC;
    const grant: Kind = { DeveloperGrant: { to: account(PAYEE), amount_e8s: amount } };
    const { id, total_power_e8s: total } = accepted(await propose(grant));
    expect(total).toBe(6_000_000n * EMC);
    await world.upgrade();
    const voted = accepted(await world.rewards(alice).vote(id, YES));
    expect(voted.yes_e8s).toBe(4_000_000n * EMC);
    expect(code(await world.rewards(alice).vote(id, YES))).toBe('AlreadyVoted');
    await world.upgrade();
    expect(await world.rewards().get_proposal(id)).toEqual([voted]);
    accepted(await world.rewards(bob).vote(id, { No: null }));
    expect((await world.rewards().list_votes(id, 0n, 10n)).map(({ choice }) => tag(choice))).toEqual(['Yes', 'No']);
    expect(code(await world.rewards(bob).finalize_proposal(id))).toBe('VotingOpen');
    expect(code(await world.rewards(bob).execute_proposal(id))).toBe('VotingOpen');
    await world.suite.advance(4 * DAY_S);
    const decided = accepted(await world.rewards(bob).finalize_proposal(id));
    expect(tag(decided.state)).toBe('Passed');
    await world.upgrade();
    expect(code(await world.rewards(bob).execute_proposal(id))).toBe('Timelocked');
    expect(code(await world.rewards(bob).vote(id, YES))).toBe('VotingClosed');
    const pool = await world.purseBalance('developer');
    await world.suite.advance(2 * DAY_S);
    await world.suite.advance(20);
    expect(code(await world.rewards(bob).execute_proposal(id))).toBe('AlreadyExecuted');
    expect(await world.balanceOf(PAYEE)).toBe(amount - FEE);
    expect(await world.purseBalance('developer')).toBe(pool - amount);
    await world.upgrade();
    await world.suite.advance(20);
    expect(await stateOf(id)).toBe('Executed');
    expect(await world.balanceOf(PAYEE)).toBe(amount - FEE);
    await world.expectSoundBooks();
});

test('a passed proposal calls the canister and the method that it names, and no other', async () => {
    const gateway = principalNamed('gateway');
    const gateways = () => world.suite.as('compute_gateway', STRANGER).list_gateways();
    await executed({ SetRole: { Gateway: { who: gateway, granted: true } } });
    expect((await gateways()).map(String)).toContain(gateway.toText());
    await executed({ SetRole: { Gateway: { who: gateway, granted: false } } });
    expect((await gateways()).map(String)).not.toContain(gateway.toText());
    const call = (canister: string, method: string): Kind => ({ Call: { canister, method, args: new Uint8Array() } });
    expect(code(await propose(call('token_icrc1', 'icrc1_transfer')))).toBe('NotAllowed');
    expect(code(await propose(call('compute_gateway', 'submit_job')))).toBe('NotAllowed');
    expect(code(await propose(call('nowhere', 'set_peers')))).toBe('InvalidArgument');
});

test('a passed proposal pauses this canister itself, and while it is paused another ends the pause', async () => {
    const setPaused = (paused: boolean): Kind => ({
        Call: { canister: 'rewards', method: 'set_paused', args: new Uint8Array(IDL.encode([IDL.Bool], [paused])) }
    });
    const stake = { amount_e8s: EMC, term_days: 30n, from_subaccount: [] as [] };
    await executed(setPaused(true));
    expect((await world.rewards().status()).paused).toBe(true);
    expect(code(await world.rewards(alice).stake_tokens(stake))).toBe('Paused');
    await executed(setPaused(false));
    expect((await world.rewards().status()).paused).toBe(false);
    expect(code(await world.rewards(STRANGER).stake_tokens(stake))).not.toBe('Paused');
    expect(code(await propose({ Call: { canister: 'rewards', method: 'set_peers', args: new Uint8Array() } }))).toBe(
        'NotAllowed'
    );
});

test('a call that the other canister refuses fails the proposal', async () => {
    const call: Kind = { Call: { canister: 'compute_gateway', method: 'add_gateway', args: new Uint8Array([1]) } };
    const id = await passed(call);
    await world.suite.advance(2 * DAY_S);
    await world.suite.advance(20);
    expect(await stateOf(id)).toBe('Failed');
});

test('S2 §2: the community opens the application window for validators; there is one at a time', async () => {
    const batch = () => world.suite.as('state_machine', STRANGER).get_validator_batch();
    expect(code(await world.suite.as('state_machine', STRANGER).open_validator_batch())).toBe('Unauthorized');
    expect(await batch()).toEqual([]);
    await world.playPeers({ hub: HUB });
    await executed({ OpenValidatorBatch: null });
    expect(await batch()).toMatchObject([{ slots: 13n, applicants: [] }]);
    const again = await passed({ OpenValidatorBatch: null });
    await world.suite.advance(2 * DAY_S);
    await world.suite.advance(20);
    expect(await stateOf(again)).toBe('Failed');
    await world.playPeers();
});

test('a proposal that names a peer changes whom this canister believes', async () => {
    const hub = principalNamed('another hub');
    await executed({ SetRole: { Peer: { canister: 'hub', id: hub } } });
    expect((await world.rewards().get_peers()).hub.map(String)).toEqual([hub.toText()]);
    // A controller cannot take that back: it names only whom nobody has named.
    const peers = { ...(await world.rewards().get_peers()), hub: [HUB] as [Principal] };
    expect(code(await world.rewards(world.suite.deployer).set_peers(peers))).toBe('Unauthorized');
    await world.upgrade();
    expect((await world.rewards().get_peers()).hub.map(String)).toEqual([HUB.toText()]);
});

test('a passed proposal changes a peer of another canister, which its controllers cannot', async () => {
    await world.playPeers({});
    const gateway = principalNamed('another gateway');
    for (const canister of ['state_machine', 'hub', 'compute_gateway', 'token_icrc1'] as const) {
        const asController = world.suite.as(canister, world.suite.deployer);
        const peers = { ...(await asController.get_peers()), compute_gateway: [gateway] as [Principal] };
        expect([canister, code(await asController.set_peers(peers))]).toEqual([canister, 'Unauthorized']);
        expect(code(await asController.set_peers(await asController.get_peers()))).toBe('ok');
        const args = new Uint8Array(IDL.encode([PEERS], [{ ...NO_PEERS, compute_gateway: [gateway] }]));
        await executed({ Call: { canister, method: 'set_peers', args } });
        const named = (await asController.get_peers()).compute_gateway.map(String);
        expect([canister, named]).toEqual([canister, [gateway.toText()]]);
        await world.suite.upgrade(canister);
    }
    await world.playPeers();
});

test('a change of the token economy waits for its epoch', async () => {
    const { profile } = await world.rewards().get_profile([]);
    const { epoch } = await world.rewards().current_clock();
    const tiers = [{ days: 30n, apr_basis_points: 1_000n }];
    const changed = { ...profile, staking_tiers: tiers };
    expect(code(await propose({ ProfileChange: { from_epoch: epoch, profile: changed } }))).toBe('InPast');
    const supply = { ...changed, total_supply_e8s: 1n };
    expect(code(await propose({ ProfileChange: { from_epoch: epoch + 20n, profile: supply } }))).toBe('Immutable');
    const id = await executed({ ProfileChange: { from_epoch: epoch + 8n, profile: changed } });
    expect(await world.rewards().list_profiles(0n, 10n)).toHaveLength(2);
    expect((await world.rewards().get_profile([])).profile.staking_tiers).toHaveLength(6);
    await world.upgrade();
    await world.suite.advance(2 * DAY_S);
    const now = await world.rewards().get_profile([]);
    expect(now).toMatchObject({ from_epoch: epoch + 8n, proposal: [id] });
    expect(now.profile).toEqual(changed);
    const quote = accepted(await world.rewards().quote_stake_reward(360n * EMC, 30n));
    expect(quote.reward_e8s).toBe(3n * EMC);
});

test('AS-85: an airdrop by its root pays each wallet of the list once', async () => {
    const wallets = ['one', 'two', 'three'].map((name) => principalNamed(`wallet ${name}`));
    const entries: AirdropEntry[] = wallets.map((owner, i) => ({ account: { owner }, amountE8s: BigInt(i + 1) * EMC }));
    const { now_ns: now } = await world.rewards().current_clock();
    const list = { Root: { root: airdropRoot(entries), count: 3n } };
    const expires = now + 30n * BigInt(DAY_S) * 1_000_000_000n;
    await executed({ Airdrop: { class: { node: null }, total_e8s: 6n * EMC, expires_ns: expires, list } });
    const [airdrop] = await world.rewards().list_airdrops(0n, 10n);
    const claim = (i: number, amount = BigInt(i + 1) * EMC) => ({
        airdrop: airdrop?.id ?? 99n,
        index: BigInt(i),
        subaccount: [] as [],
        amount_e8s: amount,
        proof: [...airdropProof(entries, i)]
    });
    const [first, second] = wallets as [Principal, Principal];
    expect(code(await world.rewards().claim_airdrop(claim(0)))).toBe('Anonymous');
    expect(code(await world.rewards(STRANGER).claim_airdrop(claim(0)))).toBe('InvalidProof');
    expect(code(await world.rewards(second).claim_airdrop(claim(1, 3n * EMC)))).toBe('InvalidProof');
    accepted(await world.rewards(first).claim_airdrop(claim(0)));
    await world.upgrade();
    expect(code(await world.rewards(first).claim_airdrop(claim(0)))).toBe('AlreadyClaimed');
    await world.suite.advance(20);
    expect(await world.balanceOf(first)).toBe(EMC - FEE);
    expect(await world.rewards().get_airdrop_claim(airdrop?.id ?? 99n, 0n)).toMatchObject([{ paid: true }]);
    accepted(await world.rewards(second).claim_airdrop(claim(1)));
    await world.suite.advance(20);
    expect(await world.balanceOf(second)).toBe(2n * EMC - FEE);
    await world.expectSoundBooks();
});

test('a committee is elected, and its majority stops what passed', async () => {
    const members = ['m1', 'm2', 'm3'].map(principalNamed);
    await executed({ ElectCommittee: members });
    expect((await world.rewards().get_committee()).members.map(String)).toEqual(members.map(String));
    const id = await passed({ TreasurySpend: { to: account(PAYEE), amount_e8s: 1_000n * EMC } });
    const [m1, m2] = members as [Principal, Principal];
    expect(code(await world.rewards(STRANGER).veto_proposal(id))).toBe('Unauthorized');
    expect(code(await world.rewards().veto_proposal(id))).toBe('Anonymous');
    accepted(await world.rewards(m1).veto_proposal(id));
    await world.upgrade();
    accepted(await world.rewards(m2).veto_proposal(id));
    expect(await stateOf(id)).toBe('Rejected');
    expect(code(await world.rewards(alice).execute_proposal(id))).toBe('NotPassed');
});

test('the audit is read in pages, and says the same', async () => {
    const whole = await world.rewards().audit();
    let page = accepted(await world.rewards().audit_page([], 5n));
    for (let pages = 0; page.next.length > 0 && pages < 1_000; pages++) {
        page = accepted(await world.rewards().audit_page(page.next, 5n));
    }
    expect(page.checks).toEqual(whole.checks);
    expect(page.checks.every(({ holds }) => holds)).toBe(true);
});

test('strangers and nobody are refused by every method of governance', async () => {
    const { id } = accepted(await propose({ Text: null }));
    const before = await world.rewards().get_proposal(id);
    const stranger = world.rewards(STRANGER);
    expect(code(await propose({ Text: null }, STRANGER))).toBe('BelowThreshold');
    expect(code(await stranger.vote(id, YES))).toBe('NoPower');
    expect(code(await stranger.finalize_proposal(id))).toBe('VotingOpen');
    expect(code(await stranger.execute_proposal(id))).toBe('VotingOpen');
    expect(code(await stranger.veto_proposal(id))).toBe('Unauthorized');
    const nobody = world.rewards();
    expect(code(await nobody.submit_proposal({ title: 'a', summary: '', kind: { Text: null } }))).toBe('Anonymous');
    expect(code(await nobody.vote(id, YES))).toBe('Anonymous');
    expect(code(await nobody.finalize_proposal(id))).toBe('Anonymous');
    expect(code(await nobody.execute_proposal(id))).toBe('Anonymous');
    expect(code(await nobody.veto_proposal(id))).toBe('Anonymous');
    expect(await world.rewards().get_proposal(id)).toEqual(before);
});
