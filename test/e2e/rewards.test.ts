/** Rewards on a network with the real ledger: stakes, rounds, claims, outages, upgrades, strangers. The tests play the hub and the state machine. */
import type { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import { DEFAULT_PROFILE } from '../../src/core/tokenomics/profiles';
import { toPicPrincipal } from '../support/pic_actor';
import {
    accepted,
    account,
    code,
    COMPUTE,
    COMPUTE_STAKE,
    E,
    FEE,
    HUB,
    type NodeFact,
    REGISTRY,
    report,
    RewardsSuite,
    ROUND_S,
    tag,
    type Rewards
} from '../support/rewards_suite';
import { principalNamed, type Suite } from '../support/suite';

const BUYER = principalNamed('buyer');

let world: RewardsSuite;
let suite: Suite;

const rewards = (who?: Principal): Rewards => world.rewards(who);
const balanceOf = (owner: Principal): Promise<bigint> => world.balanceOf(owner);

beforeAll(async () => {
    world = await RewardsSuite.deploy();
    suite = world.suite;
});
afterAll(() => suite.close());

/** A wallet with a whole round's emission, and its claim, synced. */
async function syncedClaim(): Promise<{ wallet: Principal; id: bigint; amount: bigint }> {
    const { node, wallet } = await world.newNode();
    const { pool_e8s: pool, carry_out_e8s: carry } = accepted(await world.settle([[node, 1n]]));
    const { id } = accepted(await rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] }));
    await suite.advance(1);
    expect(await claimState(id)).toBe('Synced');
    return { wallet, id, amount: pool - carry };
}

async function claimState(id: bigint): Promise<string> {
    const [claim] = await rewards().get_claim(id);
    return tag(claim?.state);
}

test('story: a node is staked, earns emission and trades, and its wallet is paid on the ledger', async () => {
    const { node, wallet } = await world.newNode();
    await world.approve(suite.deployer, COMPUTE_STAKE + FEE);
    const order = { node, term_days: 30n, amount_e8s: COMPUTE_STAKE, from_subaccount: [] as [] };
    const stake = accepted(await rewards(suite.deployer).stake_node(order));
    expect(stake).toMatchObject({ remaining_e8s: COMPUTE_STAKE, e_at_stake_e8: E, term_days: 30n });
    expect(await rewards().get_node_stakes([node, wallet])).toEqual([[stake], []]);
    expect(code(await rewards(suite.deployer).stake_node(order))).toBe('AlreadyStaked');

    const price = 100_000_000_000n;
    const settlement = accepted(await world.settle([[node, 5n]], [{ node, buyer: BUYER, price }]));
    expect(settlement).toMatchObject({ emission_e8s: 6_000_000_000_000n, shares: 1n, trade_volume_e8s: price });
    expect(await rewards().get_settlement(settlement.round)).toEqual([settlement]);
    expect(await rewards().list_shares(settlement.round, 0n, 10n)).toEqual([
        { node, account: [account(wallet)], amount_e8s: settlement.pool_e8s }
    ]);
    const earned = settlement.pool_e8s + 80_000_000_000n;
    expect(await rewards().get_reward_balance(account(wallet))).toMatchObject({ available_e8s: earned });
    expect(await rewards().get_reward_balance(account(BUYER))).toMatchObject({ available_e8s: 20_000_000_000n });
    const kinds = (await rewards().list_rewards(account(wallet), 0n, 10n)).map(({ kind }) => tag(kind));
    expect(kinds).toEqual(['emission', 'compute_income']);

    const { id } = accepted(await rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] }));
    expect(code(await rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] }))).toBe('ClaimPending');
    await suite.advance(1);
    const paid = accepted(await rewards(wallet).claim(id));
    expect(paid.state).toMatchObject({ Paid: { paid_e8s: earned - FEE, block_known: true } });
    expect(await balanceOf(wallet)).toBe(earned - FEE);
    expect(code(await rewards(wallet).claim(id))).toBe('AlreadyPaid');
    expect(await rewards().list_claims(account(wallet), 0n, 10n)).toEqual([paid]);
    await world.expectSoundBooks();
});

test('the same report gets the same answer, another one is refused, money that did not come is missed', async () => {
    const { node } = await world.newNode();
    const settled = accepted(await world.settle([[node, 1n]]));
    const same = report(settled.round, [[node, 1n]]);
    expect(accepted(await rewards(HUB).c2c_settle_round(same))).toEqual(settled);
    expect(code(await rewards(HUB).c2c_settle_round({ ...same, source_hash: sha256(same.source_hash) }))).toBe(
        'AlreadySettled'
    );
    expect(code(await rewards(HUB).c2c_settle_round(report(settled.round + 2n)))).toBe('WrongRound');
    expect(code(await rewards(HUB).c2c_settle_round(report(settled.round + 1n)))).toBe('RoundNotEnded');
    await suite.advance(ROUND_S);
    const unpaid = report(settled.round + 1n, [], [{ node, buyer: BUYER, price: 50_000_000n }]);
    expect(await rewards(HUB).c2c_settle_round(unpaid)).toEqual({
        Err: { MoneyMissing: { expected_e8s: 50_000_000n - FEE, found_e8s: 0n } }
    });
    expect(await rewards().next_round()).toBe(settled.round + 1n);
});

test('AS-75: with the ledger stopped a claim fails retryably, and one retry pays exactly once', async () => {
    const { wallet, id, amount } = await syncedClaim();
    const token = { canisterId: toPicPrincipal(suite.ids.token_icrc1), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(token);
    expect(code(await rewards(wallet).claim(id))).toBe('TemporarilyUnavailable');
    expect(await claimState(id)).toBe('FailedRetryable');
    expect(await rewards().get_reward_balance(account(wallet))).toMatchObject({ in_claims_e8s: amount });
    await suite.pic.startCanister(token);
    accepted(await rewards(wallet).claim(id));
    expect(code(await rewards(wallet).claim(id))).toBe('AlreadyPaid');
    expect(await balanceOf(wallet)).toBe(amount - FEE);
    await world.expectSoundBooks();
});

test('C.9: after two days without the ledger, its log tells that nothing was paid, and the claim is paid once', async () => {
    const { wallet, id, amount } = await syncedClaim();
    const token = { canisterId: toPicPrincipal(suite.ids.token_icrc1), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(token);
    expect(code(await rewards(wallet).claim(id))).toBe('TemporarilyUnavailable');
    for (let hours = 0; hours < 48; hours += 6) await suite.advance(6 * 3_600);
    const { lost_transfers: lost } = await rewards().audit();
    expect(lost).toBe(1n);
    await suite.pic.startCanister(token);
    await suite.advance(20);
    expect((await rewards().audit()).lost_transfers).toBe(0n);
    await suite.advance(660);
    expect(await claimState(id)).toBe('Paid');
    expect(await balanceOf(wallet)).toBe(amount - FEE);
    await world.expectSoundBooks();
});

test('two calls of one claim at once pay once', async () => {
    const { wallet, id, amount } = await syncedClaim();
    const answers = await Promise.all([rewards(wallet).claim(id), rewards(BUYER).claim(id)]);
    expect(answers.map(code).filter((one) => one === 'ok')).toHaveLength(1);
    expect(await balanceOf(wallet)).toBe(amount - FEE);
});

test('AS-76: an upgrade between any two steps of a claim changes nothing, and the timers run again', async () => {
    const { node, wallet } = await world.newNode();
    accepted(await world.settle([[node, 1n]]));
    const facts = async () => ({
        clock: { ...(await rewards().current_clock()), now_ns: 0n },
        balance: await rewards().get_reward_balance(account(wallet)),
        history: await rewards().list_rewards(account(wallet), 0n, 100n),
        claims: await rewards().list_claims(account(wallet), 0n, 100n),
        transfers: await rewards().list_transfers(0n, 100n),
        stakes: await rewards().get_node_stakes([node]),
        peers: await rewards().get_peers()
    });
    const { id } = accepted(await rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] }));
    await suite.advance(1);
    const synced = await facts();
    await suite.upgrade('rewards');
    expect(await facts()).toEqual(synced);
    accepted(await rewards(wallet).claim(id));
    const paid = await facts();
    await world.upgrade();
    expect(await facts()).toEqual(paid);

    accepted(await world.settle([[node, 1n]]));
    const next = accepted(await rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] }));
    await world.upgrade();
    await suite.advance(60);
    expect(await claimState(next.id)).toBe('Synced');
});

test('AS-52: a stake is paid back when its term ends, by the timer, and not before', async () => {
    const { node } = await world.newNode();
    const staker = principalNamed('staker');
    await world.give(staker, COMPUTE_STAKE + 2n * FEE);
    await world.approve(staker, COMPUTE_STAKE + FEE);
    const order = { node, term_days: 7n, amount_e8s: COMPUTE_STAKE, from_subaccount: [] as [] };
    accepted(await rewards(staker).stake_node(order));
    expect(await balanceOf(staker)).toBe(0n);
    expect(code(await rewards(BUYER).release_stake(node))).toBe('NotMatured');
    await suite.advance(7 * 86_400 - 60);
    expect(code(await rewards(BUYER).release_stake(node))).toBe('NotMatured');
    await suite.advance(60);
    await suite.advance(20);
    expect(await balanceOf(staker)).toBe(COMPUTE_STAKE - FEE);
    expect(code(await rewards(BUYER).release_stake(node))).toBe('AlreadyReleased');
});

test('AS-54: of two stakes at once for one node one succeeds and one transfer happens', async () => {
    const { node } = await world.newNode();
    await world.approve(suite.deployer, 2n * (COMPUTE_STAKE + FEE));
    const before = await balanceOf(suite.deployer);
    const order = { node, term_days: 30n, amount_e8s: COMPUTE_STAKE, from_subaccount: [] as [] };
    const answers = await Promise.all([
        rewards(suite.deployer).stake_node(order),
        rewards(suite.deployer).stake_node(order)
    ]);
    expect(answers.map(code).filter((one) => one === 'ok')).toHaveLength(1);
    expect(await balanceOf(suite.deployer)).toBe(before - COMPUTE_STAKE - FEE);
});

test('the emission schedule and the clock are those of the profile', async () => {
    const [first, , third] = await rewards().emission_schedule(1n, 3n);
    expect(first).toMatchObject({ period: 1n, period_e8s: 6_480_000_000_000_000n, round_e8s: 6_000_000_000_000n });
    expect(third).toMatchObject({ first_epoch: 180n, epoch_e8s: 36_000_000_000_000n });
    expect(await rewards().emission_schedule(1n, 1_000n)).toHaveLength(100);
    const clock = await rewards().current_clock();
    expect(clock).toMatchObject({ profile: DEFAULT_PROFILE.id, rounds_per_epoch: 12n, epochs_per_period: 90n });
});

test('strangers and nobody are refused everywhere, and nothing changes', async () => {
    const { wallet, id } = await syncedClaim();
    const { node } = await world.newNode();
    const nextRound = await rewards().next_round();
    const order = { node, term_days: 30n, amount_e8s: COMPUTE_STAKE, from_subaccount: [] as [] };
    const fact: NodeFact = { node, class: COMPUTE, wallet: [account(BUYER)], e_value_e8: E, version: 9n };
    const stranger = rewards(BUYER);
    const nobody = rewards();
    const peers = await rewards().get_peers();
    for (const who of [stranger, nobody]) {
        expect(code(await who.set_peers(peers))).toBe('Unauthorized');
        expect(code(await who.refresh_balances())).toBe('NotController');
        expect(code(await who.c2c_put_nodes([fact]))).toBe('Unauthorized');
        expect(code(await who.c2c_settle_round(report(nextRound)))).toBe('Unauthorized');
    }
    expect(code(await rewards(REGISTRY).c2c_settle_round(report(nextRound)))).toBe('Unauthorized');
    expect(code(await rewards(HUB).c2c_put_nodes([fact]))).toBe('Unauthorized');
    expect(code(await rewards(suite.deployer).c2c_settle_round(report(nextRound)))).toBe('Unauthorized');
    expect(code(await stranger.cancel_claim(id))).toBe('Unauthorized');
    expect(code(await nobody.cancel_claim(id))).toBe('Anonymous');
    expect(code(await nobody.claim(id))).toBe('Anonymous');
    expect(code(await nobody.request_claim({ subaccount: [], amount_e8s: [] }))).toBe('Anonymous');
    expect(code(await nobody.stake_node(order))).toBe('Anonymous');
    expect(code(await nobody.release_stake(node))).toBe('Anonymous');
    expect(code(await stranger.stake_node({ ...order, from_subaccount: [new Uint8Array(31)] }))).toBe(
        'InvalidArgument'
    );
    expect(await claimState(id)).toBe('Synced');
    expect(await rewards().next_round()).toBe(nextRound);
    expect(await balanceOf(wallet)).toBe(0n);
});

test('health and figures are served over HTTP', async () => {
    const ask = (url: string) => {
        const request = { method: 'GET', url, headers: [], body: new Uint8Array(), certificate_version: [] };
        return rewards().http_request(request as never);
    };
    expect((await ask('/health')).status_code).toBe(200);
    const { body } = await ask('/metrics');
    expect(new TextDecoder().decode(Uint8Array.from(body))).toMatch(/^emc_rewards_next_round \d+$/m);
});
