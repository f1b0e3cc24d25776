/** Node stakes and holders' stakes on a network with the real ledger: deductions, renewals, forfeits, interest. */
import type { Principal } from '@dfinity/principal';
import {
    accepted,
    account,
    code,
    COMPUTE_STAKE,
    DAY_S,
    FEE,
    HUB,
    REGISTRY,
    RewardsSuite,
    tag
} from '../support/rewards_suite';
import { principalNamed } from '../support/suite';

const MILLION = 100_000_000_000_000n;
const VALIDATOR = { validator: null };
const STRANGER = principalNamed('stranger');
const STRANGER_WITH_ALLOWANCE = principalNamed('stranger with an allowance');

let world: RewardsSuite;

beforeAll(async () => {
    world = await RewardsSuite.deploy({ profile: 's3_1000m' });
});
afterAll(() => world.suite.close());

const slashArgs = (node: Principal, id: bigint, windows: bigint, all = false) => ({
    node,
    windows,
    case: id,
    reason: all ? { Impeachment: null } : { Liveness: null },
    all
});

async function stakedValidator(name: string): Promise<{ node: Principal; staker: Principal }> {
    const { node } = await world.newNode(VALIDATOR);
    const staker = await world.funded(name, MILLION + 20_000_000_000n);
    const order = { node, term_days: 360n, amount_e8s: MILLION, from_subaccount: [] as [] };
    accepted(await world.rewards(staker).stake_node(order));
    return { node, staker };
}

async function statusOf(node: Principal): Promise<string> {
    const [details] = await world.rewards().get_stake_details(node);
    return tag(details?.status);
}

test('AS-43, AS-51, AS-70: a validator that was absent pays once per case, is topped up, renews; the treasury and the stakers get it', async () => {
    const { node, staker } = await stakedValidator('validator one');
    const registry = world.rewards(REGISTRY);
    await world.suite.advance(125 * 60);
    const slashed = accepted(await registry.c2c_slash(slashArgs(node, 1n, 2n)));
    expect(slashed).toEqual({ slashed_e8s: 23_140_000_000n, remaining_e8s: 99_976_860_000_000n });
    expect(accepted(await registry.c2c_slash(slashArgs(node, 1n, 2n)))).toEqual(slashed);
    expect(await statusOf(node)).toBe('UnderCollateralised');
    const owner = world.rewards(staker);
    expect(code(await owner.renew_stake(node, 180n))).toBe('UnderCollateralised');
    const missing = { node, amount_e8s: 23_140_000_000n - 20_000_000_000n, from_subaccount: [] as [] };
    accepted(await owner.top_up_stake({ ...missing, amount_e8s: 19_999_000_000n }));
    await world.give(staker, 10_000_000_000n);
    await world.approve(staker, 10_000_000_000n);
    accepted(await owner.top_up_stake({ ...missing, amount_e8s: 3_141_000_000n }));
    expect(await statusOf(node)).toBe('Active');
    const before = (await world.rewards().get_node_stakes([node]))[0]?.[0]?.end_ns ?? 0n;
    const renewed = accepted(await owner.renew_stake(node, 180n));
    expect(renewed.end_ns - before).toBe(180n * BigInt(DAY_S) * 1_000_000_000n);
    expect(code(await owner.renew_stake(node, 180n))).toBe('RenewalUsed');
    const [event] = await world.rewards().list_slash_events(node, 0n, 10n);
    expect(event).toMatchObject({ case: 1n, windows: 2n, slashed_e8s: 23_140_000_000n });

    const pool = await world.purseBalance('staking');
    await world.suite.advance(DAY_S);
    await world.suite.advance(20);
    await world.suite.advance(20);
    expect(await world.purseBalance('staking')).toBe(pool + 1_157_000_000n);
    const kinds = (await world.rewards().treasury_ledger(0n, 10n)).map(({ kind }) => kind);
    expect(kinds).toEqual(['staking_share', 'slash']);
    expect(await world.rewards().treasury()).toMatchObject({ income_e8s: 23_140_000_000n, awaited_e8s: 0n });
    await world.expectSoundBooks();
});

test('AS-49: an impeached validator loses all, a disputed one waits, and an upgrade in between changes nothing', async () => {
    const { node, staker } = await stakedValidator('validator two');
    const registry = world.rewards(REGISTRY);
    accepted(await registry.c2c_set_dispute({ node, case: 7n, open: true }));
    await world.upgrade();
    expect(await statusOf(node)).toBe('Disputed');
    await world.suite.advance(361 * DAY_S);
    expect(code(await world.rewards(staker).release_stake(node))).toBe('UnderDispute');
    const forfeited = accepted(await registry.c2c_slash(slashArgs(node, 7n, 0n, true)));
    expect(forfeited).toEqual({ slashed_e8s: MILLION, remaining_e8s: 0n });
    await world.upgrade();
    expect(accepted(await world.rewards(REGISTRY).c2c_slash(slashArgs(node, 7n, 0n, true)))).toEqual(forfeited);
    expect(await statusOf(node)).toBe('Forfeited');
    expect(code(await world.rewards(staker).release_stake(node))).toBe('Forfeited');
    expect(await world.rewards().get_node_stakes([node])).toEqual([[]]);
    const treasury = await world.purseBalance('treasury');
    await world.suite.advance(DAY_S);
    await world.suite.advance(20);
    expect(await world.purseBalance('treasury')).toBeGreaterThan(treasury + (MILLION * 9n) / 10n);
    await world.expectSoundBooks();
});

test('a stake that is made while its node’s case is open is held until the case is closed, over an upgrade', async () => {
    const { node } = await world.newNode(VALIDATOR);
    accepted(await world.rewards(REGISTRY).c2c_set_dispute({ node, case: 8n, open: true }));
    const staker = await world.funded('validator of a case', MILLION);
    const order = { node, term_days: 360n, amount_e8s: MILLION, from_subaccount: [] as [] };
    accepted(await world.rewards(staker).stake_node(order));
    expect(await statusOf(node)).toBe('Disputed');
    await world.upgrade();
    await world.suite.advance(361 * DAY_S);
    expect(code(await world.rewards(staker).release_stake(node))).toBe('UnderDispute');
    accepted(await world.rewards(REGISTRY).c2c_set_dispute({ node, case: 8n, open: false }));
    await world.suite.advance(20);
    expect(await statusOf(node)).toBe('Released');
    await world.expectSoundBooks();
});

test('AS-68: a holder gets principal and interest together, at the end of the term, once', async () => {
    const amount = 1_000_000_000_000n;
    const holder = await world.funded('holder', amount);
    const mine = world.rewards(holder);
    const quote = accepted(await world.rewards().quote_stake_reward(amount, 30n));
    expect(quote).toMatchObject({ reward_e8s: 2_250_000_000n, covered_e8s: 2_250_000_000n, apr_basis_points: 270n });
    expect(code(await world.rewards().quote_stake_reward(amount, 31n))).toBe('InvalidTerm');
    const order = { amount_e8s: amount, term_days: 30n, from_subaccount: [] as [] };
    const stake = accepted(await mine.stake_tokens(order));
    expect(tag(stake.state)).toBe('Active');
    expect(await world.rewards().list_stakes(holder, 0n, 10n)).toEqual([stake]);
    await world.upgrade();
    expect(await world.rewards().get_stake(stake.id)).toEqual([stake]);
    await world.suite.advance(29 * DAY_S);
    expect(code(await mine.withdraw_stake(stake.id))).toBe('NotMatured');
    await world.suite.advance(DAY_S);
    expect(code(await world.rewards(STRANGER).withdraw_stake(stake.id))).toBe('Unauthorized');
    const before = await world.balanceOf(holder);
    const paid = accepted(await mine.withdraw_stake(stake.id));
    expect(paid).toMatchObject({ reward_paid_e8s: 2_250_000_000n, state: { Withdrawn: { owed_e8s: 0n } } });
    expect(await world.balanceOf(holder)).toBe(before + amount + 2_250_000_000n - FEE);
    expect(code(await mine.withdraw_stake(stake.id))).toBe('AlreadyWithdrawn');
    await world.expectSoundBooks();
});

test('fifty pulls that the ledger refuses leave no row, and use up no number of a stake or a transfer', async () => {
    const hold = { amount_e8s: 1_000_000_000_000n, term_days: 30n };
    const rich = await world.funded('rich holder', 2n * hold.amount_e8s);
    const first = accepted(await world.rewards(rich).stake_tokens({ ...hold, from_subaccount: [] }));
    const { node } = await world.newNode(VALIDATOR);
    const { node: staked, staker } = await stakedValidator('validator four');
    const rows = await world.rewards().list_transfers(0n, 100n);
    expect(rows.length).toBeLessThan(100);
    const poor = world.rewards(STRANGER);
    await world.approve(staker, 0n);
    for (let n = 0; n < 16; n++) {
        const from: [Uint8Array] = [new Uint8Array(32).fill(n + 1)];
        expect(code(await poor.stake_tokens({ ...hold, from_subaccount: from }))).toBe('InsufficientAllowance');
        const order = { node, term_days: 360n, amount_e8s: MILLION, from_subaccount: from };
        expect(code(await poor.stake_node(order))).toBe('InsufficientAllowance');
        const topUp = { node: staked, amount_e8s: 100_000_000n, from_subaccount: [] as [] };
        expect(code(await world.rewards(staker).top_up_stake(topUp))).toBe('InsufficientAllowance');
    }
    await world.give(STRANGER_WITH_ALLOWANCE, 10n * FEE);
    await world.approve(STRANGER_WITH_ALLOWANCE, MILLION);
    for (const term of [30n, 90n]) {
        const order = { ...hold, term_days: term, from_subaccount: [] as [] };
        expect(code(await world.rewards(STRANGER_WITH_ALLOWANCE).stake_tokens(order))).toBe('InsufficientFunds');
    }
    expect(await world.rewards().list_transfers(0n, 100n)).toEqual(rows);
    expect(await world.rewards().list_stakes(STRANGER, 0n, 100n)).toEqual([]);
    expect(await world.rewards().get_stake_details(node)).toEqual([]);
    await world.upgrade();
    await world.approve(rich, 2n * hold.amount_e8s);
    const second = accepted(await world.rewards(rich).stake_tokens({ ...hold, from_subaccount: [] }));
    expect(second.id).toBe(first.id + 1n);
    const later = await world.rewards().list_transfers(0n, 100n);
    expect(later.slice(0, rows.length)).toEqual(rows);
    expect(later.map(({ id }) => id)).toEqual(later.map((_, index) => BigInt(index)));
    expect(later).toHaveLength(rows.length + 1);
    await world.expectSoundBooks();
});

test('quotes answer for nodes, trades and periods', async () => {
    const [factors] = await world.rewards().decay_factor(4n);
    expect(factors?.trade_reward).toEqual({ num: 1n, den: 3n });
    expect(await world.rewards().decay_factor(0n)).toEqual([]);
    const [trade] = await world.rewards().trade_reward_quote(100_000_000_000n, [4n]);
    expect(trade).toMatchObject({
        buyer_pays_e8s: 95_555_555_556n,
        provider_gets_e8s: 82_222_222_222n,
        burned_e8s: 13_333_333_334n
    });
    const quote = await world.rewards().quote_node_stake({ compute: null }, 144_508_670n, 30n, []);
    expect(quote).toMatchObject({ required_e8s: COMPUTE_STAKE, slash_e8s: 200_706_486n });
    const { profile, from_epoch: fromEpoch } = await world.rewards().get_profile([]);
    expect([profile.id, fromEpoch]).toEqual(['s3_1000m', 0n]);
    expect(await world.rewards().list_profiles(0n, 10n)).toHaveLength(1);
    const [wallet] = await world.rewards().get_wallet(account(STRANGER));
    expect(wallet).toMatchObject({ earned_e8s: 0n, rewards: 0n, stakes: 0n });
});

test('strangers and nobody are refused by every method of stakes', async () => {
    const { node, staker } = await stakedValidator('validator three');
    const details = await world.rewards().get_stake_details(node);
    const topUp = { node, amount_e8s: 1_000_000_000n, from_subaccount: [] as [] };
    const hold = { amount_e8s: 1_000_000_000_000n, term_days: 30n, from_subaccount: [] as [] };
    for (const who of [STRANGER, staker, HUB, world.suite.deployer, undefined]) {
        const caller = world.rewards(who);
        expect(code(await caller.c2c_slash(slashArgs(node, 1n, 1n)))).toBe('Unauthorized');
        expect(code(await caller.c2c_set_dispute({ node, case: 1n, open: true }))).toBe('Unauthorized');
    }
    const stranger = world.rewards(STRANGER);
    expect(code(await stranger.renew_stake(node, 180n))).toBe('Unauthorized');
    expect(code(await stranger.top_up_stake(topUp))).toBe('Unauthorized');
    expect(code(await stranger.stake_tokens(hold))).toBe('InsufficientAllowance');
    expect(code(await stranger.stake_tokens({ ...hold, from_subaccount: [new Uint8Array(3)] }))).toBe(
        'InvalidArgument'
    );
    const nobody = world.rewards();
    expect(code(await nobody.renew_stake(node, 180n))).toBe('Anonymous');
    expect(code(await nobody.top_up_stake(topUp))).toBe('Anonymous');
    expect(code(await nobody.stake_tokens(hold))).toBe('Anonymous');
    expect(code(await nobody.withdraw_stake(0n))).toBe('Anonymous');
    expect(await world.rewards().get_stake_details(node)).toEqual(details);
});
