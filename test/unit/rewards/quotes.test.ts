import { takeDeposit } from '../../../canisters/rewards/domain/treasury/deposits';
import {
    factorsOfPeriod,
    marketPeriodAt,
    quoteNodeStake,
    quoteTrade
} from '../../../canisters/rewards/domain/profiles/quotes';
import { changeProfile } from '../../../canisters/rewards/domain/profiles/profile_change';
import { freeE8s, purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { expectOk, GENESIS_NS, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const PRICE = 100_000_000_000n;

test('AS-55, AS-57, AS-58: a quote of 1,000 EMC in period 4 under both profiles', () => {
    const split = { feeE8s: 20_000_000_000n, buyerRewardE8s: 4_444_444_444n, providerRewardE8s: 2_222_222_222n };
    expect(quoteTrade(new World(S2_2100M).state, PRICE, 4n)).toMatchObject({
        ...split,
        treasuryE8s: 20_000_000_000n,
        burnedE8s: 0n
    });
    expect(quoteTrade(new World(S3_1000M).state, PRICE, 4n)).toMatchObject({
        ...split,
        treasuryE8s: 0n,
        burnedE8s: 13_333_333_334n
    });
});

test('a quote ends with the programme: behind the cap nothing is rewarded', () => {
    const { state } = new World(S2_2100M);
    state.trade.set({ ...state.trade.get(), rewardsE8s: S2_2100M.trade.capE8s - 5n });
    const { buyerRewardE8s, providerRewardE8s } = quoteTrade(state, PRICE, 1n);
    expect([buyerRewardE8s, providerRewardE8s]).toEqual([5n, 0n]);
});

test('factors of a period are exact', () => {
    expect(factorsOfPeriod(new World(S2_2100M).state, 7n)).toEqual({
        emission: { num: 1n, den: 13n },
        tradeReward: { num: 1n, den: 13n },
        tradeBuyer: { num: 8n, den: 13n }
    });
    const { emission } = factorsOfPeriod(new World(S3_1000M).state, 2n);
    expect((450_000_000_000_000n * emission.num) / emission.den).toBe(322_288_006_111_535n);
});

test('AS-07: periods change with the day', () => {
    const { state } = new World();
    const at = (days: bigint, seconds = 0n): bigint => marketPeriodAt(state, GENESIS_NS + days * DAY_NS + seconds);
    expect([at(90n, -1n), at(90n), at(180n)]).toEqual([1n, 2n, 3n]);
});

test('AS-53: what a compute node must stake, and what that weighs', () => {
    const { state } = new World();
    const order = { class: 'compute', eValueE8: 144_508_670n, termDays: 90n } as const;
    expect(quoteNodeStake(state, order, GENESIS_NS)).toEqual({
        requiredE8s: 144_508_670_000n,
        minimumDays: 7n,
        termsDays: [7n, 30n, 90n, 180n],
        weight: 895_953_754n,
        slashE8s: 66_902_162n,
        slashWindowS: 3_600n,
        powerE8s: 156_551_059_166n
    });
    const validator = { class: 'validator', eValueE8: 0n, termDays: 360n, amountE8s: 2n * 10n ** 14n } as const;
    expect(quoteNodeStake(state, validator, GENESIS_NS)).toMatchObject({
        requiredE8s: 10n ** 14n,
        weight: 20_000_000_000n,
        slashE8s: 11_570_000_000n
    });
});

test('quotes of later periods follow the version that will be in force', () => {
    const world = new World();
    const trade = { ...S2_2100M.trade, fee: { num: 10n, den: 100n } };
    expectOk(changeProfile(world.state, { fromEpoch: 90n, profile: { ...S2_2100M, trade } }, 0n, world.nowNs));
    expect(quoteTrade(world.state, PRICE, 1n).feeE8s).toBe(20_000_000_000n);
    expect(quoteTrade(world.state, PRICE, 2n).feeE8s).toBe(10_000_000_000n);
});

test('F8: what somebody sends to the treasury is income, and 5 % of it are the stakers’', () => {
    const world = new World(S3_1000M);
    const before = purseOf(world.state, 'treasury').bookedE8s;
    world.ledger.fund(purseAccount(world.self, 'treasury'), 1_000n * E8S_PER_EMC);
    world.observeAll();
    world.observeAll();
    expect(purseOf(world.state, 'treasury').bookedE8s).toBe(before + 1_000n * E8S_PER_EMC);
    expect(world.state.treasuryLedger.get(0n)).toMatchObject({ kind: 'deposit', amountE8s: 1_000n * E8S_PER_EMC });
    expect(world.state.treasuryLedger.length()).toBe(1n);
    const pool = world.purseBalance('staking');
    world.tick();
    expect(world.purseBalance('staking')).toBe(pool + 50n * E8S_PER_EMC);
});

test('a gift to the staking pool can be paid out, one to another purse is left alone', () => {
    const world = new World(S3_1000M);
    const free = freeE8s(world.state, 'staking');
    takeDeposit(world.state, 'staking', world.purseBalance('staking') + 5n, world.nowNs);
    takeDeposit(world.state, 'node', world.purseBalance('node') + 5n, world.nowNs);
    takeDeposit(world.state, 'staking', world.purseBalance('staking') - 5n, world.nowNs);
    expect(freeE8s(world.state, 'staking')).toBe(free + 5n);
    expect(purseOf(world.state, 'node').bookedE8s).toBe(world.purseBalance('node'));
});
