/** The stake of an accused node stays where it is while the case is open (C.1 `file_impeachment`), whenever it was made. */
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { setDispute, slash, type SlashOrder } from '../../../canisters/rewards/domain/stakes/slashing';
import { disputeOf } from '../../../canisters/rewards/domain/stakes/stake_book';
import type { StakeRow } from '../../../canisters/rewards/domain/state';
import { accountOf, codeOf, expectOk, principalOf, World, type Fault } from '../../model/rewards/world';

const NODE = principalOf(1);
const STAKER = accountOf(70);
const STAKE_E8S = 144_508_670_000n;
const IMPEACHED: SlashOrder = { node: NODE, case: 9n, windows: 0n, reason: 'impeachment', all: true };

/** A compute node that nobody has staked for, and a staker with the money. */
function bound(): World {
    const world = new World();
    world.putNode(1, { wallet: accountOf(101), e: 144_508_670n });
    world.ledger.fund(STAKER, 2n * STAKE_E8S);
    world.ledger.approve(STAKER, world.self, 2n * STAKE_E8S);
    return world;
}

function stakeFor(world: World, fault: Fault = 'none'): World {
    expectOk(world.stake({ node: NODE, staker: STAKER, amountE8s: STAKE_E8S, termDays: 30n }, fault));
    return world;
}

function stakeOf(world: World): StakeRow {
    const stake = world.state.stakes.get(NODE);
    expect(stake).toBeDefined();
    return stake!;
}

test('a stake under dispute is not released until the case is closed, and then by itself', () => {
    const world = stakeFor(bound());
    expectOk(setDispute(world.state, NODE, 5n, true, world.nowNs));
    expectOk(setDispute(world.state, NODE, 5n, true, world.nowNs));
    expect(codeOf(setDispute(world.state, NODE, 6n, true, world.nowNs))).toBe('UnderDispute');
    world.nowNs = stakeOf(world).endNs;
    world.tick();
    expect(world.release(NODE)).toMatchObject({ error: { code: 'UnderDispute', detail: 5n } });
    expectOk(setDispute(world.state, NODE, 6n, false, world.nowNs));
    expect(disputeOf(world.state, NODE)).toBe(5n);
    expectOk(setDispute(world.state, NODE, 5n, false, world.nowNs));
    world.tick();
    expect(stakeOf(world).phase).toBe('released');
});

test('a stake that is made while the case is open is held, too, until the case is closed', () => {
    const world = bound();
    expectOk(setDispute(world.state, NODE, 5n, true, world.nowNs));
    stakeFor(world);
    expect(disputeOf(world.state, NODE)).toBe(5n);
    world.nowNs = stakeOf(world).endNs;
    world.tick();
    expect(world.release(NODE)).toMatchObject({ error: { code: 'UnderDispute', detail: 5n } });
    expect(stakeOf(world).phase).toBe('active');
    expectOk(setDispute(world.state, NODE, 5n, false, world.nowNs));
    world.drain();
    expect(stakeOf(world).phase).toBe('released');
    expect(world.state.disputes.size()).toBe(0);
});

test('a stake that is made while the case is open is forfeited with the verdict', () => {
    const world = bound();
    expectOk(setDispute(world.state, NODE, 9n, true, world.nowNs));
    stakeFor(world);
    const forfeited = expectOk(slash(world.state, IMPEACHED, world.nowNs));
    expect(forfeited).toMatchObject({ slashedE8s: STAKE_E8S, remainingE8s: 0n });
    expect(world.state.disputes.size()).toBe(0);
    expect(audit(world.state).holds).toBe(true);
});

test('the verdict ends the hold of a node that has no stake', () => {
    const world = bound();
    expectOk(setDispute(world.state, NODE, 9n, true, world.nowNs));
    expect(codeOf(slash(world.state, IMPEACHED, world.nowNs))).toBe('NoStake');
    expect(disputeOf(world.state, NODE)).toBeUndefined();
});

test('a hold that an earlier version kept in the stake goes on, and ends with its case', () => {
    const world = stakeFor(bound());
    world.state.stakes.set(NODE, { ...stakeOf(world), disputedBy: 5n });
    world.nowNs = stakeOf(world).endNs;
    world.tick();
    expect(codeOf(world.release(NODE))).toBe('UnderDispute');
    expect(codeOf(setDispute(world.state, NODE, 6n, true, world.nowNs))).toBe('UnderDispute');
    expectOk(setDispute(world.state, NODE, 5n, false, world.nowNs));
    world.tick();
    expect(stakeOf(world).phase).toBe('released');
});

test('a stake whose money is on its way when the case opens is held, too, and earnings stay claimable', () => {
    const world = stakeFor(bound(), 'stopped');
    expectOk(setDispute(world.state, NODE, 5n, true, world.nowNs));
    world.drain();
    expect(stakeOf(world)).toMatchObject({ phase: 'active' });
    expect(disputeOf(world.state, NODE)).toBe(5n);
    world.nowNs = stakeOf(world).endNs;
    expect(codeOf(world.release(NODE))).toBe('UnderDispute');
    expectOk(setDispute(world.state, NODE, 5n, false, world.nowNs));
    world.drain();
    expect(stakeOf(world).phase).toBe('released');
});
