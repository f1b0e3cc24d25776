import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { slash, type SlashOrder } from '../../../canisters/rewards/domain/stakes/slashing';
import { holdingOf, missingE8s, stakeAccount } from '../../../canisters/rewards/domain/stakes/stake_book';
import { renewStake } from '../../../canisters/rewards/domain/stakes/stake_terms';
import type { StakeRow } from '../../../canisters/rewards/domain/state';
import { purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../src/core/amount';
import type { NodeClass, TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, FAULTS, principalOf, World, type Fault } from '../../model/rewards/world';

const MINUTE_NS = 60_000_000_000n;
const DAY_NS = 1_440n * MINUTE_NS;
const NODE = principalOf(1);
const STAKER = accountOf(70);
const emc = (amount: bigint): bigint => amount * E8S_PER_EMC;
const STAKES = { validator: emc(1_000_000n), router: emc(100_000n), compute: 144_508_670_000n };
const TERMS = { validator: 360n, router: 180n, compute: 30n };
const E_VALUE = 144_508_670n;

function staked(nodeClass: NodeClass, profile: TokenomicsProfile = S2_2100M, fault: Fault = 'none'): World {
    const world = new World(profile);
    world.putNode(1, { class: nodeClass, wallet: accountOf(101), e: E_VALUE });
    world.ledger.fund(STAKER, emc(3_000_000n));
    world.ledger.approve(STAKER, world.self, emc(3_000_000n));
    const order = { node: NODE, staker: STAKER, amountE8s: STAKES[nodeClass], termDays: TERMS[nodeClass] };
    expectOk(world.stake(order, fault));
    return world;
}

/** A stake whose money nobody knows to have come. */
const pending = (nodeClass: NodeClass): World => staked(nodeClass, S2_2100M, 'stopped');

function stakeOf(world: World): StakeRow {
    const stake = world.state.stakes.get(NODE);
    if (stake === undefined) throw new Error('no stake');
    return stake;
}

const late = (windows: bigint, id = 1n): SlashOrder => ({
    node: NODE,
    case: id,
    windows,
    reason: 'liveness',
    all: false
});
const impeached = (id: bigint): SlashOrder => ({ node: NODE, case: id, windows: 0n, reason: 'impeachment', all: true });

function deduct(world: World, order: SlashOrder): { slashedE8s: bigint; remainingE8s: bigint } {
    return expectOk(slash(world.state, order, world.nowNs));
}

function expectSound(world: World): void {
    expect(audit(world.state).checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(world.ledger.balanceOf(stakeAccount(world.self, NODE))).toBe(world.bookedFor(NODE));
}

/** Lets the next epoch begin and the sweep of the one before end. */
function sweep(world: World): void {
    world.nowNs += DAY_NS;
    world.tick();
}

test('AS-43: two windows of a validator cost it 231.4 EMC, which the treasury gets', () => {
    const world = staked('validator');
    world.nowNs += 125n * MINUTE_NS;
    expect(deduct(world, late(2n))).toMatchObject({ slashedE8s: 23_140_000_000n, remainingE8s: 99_976_860_000_000n });
    expect(holdingOf(world.state, NODE).dueE8s).toBe(23_140_000_000n);
    expect(world.state.stakedE8s.get()).toBe(99_976_860_000_000n);
    const treasury = world.purseBalance('treasury');
    sweep(world);
    expect(world.purseBalance('treasury')).toBe(treasury + 23_140_000_000n - LEDGER_FEE_E8S);
    expect(purseOf(world.state, 'treasury').bookedE8s).toBe(world.purseBalance('treasury'));
    expect(world.state.treasuryLedger.get(0n)).toMatchObject({
        kind: 'slash',
        incoming: true,
        amountE8s: 23_139_900_000n
    });
    expectSound(world);
});

test('AS-44: a router pays 3.86 EMC per window', () => {
    const world = staked('router');
    world.nowNs += 25n * MINUTE_NS;
    expect(deduct(world, late(2n)).remainingE8s).toBe(9_999_228_000_000n);
    world.nowNs += 35n * MINUTE_NS;
    expect(deduct(world, late(4n, 2n)).remainingE8s).toBe(10_000_000_000_000n - 2_316_000_000n);
    expectSound(world);
});

test('a case is charged once, whatever comes again under its number', () => {
    const world = staked('validator');
    world.nowNs += 600n * MINUTE_NS;
    const first = deduct(world, late(2n, 7n));
    expect(deduct(world, late(2n, 7n))).toEqual(first);
    expect(deduct(world, late(5n, 7n))).toEqual(first);
    expect(stakeOf(world)).toMatchObject({ windowsCharged: 2n, slashedE8s: 23_140_000_000n });
});

test('no more windows are charged than the term has had, and none after its end', () => {
    const world = staked('validator');
    world.nowNs += 125n * MINUTE_NS;
    expect(deduct(world, late(50n)).slashedE8s).toBe(23_140_000_000n);
    expect(deduct(world, late(1n, 2n)).slashedE8s).toBe(0n);
    expect(deduct(staked('router'), late(3n)).slashedE8s).toBe(0n);
});

test('AS-46: a compute stake loses its hourly part of the first deposit, down to nothing', () => {
    const world = staked('compute');
    world.nowNs += 60n * MINUTE_NS;
    expect(deduct(world, late(1n)).slashedE8s).toBe(200_706_486n);
    world.nowNs += 29n * DAY_NS;
    const rest = deduct(world, late(10_000n, 2n));
    expect(rest.slashedE8s).toBe(200_706_486n * 696n);
    expectSound(world);
});

test('AS-48: without a window of the state machine nothing is deducted', () => {
    const world = staked('validator');
    world.nowNs += 10n * DAY_NS;
    expect(deduct(world, late(0n))).toMatchObject({ slashedE8s: 0n, remainingE8s: STAKES.validator });
});

test('AS-49: impeachment forfeits all that is left, and nothing is released at the end of the term', () => {
    const world = staked('validator');
    world.nowNs += 60n * MINUTE_NS;
    deduct(world, late(1n));
    expect(deduct(world, impeached(2n))).toMatchObject({ slashedE8s: 99_988_430_000_000n, remainingE8s: 0n });
    expect(stakeOf(world)).toMatchObject({ phase: 'forfeited', forfeitedE8s: 99_988_430_000_000n });
    const treasury = world.purseBalance('treasury');
    sweep(world);
    expect(world.purseBalance('treasury')).toBe(treasury + STAKES.validator - LEDGER_FEE_E8S);
    world.nowNs += 400n * DAY_NS;
    expect(codeOf(world.release(NODE))).toBe('Forfeited');
    const again = { node: NODE, staker: STAKER, amountE8s: STAKES.validator, termDays: 360n };
    expect(codeOf(world.stake(again))).toBe('Forfeited');
    expect(codeOf(slash(world.state, late(1n, 3n), world.nowNs))).toBe('NoStake');
    expect(deduct(world, impeached(2n)).slashedE8s).toBe(99_988_430_000_000n);
    expectSound(world);
});

test('AS-70: the staking pool gets 5 % of what was deducted, to the last e8', () => {
    const world = staked('validator', S3_1000M);
    world.nowNs += 125n * MINUTE_NS;
    deduct(world, late(2n));
    const [treasury, pool] = [world.purseBalance('treasury'), world.purseBalance('staking')];
    sweep(world);
    world.tick();
    expect(world.purseBalance('staking')).toBe(pool + 1_157_000_000n);
    expect(world.purseBalance('treasury')).toBe(treasury + 23_140_000_000n - 1_157_000_000n - 2n * LEDGER_FEE_E8S);
    expect(world.state.income.get()).toEqual({
        incomeE8s: 23_140_000_000n,
        stakingDueE8s: 0n,
        stakingFedE8s: 1_157_000_000n
    });
    expectSound(world);
});

test('deductions are swept once per epoch and once under every fault', () => {
    for (const fault of FAULTS) {
        const world = staked('validator');
        world.nowNs += 125n * MINUTE_NS;
        deduct(world, late(1n));
        const treasury = world.purseBalance('treasury');
        world.nowNs += DAY_NS;
        world.tick(() => fault);
        deduct(world, late(1n, 2n));
        world.drain();
        expect(world.purseBalance('treasury')).toBe(treasury + 11_570_000_000n - LEDGER_FEE_E8S);
        expect(holdingOf(world.state, NODE)).toMatchObject({ dueE8s: 11_570_000_000n, sweepingE8s: 0n });
        expectSound(world);
    }
});

test('a sweep that stays unknown for a day is decided by the ledger’s log', () => {
    for (const fault of ['lost_reply', 'stopped'] as const) {
        const world = staked('validator');
        world.nowNs += 125n * MINUTE_NS;
        deduct(world, late(2n));
        world.nowNs += DAY_NS;
        const treasury = world.purseBalance('treasury');
        world.tick(() => fault);
        world.nowNs += 2n * DAY_NS;
        world.drain();
        expect(world.purseBalance('treasury')).toBe(treasury + 23_140_000_000n - LEDGER_FEE_E8S);
        expectSound(world);
    }
});

test('AS-51: a validator renews once, for at least 180 days, before the end', () => {
    const world = staked('validator');
    const start = stakeOf(world).startNs;
    world.nowNs = start + 359n * DAY_NS;
    const renew = (days: bigint) => renewStake(world.state, NODE, days, STAKER.owner, world.nowNs);
    expect(renew(179n)).toMatchObject({ error: { code: 'RenewalTooShort', detail: { min_days: 180n } } });
    expect(codeOf(renewStake(world.state, NODE, 180n, principalOf(9), world.nowNs))).toBe('Unauthorized');
    expect(expectOk(renew(180n)).endNs).toBe(start + 540n * DAY_NS);
    expect(codeOf(renew(180n))).toBe('RenewalUsed');
    world.nowNs = start + 360n * DAY_NS;
    world.tick();
    expect(stakeOf(world).phase).toBe('active');
    expect(codeOf(world.release(NODE))).toBe('NotMatured');
    world.nowNs = start + 540n * DAY_NS;
    world.tick();
    expect(stakeOf(world).phase).toBe('released');
});

test('AS-51: a router renews any number of times, for at least 90 days', () => {
    const world = staked('router');
    const renew = (days: bigint) => renewStake(world.state, NODE, days, STAKER.owner, world.nowNs);
    expect(codeOf(renew(89n))).toBe('RenewalTooShort');
    for (const times of [1n, 2n, 3n]) {
        expect(expectOk(renew(90n)).endNs).toBe(stakeOf(world).startNs + (180n + times * 90n) * DAY_NS);
    }
    expect(codeOf(renew(4_000n))).toBe('InvalidTerm');
    world.nowNs += 450n * DAY_NS;
    expect(codeOf(renew(90n))).toBe('TermEnded');
});

test('a compute stake is renewed by its own term', () => {
    const world = staked('compute');
    const renew = (days: bigint) => renewStake(world.state, NODE, days, STAKER.owner, world.nowNs);
    expect(codeOf(renew(7n))).toBe('InvalidTerm');
    expect(codeOf(renew(90n))).toBe('InvalidTerm');
    expect(expectOk(renew(30n)).endNs).toBe(stakeOf(world).startNs + 60n * DAY_NS);
});

test('AS-51: after a deduction the stake is under-collateralised until it is topped up', () => {
    const world = staked('validator');
    world.nowNs += 60n * MINUTE_NS;
    deduct(world, late(1n));
    const { state } = world;
    expect(missingE8s(state, stakeOf(world))).toBe(11_570_000_000n);
    expect(renewStake(state, NODE, 180n, STAKER.owner, world.nowNs)).toMatchObject({
        error: { code: 'UnderCollateralised', detail: { missing_e8s: 11_570_000_000n } }
    });
    const order = { node: NODE, staker: STAKER, amountE8s: 11_570_000_000n };
    expect(codeOf(world.topUp({ ...order, staker: accountOf(71) }))).toBe('Unauthorized');
    expect(codeOf(world.topUp({ ...order, amountE8s: 99_999_999n }))).toBe('BelowMinimum');
    expectOk(world.topUp(order));
    expect(stakeOf(world)).toMatchObject({ remainingE8s: STAKES.validator, toppedUpE8s: 11_570_000_000n });
    expect(missingE8s(state, stakeOf(world))).toBe(0n);
    expectOk(renewStake(state, NODE, 180n, STAKER.owner, world.nowNs));
    expectSound(world);
});

test('a deposit is taken once under every fault', () => {
    for (const fault of FAULTS) {
        const world = staked('router');
        const before = world.ledger.balanceOf(STAKER);
        const order = { node: NODE, staker: STAKER, amountE8s: emc(5n) };
        expectOk(world.topUp(order, fault));
        if (fault !== 'none') expect(codeOf(world.topUp({ ...order, amountE8s: emc(6n) }))).toBe('Busy');
        if (fault !== 'none') expectOk(world.topUp(order));
        world.drain();
        expect(world.ledger.balanceOf(STAKER)).toBe(before - emc(5n) - LEDGER_FEE_E8S);
        expect(stakeOf(world).remainingE8s).toBe(STAKES.router + emc(5n));
        expectSound(world);
    }
});

test('a deposit that arrives after the impeachment has the fate of the stake', () => {
    const world = staked('router');
    expectOk(world.topUp({ node: NODE, staker: STAKER, amountE8s: emc(5n) }, 'lost_reply'));
    deduct(world, impeached(1n));
    world.drain();
    expect(stakeOf(world)).toMatchObject({ phase: 'forfeited', forfeitedE8s: STAKES.router + emc(5n) });
    expectSound(world);
});

test('a refused deposit leaves the stake as it was', () => {
    const world = staked('router');
    world.ledger.approve(STAKER, world.self, 0n);
    const refused = expectOk(world.topUp({ node: NODE, staker: STAKER, amountE8s: emc(5n) }));
    expect(refused?.state).toMatchObject({ kind: 'refused', refusal: { kind: 'insufficient_allowance' } });
    expect(stakeOf(world).toppedUpE8s).toBe(0n);
    world.ledger.approve(STAKER, world.self, emc(100n));
    expectOk(world.topUp({ node: NODE, staker: STAKER, amountE8s: emc(6n) }));
    expectSound(world);
});

test('A.1.2: the timer releases a stake when its term ends, less what was deducted', () => {
    const world = staked('compute');
    world.nowNs += 60n * MINUTE_NS;
    deduct(world, late(1n));
    const before = world.ledger.balanceOf(STAKER);
    world.nowNs = stakeOf(world).endNs - 1n;
    world.tick();
    expect(stakeOf(world).phase).toBe('active');
    world.nowNs += 1n;
    world.tick();
    expect(world.ledger.balanceOf(STAKER)).toBe(before + STAKES.compute - 200_706_486n - LEDGER_FEE_E8S);
    expect(stakeOf(world)).toMatchObject({ phase: 'released', releasedE8s: STAKES.compute - 200_706_486n });
    sweep(world);
    expectSound(world);
});

test('a forfeiture waits for a stake whose money may still arrive, and then takes it', () => {
    const world = pending('compute');
    expect(codeOf(slash(world.state, impeached(9n), world.nowNs))).toBe('TemporarilyUnavailable');
    expect(codeOf(slash(world.state, late(1n, 8n), world.nowNs))).toBe('NoStake');
    world.drain();
    expect(deduct(world, impeached(9n))).toMatchObject({ slashedE8s: STAKES.compute, remainingE8s: 0n });
    sweep(world);
    expectSound(world);
});

test('a release waits while deductions are on their way to the treasury, and then comes by itself', () => {
    const world = staked('compute');
    world.nowNs += 60n * MINUTE_NS;
    deduct(world, late(1n));
    world.nowNs = stakeOf(world).endNs - 1_000_000_000n;
    world.tick(() => 'lost_reply');
    world.nowNs += 1_000_000_000n;
    expect(codeOf(world.release(NODE))).toBe('InProgress');
    world.drain();
    world.drain();
    expect(stakeOf(world).phase).toBe('released');
    expectSound(world);
});
