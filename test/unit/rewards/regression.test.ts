/** M1 … M16 of domain.md B.1: the defects of the first canister, each with a test that we do not have it. */
import { accountRow } from '../../../canisters/rewards/domain/claims/accounts';
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { prepareStake } from '../../../canisters/rewards/domain/stakes/stakes';
import { liveStake, stakeAccount } from '../../../canisters/rewards/domain/stakes/stake_book';
import { NO_PARTS, sumParts } from '../../../canisters/rewards/domain/state';
import { freeE8s, purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { openState } from '../../../canisters/rewards/storage';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { MemoryTables } from '../../../src/core/table';
import { epochAmount } from '../../../src/core/tokenomics/emission';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { S2_2100M } from '../../../src/core/tokenomics/profiles';
import { eValueE8 } from '../../../src/core/tokenomics/weights';
import { accountOf, codeOf, expectOk, principalOf, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const E = 144_508_670n;
const STAKE = 144_508_670_000n;
const ROUND = 6_000_000_000_000n;
const STAKER = accountOf(70);
const WALLET = accountOf(101);
const NODE = principalOf(1);

function worldWithNode(): World {
    const world = new World(S2_2100M);
    world.putNode(1, { wallet: WALLET, e: E });
    world.ledger.fund(STAKER, 10n * STAKE);
    world.ledger.approve(STAKER, world.self, 10n * STAKE);
    return world;
}

const order = (termDays = 30n, amountE8s = STAKE) => ({ node: NODE, staker: STAKER, amountE8s, termDays });
const earn = (world: World) => expectOk(world.settle(world.report([{ node: NODE, weight: 1n }])));
const available = (world: World, wallet = WALLET): bigint => sumParts(accountRow(world.state, wallet).available);

test('M1: a stake is locked before its end and free after it', () => {
    const world = worldWithNode();
    expectOk(world.stake(order()));
    world.nowNs += 30n * DAY_NS - 1n;
    expect(codeOf(world.release(NODE))).toBe('NotMatured');
    world.nowNs += 1n;
    expectOk(world.release(NODE));
});

test('M2: terms that are none and amounts that are not the required one are refused', () => {
    const world = worldWithNode();
    expect(codeOf(world.stake(order(45n)))).toBe('InvalidTerm');
    expect(codeOf(world.stake(order(30n, STAKE - 1n)))).toBe('WrongAmount');
    expect(codeOf(world.stake(order(30n, 1n)))).toBe('WrongAmount');
});

test('M3: the reward of a day decays over all periods before it', () => {
    const days = [3n, 4n, 5n].map((period) => epochAmount(S2_2100M.emission, period));
    expect(days).toEqual([36_000_000_000_000n, 24_000_000_000_000n, 14_400_000_000_000n]);
});

test('M4: a round credits once, however often and by whomever it is settled', () => {
    const world = worldWithNode();
    const report = world.report([{ node: NODE, weight: 1n }]);
    expectOk(world.settle(report));
    for (let again = 0; again < 3; again++) expectOk(world.settle(report));
    expect(available(world)).toBe(ROUND);
    expect(world.ledger.blockCount()).toBe(0n);
});

test('M5: validators and routers are paid in a round without compute nodes', () => {
    const world = worldWithNode();
    world.putNode(2, { class: 'validator', wallet: accountOf(102) });
    world.putNode(3, { class: 'router', wallet: accountOf(103) });
    expectOk(world.settle(world.report([10n, 1n].map((weight, i) => ({ node: principalOf(i + 2), weight })))));
    expect([102, 103].map((n) => available(world, accountOf(n)))).toEqual([5_454_545_454_545n, 545_454_545_454n]);
});

test('M6: a payment that failed is made again, by itself', () => {
    const world = worldWithNode();
    earn(world);
    const claim = expectOk(world.request(WALLET));
    world.tick();
    expectOk(world.pay(claim, 'stopped'));
    expect(world.ledger.balanceOf(WALLET)).toBe(0n);
    world.drain();
    expect(world.ledger.balanceOf(WALLET)).toBe(ROUND - LEDGER_FEE_E8S);
});

test('M7: what division leaves over is in the next pool', () => {
    const world = worldWithNode();
    for (const n of [2, 3]) world.putNode(n, { wallet: accountOf(100 + n) });
    const weights = [3n, 3n, 1n].map((weight, i) => ({ node: principalOf(i + 1), weight }));
    const first = expectOk(world.settle(world.report(weights)));
    expect(first.carryOutE8s).toBeGreaterThan(0n);
    expect(expectOk(world.settle(world.report(weights))).poolE8s).toBe(ROUND + first.carryOutE8s);
});

test('M8: of two orders for one node that wait at once, one takes money', () => {
    const world = worldWithNode();
    const first = expectOk(prepareStake(world.state, order(), world.self, world.nowNs));
    expect(codeOf(prepareStake(world.state, { ...order(), staker: accountOf(71) }, world.self, world.nowNs))).toBe(
        'Busy'
    );
    expect(expectOk(prepareStake(world.state, order(), world.self, world.nowNs))).toBe(first);
    world.drain();
    expect(world.ledger.balanceOf(stakeAccount(world.self, NODE))).toBe(STAKE);
    expect(world.ledger.blockCount()).toBe(1n);
});

test('M9: a weight of nothing divides nothing by zero', () => {
    const world = worldWithNode();
    expect(eValueE8(S2_2100M.weights, 0n)).toBe(15_000_000_000n);
    expect(expectOk(world.settle(world.report([{ node: NODE, weight: 0n }]))).carryOutE8s).toBe(ROUND);
    expect(expectOk(world.settle(world.report([]))).carryOutE8s).toBe(2n * ROUND);
});

test('M10: a single participant is enough for a round to be paid', () => {
    const world = worldWithNode();
    earn(world);
    expect(available(world)).toBe(ROUND);
});

test('M11: all state is in the tables: opened again, it is all there', () => {
    const tables = new MemoryTables();
    const world = new World(S2_2100M, 12n, tables);
    world.putNode(1, { wallet: WALLET, e: E });
    world.ledger.fund(STAKER, 2n * STAKE);
    world.ledger.approve(STAKER, world.self, 2n * STAKE);
    expectOk(world.stake(order()));
    earn(world);
    expectOk(world.request(WALLET, 500_000_000n));
    const opened = openState(tables.reopened());
    expect(audit(opened)).toEqual(audit(world.state));
    expect(liveStake(opened, NODE)).toEqual(liveStake(world.state, NODE));
    expect(accountRow(opened, WALLET)).toEqual(accountRow(world.state, WALLET));
});

test('M12: no proof makes more of a node than the least time allows', () => {
    expect(eValueE8(S2_2100M.weights, 1n)).toBe(eValueE8(S2_2100M.weights, 100n));
});

test('M13: a wallet can be changed, for what comes after', () => {
    const world = worldWithNode();
    earn(world);
    world.putNode(1, { wallet: accountOf(102), e: E, version: 2n });
    earn(world);
    expect([available(world), available(world, accountOf(102))]).toEqual([ROUND, ROUND]);
});

test('M14: ledger fees are in the books, which never drift from the ledger', () => {
    const world = worldWithNode();
    earn(world);
    const claim = expectOk(world.request(WALLET));
    world.tick();
    expectOk(world.pay(claim));
    expect(world.ledger.balanceOf(WALLET) + LEDGER_FEE_E8S).toBe(ROUND);
    for (const purse of ['node', 'payable', 'treasury'] as const) {
        expect(world.purseBalance(purse)).toBe(purseOf(world.state, purse).bookedE8s);
    }
    expect(purseOf(world.state, 'node').feesPaidE8s).toBe(LEDGER_FEE_E8S);
});

test('M15: facts of a node that nobody registered are nobody’s: its name cannot be staked for or paid', () => {
    const world = worldWithNode();
    const stranger = principalOf(9);
    expect(codeOf(world.stake({ ...order(), node: stranger }))).toBe('UnknownNode');
    expect(codeOf(world.settle(world.report([{ node: stranger, weight: 1n }])))).toBe('UnknownNode');
    expect(accountRow(world.state, WALLET).available).toEqual(NO_PARTS);
});

test('M16: what is owed and staked lies apart from what governance can spend', () => {
    const world = worldWithNode();
    expectOk(world.stake(order()));
    earn(world);
    expect(freeE8s(world.state, 'node')).toBe(S2_2100M.emission.capE8s - ROUND);
    const purses = ['developer', 'treasury', 'node', 'payable'] as const;
    const accounts = [...purses.map((purse) => purseAccount(world.self, purse)), stakeAccount(world.self, NODE)];
    const names = new Set(accounts.map(({ subaccount }) => String(subaccount)));
    expect(names.size).toBe(accounts.length);
    expect(world.ledger.balanceOf(stakeAccount(world.self, NODE))).toBe(STAKE);
});
