/** What strangers can ask for without money must not stay in the tables. */
import { endAttempt, startAttempt } from '../../../canisters/rewards/domain/transfers/attempts';
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { holderAccount, holderRow, prepareHolderStake } from '../../../canisters/rewards/domain/holders/holders';
import { transferRow } from '../../../canisters/rewards/domain/transfers/transfers';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { INTERRUPTED_AFTER_NS } from '../../../src/core/transfer_intents';
import { S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, principalOf, World } from '../../model/rewards/world';

const E = 144_508_670n;
const COMPUTE_STAKE = 144_508_670_000n;
const AMOUNT = 10_000n * E8S_PER_EMC;
const RICH = accountOf(80);
const PULLS = 50;

function newWorld(): World {
    const world = new World(S3_1000M);
    world.putNode(1, { wallet: accountOf(101), e: E });
    world.ledger.fund(RICH, 100n * AMOUNT);
    world.ledger.approve(RICH, world.self, 100n * AMOUNT);
    return world;
}

/** Rows of every table that an order writes to, and the numbers that its logs have given out. */
function sizesOf({ state }: World): Record<string, bigint | number | undefined> {
    return {
        due: state.due.size(),
        inFlight: state.inFlight.get().length,
        stakes: state.stakes.size(),
        stakeIndex: state.stakeIndex.length(),
        holdings: state.holdings.size(),
        holderPending: state.holderPending.size(),
        nextTransfer: state.transfers.next(),
        lastTransfer: Number(state.transfers.get(state.transfers.next() - 1n)?.dueNs ?? 0n),
        nextHolderStake: state.holderStakes.next(),
        listed: state.holderStakesOf.length(principalOf(200)) + state.holderStakesOf.length(RICH.owner)
    };
}

test('refused pulls of node stakes, further deposits and holders’ stakes leave no row and use up no number', () => {
    const world = newWorld();
    expectOk(world.stake({ node: principalOf(1), staker: RICH, amountE8s: COMPUTE_STAKE, termDays: 30n }));
    expectOk(world.hold({ staker: RICH, amountE8s: AMOUNT, termDays: 30n }));
    world.putNode(2, { wallet: accountOf(102), e: E });
    const before = sizesOf(world);
    for (let n = 0; n < PULLS; n++) {
        const staker = { owner: principalOf(200), subaccount: new Uint8Array(32).fill(n + 1) };
        const order = { node: principalOf(2), staker, amountE8s: COMPUTE_STAKE, termDays: 30n };
        expect(expectOk(world.stake(order))?.state.kind).toBe('refused');
        expectOk(world.hold({ staker, amountE8s: AMOUNT, termDays: 30n }));
        world.ledger.approve(RICH, world.self, 0n);
        const topUp = { node: principalOf(1), staker: RICH, amountE8s: E8S_PER_EMC };
        expect(expectOk(world.topUp(topUp))?.state.kind).toBe('refused');
        world.nowNs += 1_000_000_000n;
    }
    expect(sizesOf(world)).toEqual(before);
    expect(audit(world.state).holds).toBe(true);
    world.ledger.approve(RICH, world.self, 100n * AMOUNT);
    expect(expectOk(world.hold({ staker: RICH, amountE8s: AMOUNT, termDays: 30n }))).toBe(1n);
});

test('M3: a pull whose outcome is unknown stays, and is taken when the ledger says that it had been made', () => {
    const world = newWorld();
    const id = expectOk(world.hold({ staker: RICH, amountE8s: AMOUNT, termDays: 30n }, 'lost_reply'));
    world.ledger.approve(RICH, world.self, 0n);
    expect(holderRow(world.state, id).phase).toBe('pending');
    const other = { owner: principalOf(200) };
    const refused = expectOk(world.hold({ staker: other, amountE8s: AMOUNT, termDays: 30n }));
    expect(refused).not.toBe(id);
    world.drain();
    expect(holderRow(world.state, id).phase).toBe('active');
    expect(world.ledger.balanceOf(holderAccount(world.self, id))).toBe(AMOUNT);
    expect(world.state.holderStakesOf.get(RICH.owner, 0n)).toBe(id);
});

test('a late answer to a call that was taken for interrupted says nothing about the order that has the number now', () => {
    const world = newWorld();
    const poor = { staker: { owner: principalOf(200) }, amountE8s: AMOUNT, termDays: 30n };
    const first = expectOk(prepareHolderStake(world.state, poor, world.self, world.nowNs));
    const { transferId } = holderRow(world.state, first);
    const late = startAttempt(world.state, transferId, world.nowNs)!;
    world.nowNs += INTERRUPTED_AFTER_NS;
    expect(world.send(transferId)?.state.kind).toBe('refused');
    const second = expectOk(world.hold({ staker: RICH, amountE8s: 2n * AMOUNT, termDays: 30n }, 'unsent'));
    expect(holderRow(world.state, second).transferId).toBe(transferId);
    const before = transferRow(world.state, transferId);
    endAttempt(world.state, late, { kind: 'block', index: 7n }, world.nowNs);
    expect(transferRow(world.state, transferId)).toEqual(before);
    expect(holderRow(world.state, second).phase).toBe('pending');
    world.drain();
    expect(holderRow(world.state, second).phase).toBe('active');
    expect(endAttempt(world.state, { ...late, id: 99n }, { kind: 'block', index: 7n }, world.nowNs).state.kind).toBe(
        'open'
    );
});

test('a stake that was ordered under an earlier version is listed once', () => {
    const world = newWorld();
    const id = expectOk(world.hold({ staker: RICH, amountE8s: AMOUNT, termDays: 30n }, 'unsent'));
    world.state.holderStakes.replace(id, { ...holderRow(world.state, id), startNs: 0n });
    world.state.holderStakesOf.append(RICH.owner, id);
    world.drain();
    expect(holderRow(world.state, id).phase).toBe('active');
    expect(world.state.holderStakesOf.length(RICH.owner)).toBe(1n);
});

test('while the ledger does not answer, only so many pulls wait', () => {
    const world = newWorld();
    const hold = (n: number) => {
        const subaccount = new Uint8Array(32);
        new DataView(subaccount.buffer).setUint32(0, n + 1);
        const order = { staker: { owner: principalOf(200), subaccount }, amountE8s: AMOUNT, termDays: 30n };
        return prepareHolderStake(world.state, order, world.self, world.nowNs);
    };
    for (let n = 0; n < 2_000; n++) expectOk(hold(n));
    const before = sizesOf(world);
    expect(codeOf(hold(2_000))).toBe('Busy');
    const order = { node: principalOf(1), staker: RICH, amountE8s: COMPUTE_STAKE, termDays: 30n };
    expect(codeOf(world.stake(order))).toBe('Busy');
    expect(sizesOf(world)).toEqual(before);
    world.drain();
    expect(world.state.due.size()).toBe(0);
    expectOk(world.stake(order));
});
