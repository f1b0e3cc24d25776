import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { accountRow, unboundE8s } from '../../../canisters/rewards/domain/claims/accounts';
import { MAX_SETTLE_ITEMS, type RoundReport } from '../../../canisters/rewards/domain/settlement/settlement';
import { NO_PARTS, sumParts } from '../../../canisters/rewards/domain/state';
import { purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, GENESIS_NS, principalOf, ROUND_NS, World } from '../../model/rewards/world';

const EPOCH_ROUNDS = 12n;
const PERIOD_ROUNDS = 90n * EPOCH_ROUNDS;
const PRICE = 100_000_000_000n;
/** The reference nodes V, R, A, B of the scenarios and their wallets. */
const NODES = [1, 2, 3, 4];
const S2_WEIGHTS = [10_000_000_000n, 1_000_000_000n, 895_953_754n, 49_639_287n];

function worldWithNodes(profile?: World['profile']): World {
    const world = new World(profile);
    for (const n of NODES) world.putNode(n, { wallet: accountOf(100 + n) });
    return world;
}

function weightsOf(weights: readonly bigint[]): RoundReport['weights'] {
    return weights.map((weight, i) => ({ node: principalOf(i + 1), weight }));
}

function available(world: World, n: number): bigint {
    return sumParts(accountRow(world.state, accountOf(n)).available);
}

/** Settles empty rounds up to (not including) the given one. */
function skipTo(world: World, round: bigint): void {
    while (world.state.settlements.length() < round) expectOk(world.settle(world.report([])));
}

function trade(world: World, price = PRICE): RoundReport {
    return world.report(weightsOf([0n, 0n, 0n, 0n]), [
        { node: principalOf(1), buyer: principalOf(50), priceE8s: price }
    ]);
}

test('AS-14: a settled round credits the wallets and carries the dust', () => {
    const world = worldWithNodes();
    const settlement = expectOk(world.settle(world.report(weightsOf(S2_WEIGHTS))));
    expect(settlement).toMatchObject({ poolE8s: 6_000_000_000_000n, carryInE8s: 0n, carryOutE8s: 1n });
    expect(NODES.map((n) => available(world, 100 + n))).toEqual([
        5_022_772_816_223n,
        502_277_281_622n,
        450_017_216_018n,
        24_932_686_136n
    ]);
    expect(audit(world.state)).toMatchObject({ holds: true, complete: true });
});

test('AS-15: twelve settled rounds differ from one epoch by the carried dust', () => {
    const world = worldWithNodes();
    for (let round = 0; round < 12; round++) expectOk(world.settle(world.report(weightsOf(S2_WEIGHTS))));
    expect(NODES.map((n) => available(world, 100 + n))).toEqual([
        60_273_273_794_687n,
        6_027_327_379_464n,
        5_400_206_592_216n,
        299_192_233_632n
    ]);
    expect(world.state.emission.get()).toMatchObject({ emittedE8s: 72_000_000_000_000n, carryE8s: 1n });
});

test('AS-20: without weight the whole pool is carried into the next round', () => {
    const world = worldWithNodes(S3_1000M);
    expect(expectOk(world.settle(world.report(weightsOf([0n, 0n])))).carryOutE8s).toBe(416_666_666_666n);
    const next = expectOk(world.settle(world.report(weightsOf([1n]))));
    expect(next.poolE8s).toBe(833_333_333_332n);
    expect(available(world, 101)).toBe(833_333_333_332n);
    expect(world.state.shares.length(0n)).toBe(0n);
});

test('AS-26: rounds are settled strictly in order, and once', () => {
    const world = worldWithNodes();
    const report = world.report(weightsOf(S2_WEIGHTS));
    const settled = expectOk(world.settle(report));
    const balance = available(world, 101);
    expect(expectOk(world.settle(report))).toEqual(settled);
    expect(available(world, 101)).toBe(balance);
    expect(codeOf(world.settle({ ...report, sourceHash: Uint8Array.of(7) }))).toBe('AlreadySettled');
    expect(world.settle({ ...report, round: 2n })).toMatchObject({
        error: { code: 'WrongRound', detail: { expected: 1n } }
    });
});

test('AS-73: a round is settled only after its last nanosecond', () => {
    const world = worldWithNodes();
    const report = world.report(weightsOf(S2_WEIGHTS));
    world.nowNs = GENESIS_NS + ROUND_NS - 1n;
    expect(codeOf(world.settleOnly(report))).toBe('RoundNotEnded');
    world.nowNs += 1n;
    expect(codeOf(world.settleOnly(report))).toBe('Ok');
});

test('AS-27: a list that names a node twice or a stranger is refused whole', () => {
    const world = worldWithNodes();
    const [first] = weightsOf([5n]);
    const twice = world.report([...weightsOf([5n, 6n]), ...(first ? [first] : [])]);
    expect(world.settle(twice)).toMatchObject({ error: { code: 'DuplicateNode', detail: principalOf(1) } });
    const stranger = world.report([...weightsOf([5n]), { node: principalOf(9), weight: 1n }]);
    expect(world.settle(stranger)).toMatchObject({ error: { code: 'UnknownNode', detail: principalOf(9) } });
    const strangeTrade = world.report([], [{ node: principalOf(9), buyer: principalOf(50), priceE8s: PRICE }]);
    expect(codeOf(world.settle(strangeTrade))).toBe('UnknownNode');
    expect(world.state.settlements.length()).toBe(0n);
    expect(available(world, 101)).toBe(0n);
});

test('a list beyond the bound is refused', () => {
    const world = worldWithNodes();
    const weights = Array.from({ length: MAX_SETTLE_ITEMS + 1 }, () => ({ node: principalOf(1), weight: 1n }));
    expect(world.settle(world.report(weights))).toMatchObject({ error: { code: 'TooManyItems', detail: 1_000n } });
});

test('AS-55, AS-57: a trade in period 4 of s2', () => {
    const world = worldWithNodes();
    skipTo(world, 3n * PERIOD_ROUNDS);
    const tradingBefore = purseOf(world.state, 'trading');
    expectOk(world.settle(trade(world)));
    expect(accountRow(world.state, accountOf(50)).available).toEqual({ ...NO_PARTS, trading: 4_444_444_444n });
    expect(accountRow(world.state, accountOf(101)).available).toEqual({
        ...NO_PARTS,
        settlement: 80_000_000_000n,
        trading: 2_222_222_222n
    });
    expect(purseOf(world.state, 'trading').owedE8s - tradingBefore.owedE8s).toBe(6_666_666_666n);
    expect(world.state.trade.get()).toMatchObject({
        treasuryDueE8s: 20_000_000_000n - LEDGER_FEE_E8S,
        rewardsE8s: 6_666_666_666n,
        burnDueE8s: 0n
    });
    expect(audit(world.state).holds).toBe(true);
});

test('AS-58: a trade in period 4 of s3 pays its rewards from the fee and burns the rest', () => {
    const world = worldWithNodes(S3_1000M);
    skipTo(world, 3n * PERIOD_ROUNDS);
    expectOk(world.settle(trade(world)));
    expect(purseOf(world.state, 'trading').owedE8s).toBe(0n);
    expect(world.state.trade.get()).toMatchObject({
        treasuryDueE8s: 0n,
        burnDueE8s: 13_333_333_334n - LEDGER_FEE_E8S,
        rewardsE8s: 6_666_666_666n
    });
    world.drain();
    expect(world.state.trade.get()).toMatchObject({ burnDueE8s: 0n, burnedE8s: 13_333_333_334n - LEDGER_FEE_E8S });
    // The hub's transfer has burned its fee already: together exactly the rest of the fee.
    expect(world.ledger.burnedE8s).toBe(13_333_333_334n);
});

test('AS-61: in period 1 the whole fee returns to the buyer', () => {
    const world = worldWithNodes();
    expectOk(world.settle(trade(world)));
    expect(available(world, 50)).toBe(20_000_000_000n);
    expect(available(world, 101)).toBe(80_000_000_000n);
});

test('s3 in period 1: nothing is left of the fee, so the reward bears the ledger fee of the money that came', () => {
    const world = worldWithNodes(S3_1000M);
    expectOk(world.settle(trade(world)));
    expect(available(world, 50)).toBe(20_000_000_000n - LEDGER_FEE_E8S);
    expect(world.state.trade.get().burnDueE8s).toBe(0n);
    expect(audit(world.state).holds).toBe(true);
});

test('the money of trades must have come, and be the sum of their prices', () => {
    const world = worldWithNodes();
    world.nowNs = GENESIS_NS + ROUND_NS;
    const report = trade(world);
    expect(world.settleOnly(report)).toMatchObject({
        error: { code: 'MoneyMissing', detail: { expected_e8s: PRICE - LEDGER_FEE_E8S, found_e8s: 0n } }
    });
    expect(codeOf(world.settle({ ...report, moneyE8s: PRICE + 1n }))).toBe('MoneyMismatch');
    expect(codeOf(world.settle(trade(world, 4n * LEDGER_FEE_E8S)))).toBe('MoneyMismatch');
    expect(world.state.settlements.length()).toBe(0n);
});

test('money that came for one window cannot pay for another', () => {
    const world = worldWithNodes();
    expectOk(world.settle(trade(world)));
    world.nowNs += ROUND_NS;
    expect(codeOf(world.settleOnly(trade(world)))).toBe('MoneyMissing');
});

test('AS-36: a node without a wallet keeps its rewards until the first wallet is bound', () => {
    const world = new World();
    const node = world.putNode(1);
    expectOk(world.settle(world.report(weightsOf([1n]))));
    expect(unboundE8s(world.state, node)).toBe(6_000_000_000_000n);
    expect(audit(world.state).holds).toBe(true);
    world.putNode(1, { wallet: accountOf(101), version: 2n });
    expect(unboundE8s(world.state, node)).toBe(0n);
    expect(available(world, 101)).toBe(6_000_000_000_000n);
    expect(world.state.rewards.get(accountOf(101), 0n)).toMatchObject({ kind: 'held', amountE8s: 6_000_000_000_000n });
    world.putNode(1, { wallet: accountOf(102), version: 3n });
    expectOk(world.settle(world.report(weightsOf([1n]))));
    expect([available(world, 101), available(world, 102)]).toEqual([6_000_000_000_000n, 6_000_000_000_000n]);
    expect(audit(world.state).holds).toBe(true);
});

test('the directory ignores what is older than what it knows', () => {
    const world = new World();
    world.putNode(1, { wallet: accountOf(101), version: 5n });
    world.putNode(1, { wallet: accountOf(102), version: 5n });
    world.putNode(1, { version: 4n });
    expect(world.state.nodes.get(principalOf(1))?.wallet).toEqual(accountOf(101));
    expect(world.state.nodeIndex.length()).toBe(1n);
});

test('R2: the emission stops at the cap, and at what the purse still has', () => {
    const world = worldWithNodes();
    const totals = world.state.emission.get();
    const cap = world.profile.emission.capE8s;
    world.state.emission.set({ ...totals, emittedE8s: cap - 5n, assignedE8s: cap - 5n });
    expect(expectOk(world.settle(world.report(weightsOf([1n])))).emissionE8s).toBe(5n);
    expect(expectOk(world.settle(world.report(weightsOf([1n])))).emissionE8s).toBe(0n);
    expect(world.state.emission.get().emittedE8s).toBe(cap);
});

test('R7: rewards end when the programme is spent, and trades go on', () => {
    const world = worldWithNodes();
    const cap = world.profile.trade.capE8s;
    world.state.trade.set({ ...world.state.trade.get(), rewardsE8s: cap - 7n });
    expectOk(world.settle(trade(world)));
    expect([available(world, 50), available(world, 101)]).toEqual([7n, 80_000_000_000n]);
    expectOk(world.settle(trade(world)));
    expect([available(world, 50), available(world, 101)]).toEqual([7n, 160_000_000_000n]);
});

test('a history entry says for every credit what it was for', () => {
    const world = worldWithNodes();
    const report = { ...trade(world), weights: weightsOf([1n]) };
    expectOk(world.settle(report));
    const entries = [0n, 1n].map((i) => world.state.rewards.get(accountOf(101), i));
    expect(entries.map((entry) => entry && [entry.kind, entry.amountE8s])).toEqual([
        ['emission', 6_000_000_000_000n],
        ['compute_income', 80_000_000_000n]
    ]);
    expect(world.state.rewards.get(accountOf(50), 0n)).toMatchObject({ kind: 'buyer_reward', node: principalOf(1) });
});
