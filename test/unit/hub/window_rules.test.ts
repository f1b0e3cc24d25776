/** By which rules windows are settled: those of the token economy that is in force in their epoch. */
import { E8S_PER_EMC } from '../../../src/core/amount';
import { NS_PER_S } from '../../../src/core/clock';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { aHub, GENESIS_NS, PRICE_E8S, ROUND_S, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const alice = principalNamed('alice');
const STAKE_E8S = 1_000n * E8S_PER_EMC;
const stake = { remainingE8s: STAKE_E8S, termDays: 90n, startNs: GENESIS_NS, endNs: GENESIS_NS + 10n ** 18n };
const byCredits = (timesStake: boolean): TokenomicsProfile => ({
    ...S3_1000M,
    weights: { kind: 'hub_credits', timesStake }
});

const weightsOf = (t: TestHub, window: bigint) =>
    t.peers.settled.get(window)?.report.weights.map(({ node, weight }) => [node.toText(), weight]);

async function settleUpTo(t: TestHub, last: bigint): Promise<void> {
    t.at((last + 1n) * ROUND_S);
    for (let window = t.hub.settlements.nextWindow(); window <= last; window++) {
        expect(await t.settle(window)).toBe('Ok');
    }
}

test('after a change of the token economy windows are weighed by the rules of their own epoch (R8)', async () => {
    const t = await aHub();
    const node = t.peers.node('A', { eValueE8: 7n, stake });
    t.peers.node('unstaked', { eValueE8: 5n });
    t.peers.versions.push({ from: 1n, profile: S3_1000M });
    await settleUpTo(t, 12n);
    expect(weightsOf(t, 11n)).toEqual([
        [node.toText(), 43n],
        [principalNamed('unstaked').toText(), 5n]
    ]);
    expect(weightsOf(t, 12n)).toEqual([[node.toText(), 10n * STAKE_E8S]]);
});

test('a change of the fee decides which trades can pay for their transfer', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    const free: TokenomicsProfile = { ...S2_2100M, trade: { ...S2_2100M.trade, fee: { num: 1n, den: 100n } } };
    t.peers.versions.push({ from: 1n, profile: free });
    await t.buy(alice, 100n);
    for (const window of [0n, 12n]) {
        t.at(window * ROUND_S + 1n);
        t.call(alice, node, 10n);
        await settleUpTo(t, window);
    }
    expect(t.hub.settlements.get(0n)).toMatchObject({ trades: 1n, moneyE8s: 10n * PRICE_E8S });
    expect(t.hub.settlements.get(12n)).toMatchObject({ trades: 0n, carriedCredits: 10n });
});

test.each([
    [false, 1n],
    [true, STAKE_E8S]
])('AS-21: the credits of successful calls as weights, times the stake: %s', async (timesStake, factor) => {
    const t = await aHub(byCredits(timesStake));
    await t.buy(alice, 1_000n);
    const credits = [120n, 60n, 20n];
    const nodes = credits.map((amount, index) => {
        const node = t.peers.node(`node ${index}`, { stake });
        t.call(alice, node, amount);
        t.call(alice, node, 7n, 'Failed');
        return node;
    });
    t.peers.node('idle', { stake });
    await settleUpTo(t, 0n);
    expect(weightsOf(t, 0n)).toEqual(nodes.map((node, index) => [node.toText(), (credits[index] ?? 0n) * factor]));
});

test('H6: credits that the node or its own wallet paid are no weight', async () => {
    const t = await aHub(byCredits(false));
    const wallet = principalNamed('wallet');
    const node = t.peers.node('A', { wallet });
    for (const buyer of [alice, wallet, node]) {
        await t.buy(buyer, 100n);
        t.call(buyer, node, 30n);
    }
    await settleUpTo(t, 0n);
    expect(weightsOf(t, 0n)).toEqual([[node.toText(), 30n]]);
    expect(t.hub.windows.usage({ window: 0n, node })).toMatchObject({ credits: 90n, returned: 60n });
});

test('rules that cannot be had delay the window and nothing else', async () => {
    const t = await aHub();
    t.peers.failNext('rules', 'down');
    t.at(ROUND_S);
    expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
    expect(t.hub.tables.setback.get()).toEqual({
        failures: 1n,
        atNs: GENESIS_NS + ROUND_S * NS_PER_S,
        detail: 'stopped'
    });
    expect(await t.settle(0n)).toBe('Ok');
});
