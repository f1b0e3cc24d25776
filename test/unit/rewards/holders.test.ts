import { changeProfile } from '../../../canisters/rewards/domain/profiles/profile_change';
import { holderAccount, holderRow } from '../../../canisters/rewards/domain/holders/holders';
import { powerNow } from '../../../canisters/rewards/domain/governance/power';
import { changePurse, freeE8s, purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../src/core/amount';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, FAULTS, principalOf, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const HOLDER = accountOf(80);
const FUNDS = 100_000n * E8S_PER_EMC;
const AMOUNT = 10_000n * E8S_PER_EMC;
const REWARD_30D = 2_250_000_000n;

function worldWithHolder(): World {
    const world = new World(S3_1000M);
    world.ledger.fund(HOLDER, FUNDS);
    world.ledger.approve(HOLDER, world.self, FUNDS);
    return world;
}

const order = (termDays = 30n, amountE8s = AMOUNT) => ({ staker: HOLDER, amountE8s, termDays });
const balance = (world: World): bigint => world.ledger.balanceOf(HOLDER);

/** Leaves the staking pool with so much that is free. */
function leaveInPool(world: World, amountE8s: bigint): void {
    const away = freeE8s(world.state, 'staking') - amountE8s;
    changePurse(world.state, 'staking', { bookedE8s: -away });
    world.ledger.fund(purseAccount(world.self, 'staking'), -away);
}

function fillPool(world: World, amountE8s: bigint): void {
    changePurse(world.state, 'staking', { bookedE8s: amountE8s });
    world.ledger.fund(purseAccount(world.self, 'staking'), amountE8s);
}

test('AS-68: at the end of the term principal and reward are paid in one transfer, and not before', () => {
    const world = worldWithHolder();
    const id = expectOk(world.hold(order()));
    expect(holderRow(world.state, id)).toMatchObject({ phase: 'active', rewardE8s: REWARD_30D });
    expect(world.ledger.balanceOf(holderAccount(world.self, id))).toBe(AMOUNT);
    const endNs = world.nowNs + 30n * DAY_NS;
    world.nowNs = world.nowNs + 29n * DAY_NS;
    expect(world.withdraw(id, HOLDER.owner)).toMatchObject({
        error: { code: 'NotMatured', detail: { end_ns: endNs } }
    });
    world.nowNs = endNs;
    expect(codeOf(world.withdraw(id, principalOf(5)))).toBe('Unauthorized');
    const before = balance(world);
    expectOk(world.withdraw(id, HOLDER.owner));
    expect(balance(world)).toBe(before);
    expectOk(world.withdraw(id, HOLDER.owner));
    expect(balance(world)).toBe(before + AMOUNT + REWARD_30D - LEDGER_FEE_E8S);
    expect(codeOf(world.withdraw(id, HOLDER.owner))).toBe('AlreadyWithdrawn');
    expect(world.state.holders.get()).toEqual({ heldE8s: 0n, rewardsPaidE8s: REWARD_30D, owedE8s: 0n });
    expect(world.purseBalance('staking')).toBe(purseOf(world.state, 'staking').bookedE8s);
});

test('AS-68: terms are the tiers of the profile, amounts have a minimum, and one order waits at a time', () => {
    const world = worldWithHolder();
    expect(codeOf(world.hold(order(60n)))).toBe('InvalidTerm');
    expect(codeOf(world.hold(order(30n, 999_999_999n)))).toBe('BelowMinimum');
    expect(codeOf(world.hold({ ...order(), staker: { owner: principalOf(0) } }))).toBe('Ok');
    const id = expectOk(world.hold(order(), 'stopped'));
    expect(codeOf(world.hold(order(90n)))).toBe('Busy');
    expect(expectOk(world.hold(order()))).toBe(id);
    expect(expectOk(world.hold(order()))).not.toBe(id);
    const none = new World(S2_2100M);
    expect(codeOf(none.hold(order()))).toBe('InvalidTerm');
});

test('AS-68: a change of the rates does not touch stakes that exist', () => {
    const world = worldWithHolder();
    const id = expectOk(world.hold(order()));
    const tiers = S3_1000M.stakingTiers.map((tier) => ({ ...tier, aprBasisPoints: 1n }));
    const profile = { ...S3_1000M, stakingTiers: tiers };
    expectOk(changeProfile(world.state, { fromEpoch: 1n, profile }, 0n, world.nowNs));
    expectOk(world.hold(order(90n)));
    world.nowNs += 30n * DAY_NS;
    const later = expectOk(world.hold(order(90n)));
    expect(holderRow(world.state, id).rewardE8s).toBe(REWARD_30D);
    expect(holderRow(world.state, id + 1n).rewardE8s).toBe(7_875_000_000n);
    expect(holderRow(world.state, later).rewardE8s).toBe(25_000_000n);
});

test('with a short pool the principal is paid with a part of the reward, and the rest is owed and paid later', () => {
    const world = worldWithHolder();
    const id = expectOk(world.hold(order()));
    leaveInPool(world, REWARD_30D / 2n + LEDGER_FEE_E8S);
    world.nowNs += 30n * DAY_NS;
    const before = balance(world);
    expectOk(world.withdraw(id, HOLDER.owner));
    world.drain();
    expect(balance(world)).toBe(before + AMOUNT + REWARD_30D / 2n - LEDGER_FEE_E8S);
    expect(world.state.holders.get().owedE8s).toBe(REWARD_30D / 2n);
    expect(world.withdraw(id, HOLDER.owner)).toMatchObject({
        error: { code: 'PoolShort', detail: { owed_e8s: REWARD_30D / 2n } }
    });
    fillPool(world, REWARD_30D);
    expectOk(world.withdraw(id, HOLDER.owner));
    expect(balance(world)).toBe(before + AMOUNT + REWARD_30D - 2n * LEDGER_FEE_E8S);
    expect(codeOf(world.withdraw(id, HOLDER.owner))).toBe('AlreadyWithdrawn');
    expect(world.state.holders.get()).toEqual({ heldE8s: 0n, rewardsPaidE8s: REWARD_30D, owedE8s: 0n });
});

test('with an empty pool the principal is paid all the same', () => {
    const world = worldWithHolder();
    const id = expectOk(world.hold(order()));
    leaveInPool(world, LEDGER_FEE_E8S);
    world.nowNs += 30n * DAY_NS;
    const before = balance(world);
    expectOk(world.withdraw(id, HOLDER.owner));
    expect(balance(world)).toBe(before + AMOUNT - LEDGER_FEE_E8S);
    expect(world.state.holders.get().owedE8s).toBe(REWARD_30D);
});

test('each transfer of a stake happens once under every fault, also when the answer stays away for days', () => {
    for (const fault of FAULTS) {
        for (const lateNs of [0n, 2n * DAY_NS]) {
            const world = worldWithHolder();
            const id = expectOk(world.hold(order(), fault));
            world.nowNs += lateNs;
            world.drain();
            expect(balance(world)).toBe(FUNDS - AMOUNT - LEDGER_FEE_E8S);
            world.nowNs = holderRow(world.state, id).endNs;
            expectOk(world.withdraw(id, HOLDER.owner, fault));
            world.nowNs += lateNs;
            if (fault === 'none') expectOk(world.withdraw(id, HOLDER.owner, fault));
            world.drain();
            expect(balance(world)).toBe(FUNDS + REWARD_30D - 2n * LEDGER_FEE_E8S);
            expect(holderRow(world.state, id)).toMatchObject({ phase: 'withdrawn', rewardPaidE8s: REWARD_30D });
            expect(world.ledger.balanceOf(holderAccount(world.self, id))).toBe(0n);
            expect(world.purseBalance('staking')).toBe(purseOf(world.state, 'staking').bookedE8s);
        }
    }
});

test('a refused order frees the account and leaves nothing, so that its number is free, too', () => {
    const world = worldWithHolder();
    world.ledger.approve(HOLDER, world.self, 0n);
    const id = expectOk(world.hold(order()));
    expect(codeOf(world.withdraw(id, HOLDER.owner))).toBe('NotFound');
    world.ledger.approve(HOLDER, world.self, FUNDS);
    expect(expectOk(world.hold(order()))).toBe(id);
});

test('a stake gives voting power from its first to its last day', () => {
    const world = worldWithHolder();
    const id = expectOk(world.hold(order(1_080n)));
    expect(powerNow(world.state, HOLDER.owner)).toBe(2n * AMOUNT);
    expectOk(world.hold(order(360n)));
    expect(powerNow(world.state, HOLDER.owner)).toBe(2n * AMOUNT + (AMOUNT * 4n) / 3n);
    world.nowNs += 1_080n * DAY_NS;
    expectOk(world.withdraw(id, HOLDER.owner));
    expect(powerNow(world.state, HOLDER.owner)).toBe((AMOUNT * 4n) / 3n);
});
