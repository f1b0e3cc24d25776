import { accountRow } from '../../../canisters/rewards/domain/claims/accounts';
import { MAX_IN_FLIGHT } from '../../../canisters/rewards/domain/transfers/attempts';
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { NO_PARTS, sumParts, type ClaimState } from '../../../canisters/rewards/domain/state';
import { BATCH_CLAIMS } from '../../../canisters/rewards/domain/claims/sync';
import { FEE_FLOAT_E8S, SWEEP_MINIMUM_E8S } from '../../../canisters/rewards/domain/treasury/treasury';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, FAULTS, principalOf, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const WALLET = accountOf(101);
/** V's share of an s3 round in AS-17. */
const SHARE = 412_459_578_960n;

/** One wallet that has exactly `amount` available. */
function worldWithBalance(amount: bigint, world = new World()): World {
    world.putNode(1, { wallet: WALLET });
    world.putNode(2);
    const pool = 6_000_000_000_000n;
    const weights = [amount, pool - amount].map((weight, i) => ({ node: principalOf(i + 1), weight }));
    expectOk(world.settle(world.report(weights)));
    expect(sumParts(accountRow(world.state, WALLET).available)).toBe(amount);
    return world;
}

function stateOf(world: World, claim: bigint): ClaimState | undefined {
    return world.state.claims.get(claim)?.state;
}

function syncedClaim(world: World): bigint {
    const claim = expectOk(world.request(WALLET));
    world.tick();
    expect(stateOf(world, claim)).toEqual({ kind: 'synced' });
    return claim;
}

test('AS-74: a claim is requested, synced, and paid once less one ledger fee', () => {
    const world = worldWithBalance(SHARE);
    const claim = expectOk(world.request(WALLET));
    expect(accountRow(world.state, WALLET)).toMatchObject({ available: NO_PARTS, inClaimsE8s: SHARE });
    expect(codeOf(world.pay(claim))).toBe('NotSynced');
    expect(world.request(WALLET)).toMatchObject({ error: { code: 'ClaimPending', detail: claim } });
    world.tick();
    expectOk(world.pay(claim));
    expect(stateOf(world, claim)).toEqual({ kind: 'paid', blockIndex: 1n, paidE8s: 412_459_478_960n });
    expect(world.ledger.balanceOf(WALLET)).toBe(412_459_478_960n);
    expect(world.pay(claim)).toMatchObject({ error: { code: 'AlreadyPaid', detail: { block_index: 1n } } });
    expect(codeOf(world.request(WALLET))).toBe('NothingToClaim');
    expect(accountRow(world.state, WALLET)).toMatchObject({ inClaimsE8s: 0n, paidE8s: SHARE, earnedE8s: SHARE });
    expect(audit(world.state).holds).toBe(true);
});

test('AS-74: less than 1 EMC cannot be claimed', () => {
    const world = worldWithBalance(99_999_999n);
    expect(world.request(WALLET)).toMatchObject({ error: { code: 'BelowMinimum', detail: { min_e8s: 100_000_000n } } });
    expect(codeOf(worldWithBalance(100_000_000n).request(WALLET))).toBe('Ok');
});

test('a part of the balance can be claimed, more than it cannot', () => {
    const world = worldWithBalance(SHARE);
    expect(codeOf(world.request(WALLET, SHARE + 1n))).toBe('InsufficientBalance');
    expect(codeOf(world.request(WALLET, 99_999_999n))).toBe('BelowMinimum');
    expectOk(world.request(WALLET, 100_000_000n));
    expect(sumParts(accountRow(world.state, WALLET).available)).toBe(SHARE - 100_000_000n);
});

test('AS-75: with the ledger stopped the claim fails retryably, and one retry pays exactly once', () => {
    const world = worldWithBalance(SHARE);
    const claim = syncedClaim(world);
    expectOk(world.pay(claim, 'stopped'));
    expect(stateOf(world, claim)).toEqual({ kind: 'failed', reason: 'stopped' });
    expect(accountRow(world.state, WALLET).inClaimsE8s).toBe(SHARE);
    expectOk(world.pay(claim));
    expect(stateOf(world, claim)).toMatchObject({ kind: 'paid', paidE8s: SHARE - LEDGER_FEE_E8S });
    expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
});

test('AS-75: when only the reply was lost, the retry learns the original block', () => {
    const world = worldWithBalance(SHARE);
    const claim = syncedClaim(world);
    expectOk(world.pay(claim, 'lost_reply'));
    expect(stateOf(world, claim)?.kind).toBe('failed');
    const blocks = world.ledger.blockCount();
    expectOk(world.pay(claim));
    expect(stateOf(world, claim)).toMatchObject({ kind: 'paid', blockIndex: blocks - 1n });
    expect(world.ledger.blockCount()).toBe(blocks);
    expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
});

test('an upgrade in the middle of a payment leaves a retryable claim with the same identity', () => {
    for (const fault of ['upgrade_before', 'upgrade_after'] as const) {
        const world = worldWithBalance(SHARE);
        const claim = syncedClaim(world);
        expectOk(world.pay(claim, fault));
        expect(stateOf(world, claim)).toEqual({ kind: 'failed', reason: 'interrupted' });
        const before = world.state.claims.get(claim)?.transferId ?? -1n;
        const identity = world.state.transfers.get(before)?.intent.transfer;
        expectOk(world.pay(claim));
        expect(world.state.transfers.get(before)?.intent.transfer).toEqual(identity);
        expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
    }
});

test('the timer pays a failed claim by itself', () => {
    for (const fault of FAULTS) {
        const world = worldWithBalance(SHARE);
        const claim = syncedClaim(world);
        expectOk(world.pay(claim, fault));
        world.drain();
        expect(stateOf(world, claim)?.kind).toBe('paid');
        expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
    }
});

test('a payment that stays unknown for more than a day is decided by the ledger’s log', () => {
    for (const fault of ['lost_reply', 'stopped'] as const) {
        const world = worldWithBalance(SHARE);
        const claim = syncedClaim(world);
        const blocks = world.ledger.blockCount();
        expectOk(world.pay(claim, fault));
        world.nowNs += 2n * DAY_NS;
        world.tick();
        world.drain();
        expect(stateOf(world, claim)).toEqual({
            kind: 'paid',
            blockIndex: blocks,
            paidE8s: SHARE - LEDGER_FEE_E8S
        });
        expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
        expect(audit(world.state).holds).toBe(true);
    }
});

test('a cancelled claim gives the balance back, wherever the money lies by then', () => {
    const world = worldWithBalance(SHARE);
    const first = expectOk(world.request(WALLET));
    expect(codeOf(world.cancel(first, principalOf(77)))).toBe('Unauthorized');
    expectOk(world.cancel(first, WALLET.owner));
    expect(accountRow(world.state, WALLET).available).toEqual({ ...NO_PARTS, node: SHARE });
    const second = syncedClaim(world);
    expectOk(world.cancel(second, WALLET.owner));
    expect(accountRow(world.state, WALLET).available).toEqual({ ...NO_PARTS, payable: SHARE });
    expect(codeOf(world.pay(second))).toBe('Cancelled');
    const third = syncedClaim(world);
    expectOk(world.pay(third));
    expect(codeOf(world.cancel(third, WALLET.owner))).toBe('NotCancellable');
    expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
    expect(audit(world.state).holds).toBe(true);
});

test('a claim whose money is on its way cannot be cancelled', () => {
    const world = worldWithBalance(SHARE);
    const claim = expectOk(world.request(WALLET));
    world.tick(() => 'stopped');
    expect(codeOf(world.cancel(claim, WALLET.owner))).toBe('InProgress');
    world.drain();
    expect(stateOf(world, claim)).toEqual({ kind: 'synced' });
});

test('one transfer per purse syncs all claims that wait, and the purse bears its fee', () => {
    const world = new World();
    const wallets = [1, 2, 3].map((n) => {
        world.putNode(n, { wallet: accountOf(100 + n) });
        return accountOf(100 + n);
    });
    expectOk(world.settle(world.report([1, 2, 3].map((n) => ({ node: principalOf(n), weight: 1n })))));
    wallets.forEach((wallet) => expectOk(world.request(wallet)));
    world.tick();
    expect(world.ledger.blockCount()).toBe(1n);
    const moved = 6_000_000_000_000n;
    expect(purseOf(world.state, 'payable')).toMatchObject({ bookedE8s: moved, owedE8s: moved });
    expect(purseOf(world.state, 'node')).toMatchObject({
        bookedE8s: 42_000_000_000_000_000n - moved - LEDGER_FEE_E8S,
        owedE8s: 0n,
        heldE8s: 0n,
        feesPaidE8s: LEDGER_FEE_E8S
    });
    expect(world.purseBalance('node')).toBe(purseOf(world.state, 'node').bookedE8s);
});

test('more claims than one batch takes are synced batch by batch', () => {
    const world = new World();
    const count = BATCH_CLAIMS + 3;
    const nodes = Array.from({ length: count }, (_, i) => world.putNode(i + 1, { wallet: accountOf(1_000 + i) }));
    expectOk(world.settle(world.report(nodes.map((node) => ({ node, weight: 1n })))));
    nodes.forEach((_, i) => expectOk(world.request(accountOf(1_000 + i))));
    world.tick();
    const synced = (): number => nodes.filter((_, i) => stateOf(world, BigInt(i))?.kind === 'synced').length;
    expect(synced()).toBe(BATCH_CLAIMS);
    world.tick();
    expect(synced()).toBe(count);
});

test('a purse without a free e8 for the ledger fee gets a float from the treasury first', () => {
    const world = new World(S3_1000M);
    world.putNode(1, { wallet: WALLET });
    const price = 1_000_000_000n;
    expectOk(world.settle(world.report([], [{ node: principalOf(1), buyer: principalOf(50), priceE8s: price }])));
    const treasury = purseOf(world.state, 'treasury').bookedE8s;
    const claim = expectOk(world.request(WALLET));
    world.tick();
    expect(stateOf(world, claim)).toEqual({ kind: 'requested' });
    world.tick();
    expect(stateOf(world, claim)).toEqual({ kind: 'synced' });
    expect(purseOf(world.state, 'treasury').bookedE8s).toBe(treasury - FEE_FLOAT_E8S - LEDGER_FEE_E8S);
    expectOk(world.pay(claim));
    expect(world.ledger.balanceOf(WALLET)).toBe(800_000_000n - LEDGER_FEE_E8S);
    expect(audit(world.state).holds).toBe(true);
});

test('the income of the treasury is swept when it is worth a transfer, to the last e8', () => {
    const world = new World();
    world.putNode(1, { wallet: WALLET });
    const sell = (priceE8s: bigint): void => {
        const sale = { node: principalOf(1), buyer: principalOf(50), priceE8s };
        expectOk(world.settle(world.report([], [sale])));
    };
    sell(5n * (SWEEP_MINIMUM_E8S + LEDGER_FEE_E8S) - 5n);
    world.tick();
    expect(world.state.trade.get()).toMatchObject({ treasuryDueE8s: SWEEP_MINIMUM_E8S - 1n, treasurySweptE8s: 0n });
    sell(5n * (LEDGER_FEE_E8S + 1n));
    world.tick();
    const swept = SWEEP_MINIMUM_E8S - FEE_FLOAT_E8S - LEDGER_FEE_E8S;
    expect(world.state.trade.get()).toMatchObject({ treasuryDueE8s: FEE_FLOAT_E8S, treasurySweptE8s: swept });
    expect(world.purseBalance('treasury')).toBe(48_300_000_000_000_000n + swept);
    expect(purseOf(world.state, 'settlement').bookedE8s).toBe(
        world.ledger.balanceOf(purseAccount(world.self, 'settlement'))
    );
});

test('while as many calls are under way as may be, a claim is refused as Busy and stays as it was', () => {
    const world = worldWithBalance(SHARE);
    const claim = syncedClaim(world);
    const transfers = world.state.transfers.length();
    world.state.inFlight.set(Array.from({ length: MAX_IN_FLIGHT }, (_, i) => 1_000n + BigInt(i)));
    expect(codeOf(world.pay(claim))).toBe('Busy');
    expect(stateOf(world, claim)).toEqual({ kind: 'synced' });
    expect(world.state.transfers.length()).toBe(transfers);
    world.state.inFlight.set([]);
    expectOk(world.pay(claim));
    expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
});
