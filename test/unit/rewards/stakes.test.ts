import { startAttempt } from '../../../canisters/rewards/domain/transfers/attempts';
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { liveStake, stakeAccount } from '../../../canisters/rewards/domain/stakes/stake_book';
import { prepareStake, type StakeOrder } from '../../../canisters/rewards/domain/stakes/stakes';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../src/core/amount';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { accountOf, codeOf, expectOk, FAULTS, principalOf, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const STAKER = accountOf(70);
const MILLION = 1_000_000n * E8S_PER_EMC;
const E = 144_508_670n;
const COMPUTE_STAKE = 144_508_670_000n;

function worldWith(nodeClass: NodeClass, fundsE8s = 2n * MILLION): World {
    const world = new World();
    world.putNode(1, { class: nodeClass, wallet: accountOf(101), e: E });
    world.ledger.fund(STAKER, fundsE8s);
    world.ledger.approve(STAKER, world.self, 2n * MILLION);
    return world;
}

function order(amountE8s: bigint, termDays: bigint): StakeOrder {
    return { node: principalOf(1), staker: STAKER, amountE8s, termDays };
}

test('AS-37: validators stake at least 1,000,000 EMC for 360 days, routers 100,000 for 180', () => {
    const limits = [
        ['validator', MILLION, 360n],
        ['router', MILLION / 10n, 180n]
    ] as const;
    for (const [nodeClass, minimum, days] of limits) {
        const world = worldWith(nodeClass);
        expect(world.stake(order(minimum - 1n, days))).toMatchObject({
            error: { code: 'BelowMinimum', detail: { min_e8s: minimum } }
        });
        expect(world.stake(order(minimum, days - 1n))).toMatchObject({
            error: { code: 'TermTooShort', detail: { min_days: days } }
        });
        expect(codeOf(world.stake(order(minimum, 10_000n)))).toBe('InvalidTerm');
        expectOk(world.stake(order(minimum, days)));
        expect(liveStake(world.state, principalOf(1))).toMatchObject({ remainingE8s: minimum, phase: 'active' });
        expect(world.ledger.balanceOf(stakeAccount(world.self, principalOf(1)))).toBe(minimum);
    }
});

test('AS-53: a compute stake is 1000 times E, for one of the terms', () => {
    const world = worldWith('compute');
    for (const term of [0n, 6n, 45n, 181n]) expect(codeOf(world.stake(order(COMPUTE_STAKE, term)))).toBe('InvalidTerm');
    for (const amount of [COMPUTE_STAKE - 1n, COMPUTE_STAKE + 1n]) {
        expect(world.stake(order(amount, 30n))).toMatchObject({
            error: { code: 'WrongAmount', detail: { expected_e8s: COMPUTE_STAKE } }
        });
    }
    expectOk(world.stake(order(COMPUTE_STAKE, 30n)));
    expect(liveStake(world.state, principalOf(1))).toMatchObject({ eAtStakeE8: E, termDays: 30n });
});

test('AS-54: of two stakes for one node one succeeds, with one transfer', () => {
    const world = worldWith('compute');
    expectOk(world.stake(order(COMPUTE_STAKE, 30n), 'stopped'));
    expect(codeOf(world.stake(order(COMPUTE_STAKE, 90n)))).toBe('Busy');
    expect(codeOf(world.stake({ ...order(COMPUTE_STAKE, 30n), staker: accountOf(71) }))).toBe('Busy');
    expectOk(world.stake(order(COMPUTE_STAKE, 30n)));
    expect(codeOf(world.stake(order(COMPUTE_STAKE, 30n)))).toBe('AlreadyStaked');
    expect(world.ledger.blockCount()).toBe(1n);
    expect(world.state.stakedE8s.get()).toBe(COMPUTE_STAKE);
});

test('AS-54: while the first call waits for the ledger, the second one sends nothing', () => {
    const world = worldWith('compute');
    const id = expectOk(prepareStake(world.state, order(COMPUTE_STAKE, 30n), world.self, world.nowNs));
    expect(startAttempt(world.state, id, world.nowNs)).toBeDefined();
    expect(expectOk(world.stake(order(COMPUTE_STAKE, 30n)))).toBeUndefined();
    expect(world.ledger.blockCount()).toBe(0n);
});

test('a stake whose reply was lost exists once, after the same order or after the timer', () => {
    for (const fault of FAULTS) {
        for (const again of [true, false]) {
            const world = worldWith('compute');
            expectOk(world.stake(order(COMPUTE_STAKE, 30n), fault));
            if (again && fault !== 'none') expectOk(world.stake(order(COMPUTE_STAKE, 30n)));
            world.drain();
            expect(liveStake(world.state, principalOf(1))?.remainingE8s).toBe(COMPUTE_STAKE);
            expect(world.ledger.balanceOf(STAKER)).toBe(2n * MILLION - COMPUTE_STAKE - LEDGER_FEE_E8S);
            expect(world.state.stakedE8s.get()).toBe(COMPUTE_STAKE);
        }
    }
});

test('a refused pull frees the node for another order', () => {
    const poor = worldWith('compute', 5n);
    const refused = expectOk(poor.stake(order(COMPUTE_STAKE, 30n)));
    expect(refused?.state).toMatchObject({ kind: 'refused', refusal: { kind: 'insufficient_funds', balanceE8s: 5n } });
    poor.ledger.fund(STAKER, MILLION);
    poor.ledger.approve(STAKER, poor.self, COMPUTE_STAKE);
    expect(expectOk(poor.stake(order(COMPUTE_STAKE, 30n)))?.state).toMatchObject({
        kind: 'refused',
        refusal: { kind: 'insufficient_allowance', allowanceE8s: COMPUTE_STAKE }
    });
    poor.ledger.approve(STAKER, poor.self, COMPUTE_STAKE + LEDGER_FEE_E8S);
    expect(expectOk(poor.stake(order(COMPUTE_STAKE, 30n)))?.state.kind).toBe('done');
});

test('only known nodes with a wallet can be staked for, and never by nobody', () => {
    const world = worldWith('compute');
    expect(codeOf(world.stake({ ...order(COMPUTE_STAKE, 30n), node: principalOf(9) }))).toBe('UnknownNode');
    world.putNode(2, { e: E });
    expect(codeOf(world.stake({ ...order(COMPUTE_STAKE, 30n), node: principalOf(2) }))).toBe('NotBound');
    world.putNode(3, { wallet: accountOf(103), e: 0n });
    expect(codeOf(world.stake({ ...order(0n, 30n), node: principalOf(3) }))).toBe('InvalidArgument');
});

test('AS-52: a stake is paid back from the end of its term on, once, less one ledger fee (M1)', () => {
    const world = worldWith('compute');
    expectOk(world.stake(order(COMPUTE_STAKE, 30n)));
    const paid = world.ledger.balanceOf(STAKER);
    const endNs = world.nowNs + 30n * DAY_NS;
    world.nowNs += 29n * DAY_NS;
    expect(world.release(principalOf(1))).toMatchObject({ error: { code: 'NotMatured', detail: { end_ns: endNs } } });
    world.nowNs = endNs - 1n;
    expect(codeOf(world.release(principalOf(1)))).toBe('NotMatured');
    world.nowNs = endNs;
    expectOk(world.release(principalOf(1)));
    expect(world.ledger.balanceOf(STAKER)).toBe(paid + COMPUTE_STAKE - LEDGER_FEE_E8S);
    expect(codeOf(world.release(principalOf(1)))).toBe('AlreadyReleased');
    expect(liveStake(world.state, principalOf(1))).toBeUndefined();
    expect(world.state.stakedE8s.get()).toBe(0n);
    expect(audit(world.state).holds).toBe(true);
});

test('a release is paid once under every fault, and the node can be staked for again', () => {
    for (const fault of FAULTS) {
        for (const lateNs of [0n, 2n * DAY_NS]) {
            const world = worldWith('compute');
            expectOk(world.stake(order(COMPUTE_STAKE, 7n)));
            world.nowNs += 7n * DAY_NS;
            const before = world.ledger.balanceOf(STAKER);
            expectOk(world.release(principalOf(1), fault));
            world.nowNs += lateNs;
            world.drain();
            expect(world.ledger.balanceOf(STAKER)).toBe(before + COMPUTE_STAKE - LEDGER_FEE_E8S);
            expect(world.state.stakes.get(principalOf(1))?.phase).toBe('released');
            world.ledger.approve(STAKER, world.self, 2n * MILLION);
            expectOk(world.stake(order(COMPUTE_STAKE, 7n)));
            expect(liveStake(world.state, principalOf(1))?.phase).toBe('active');
        }
    }
});

test('a pull that stays unknown for a day is decided by the ledger’s log', () => {
    for (const fault of ['lost_reply', 'stopped'] as const) {
        const world = worldWith('compute');
        expectOk(world.stake(order(COMPUTE_STAKE, 30n), fault));
        world.nowNs += 2n * DAY_NS;
        world.tick();
        world.drain();
        expect(liveStake(world.state, principalOf(1))?.remainingE8s).toBe(COMPUTE_STAKE);
        expect(world.ledger.balanceOf(STAKER)).toBe(2n * MILLION - COMPUTE_STAKE - LEDGER_FEE_E8S);
    }
});
