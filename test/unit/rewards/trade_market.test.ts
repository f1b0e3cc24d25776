/** When the market's periods begin (domain.md A.1.10), and what an epoch and a trader may be rewarded at most (F23). */
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { addVersion } from '../../../canisters/rewards/domain/profiles/calendar';
import { changeProfile } from '../../../canisters/rewards/domain/profiles/profile_change';
import { factorsOfPeriod, marketPeriodAt, quoteTrade } from '../../../canisters/rewards/domain/profiles/quotes';
import { profileField } from '../../../canisters/rewards/tables/profile_tables';
import { codecOf } from '../../../src/core/codec';
import type { TokenomicsProfile, TradeRules } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { marketPeriod } from '../../../src/core/tokenomics/trade';
import { accountOf, codeOf, expectOk, GENESIS_NS, principalOf, ROUND_NS, World } from '../../model/rewards/world';

const PRICE = 100_000_000_000n;
const FEE = PRICE / 5n;
const BUYER = principalOf(50);
const PROVIDER = accountOf(101);

const withTrade = (profile: TokenomicsProfile, change: Partial<TradeRules>): TokenomicsProfile => ({
    ...profile,
    trade: { ...profile.trade, ...change }
});

/** A world in which every round is an epoch, and every epoch a period. */
function worldOf(profile: TokenomicsProfile, change: Partial<TradeRules> = {}): World {
    const world = new World(profile, 1n);
    const fast = { ...profile, emission: { ...profile.emission, epochsPerPeriod: 1n } };
    addVersion(world.state, { fromEpoch: 0n, profile: withTrade(fast, change) });
    world.putNode(1, { wallet: PROVIDER });
    return world;
}

/** Settles the next round with some trades, and tells what it rewarded. */
function trade(world: World, buyers = [BUYER]): bigint {
    const node = principalOf(1);
    const trades = buyers.map((buyer) => ({ node, buyer, priceE8s: PRICE }));
    const { tradeRewardsE8s } = expectOk(world.settle(world.report([], trades)));
    expect(audit(world.state).checks.filter(({ holds }) => !holds)).toEqual([]);
    return tradeRewardsE8s;
}

test.each([S2_2100M, S3_1000M])('the market of $id opens with the network as shipped', (profile) => {
    expect(profile.trade.opensInEpoch).toBe(0n);
    expect(marketPeriod(profile.emission, profile.trade, 0n)).toBe(1n);
    expect(marketPeriod(profile.emission, profile.trade, 180n)).toBe(3n);
});

test.each([
    ['pool', S2_2100M],
    ['fee', S3_1000M]
] as const)(
    'paid by the %s: nothing is rewarded before the market opens, and its period 1 begins then',
    (_, profile) => {
        const world = worldOf(profile, { opensInEpoch: 2n });
        const ledgerFee = profile.trade.source === 'fee' ? 100_000n : 0n;
        expect([trade(world), trade(world)]).toEqual([0n, 0n]);
        expect([trade(world), trade(world), trade(world)]).toEqual([FEE - ledgerFee, FEE - ledgerFee, FEE / 2n]);
        const { feesE8s, treasuryDueE8s, burnDueE8s } = world.state.trade.get();
        expect(feesE8s).toBe(5n * FEE);
        expect(treasuryDueE8s + burnDueE8s).toBeGreaterThanOrEqual(2n * (FEE - 100_000n));
    }
);

test('quotes name the market’s period, 0 before it opens', () => {
    const { state } = worldOf(S3_1000M, { opensInEpoch: 2n });
    const at = (epoch: bigint): bigint => marketPeriodAt(state, GENESIS_NS + epoch * ROUND_NS);
    expect([at(0n), at(1n), at(2n), at(5n)]).toEqual([0n, 0n, 1n, 4n]);
    expect(quoteTrade(state, PRICE, 0n)).toMatchObject({ feeE8s: FEE, buyerRewardE8s: 0n, burnedE8s: FEE });
    expect(quoteTrade(state, PRICE, 4n)).toMatchObject({ buyerRewardE8s: 4_444_444_444n });
    expect(factorsOfPeriod(state, 4n).tradeReward).toEqual({ num: 1n, den: 3n });
});

test('governance puts the opening to a coming epoch, until the market has traded', () => {
    const world = new World(S3_1000M, 1n);
    world.putNode(1, { wallet: PROVIDER });
    const opening = (opensInEpoch: bigint, fromEpoch = 2n) =>
        changeProfile(world.state, { fromEpoch, profile: withTrade(S3_1000M, { opensInEpoch }) }, 0n, world.nowNs);
    expect(opening(1n)).toMatchObject({ error: { code: 'InvalidArgument', detail: 'trade.opens_in_epoch' } });
    expectOk(opening(4n));
    expect(trade(world)).toBe(FEE - 100_000n);
    for (let round = 1; round < 4; round++) trade(world);
    expect(world.state.trade.get().rewardsE8s).toBe(2n * (FEE - 100_000n));
    world.nowNs = GENESIS_NS + 4n * ROUND_NS;
    expect(codeOf(opening(9n, 9n))).toBe('Immutable');
    expectOk(opening(4n, 9n));
});

test('F23: an epoch rewards no more than its limit, over all its rounds, and the next one begins anew', () => {
    for (const profile of [S2_2100M, S3_1000M]) {
        const world = new World(profile, 2n);
        addVersion(world.state, { fromEpoch: 0n, profile: withTrade(profile, { epochLimitE8s: FEE + 5n }) });
        world.putNode(1, { wallet: PROVIDER });
        const ledgerFee = profile.trade.source === 'fee' ? 100_000n : 0n;
        expect([trade(world), trade(world)]).toEqual([FEE - ledgerFee, 5n + ledgerFee]);
        expect([trade(world), trade(world)]).toEqual([FEE - ledgerFee, 5n + ledgerFee]);
    }
});

test('F23: a principal is rewarded no more in an epoch than its limit, as buyer and as provider together', () => {
    const world = worldOf(S2_2100M, { traderEpochLimitE8s: FEE / 4n });
    expect(trade(world, [BUYER, BUYER, principalOf(51)])).toBe(FEE / 2n);
    expect(world.state.accounts.get({ owner: BUYER })?.earnedE8s).toBe(FEE / 4n);
    expect(trade(world)).toBe(FEE / 4n);
    // Period 3: half of the fee, halved; the provider, who buys from himself, has one limit for both sides.
    expect(trade(world, [PROVIDER.owner])).toBe(FEE / 4n);
    expect(trade(world, [])).toBe(0n);
});

test('without limits nothing is counted', () => {
    const world = worldOf(S2_2100M);
    trade(world);
    expect([world.state.traders.size(), world.state.tradeEpoch.get().rewardsBeforeE8s]).toEqual([0, 0n]);
});

test('a token economy that an earlier version stored is read, without market rules', () => {
    const codec = codecOf(profileField);
    const before = codec.encode(S3_1000M);
    expect(codec.decode(before)).toEqual(S3_1000M);
    const limited = withTrade(S2_2100M, { opensInEpoch: 7n, epochLimitE8s: 3n, precision: 'seed_table' });
    expect(codec.decode(codec.encode(limited))).toEqual(limited);
    expect(codec.decode(withoutMarketRules(before))).toEqual(S3_1000M);
});

/** The bytes as the first schema had them: precision 0 or 1, and none of what follows it now. */
function withoutMarketRules(bytes: Uint8Array): Uint8Array {
    const tail = 1 + 8 + 1 + 1;
    const rest = codecOf(profileField).encode({ ...S3_1000M, trade: { ...S3_1000M.trade, opensInEpoch: 1n } });
    const at = bytes.findIndex((byte, index) => byte !== rest[index]) - 8;
    expect(bytes[at]).toBe(2);
    return Uint8Array.from([...bytes.slice(0, at), 0, ...bytes.slice(at + tail)]);
}
