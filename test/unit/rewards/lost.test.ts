import { nextSearch, takePage } from '../../../canisters/rewards/domain/transfers/lost';
import { transferRow } from '../../../canisters/rewards/domain/transfers/transfers';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import type { HistoryEntry, HistoryPage } from '../../../src/core/lost_transfers';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { accountOf, expectOk, principalOf, World } from '../../model/rewards/world';

const HOUR_NS = 3_600_000_000_000n;
const WALLET = accountOf(101);
const SHARE = 6_000_000_000_000n;

/** A payment of which nobody knows whether it happened, for longer than the ledger remembers. */
function lostPayment(fault: 'lost_reply' | 'stopped'): { world: World; id: bigint } {
    const world = new World();
    world.putNode(1, { wallet: WALLET });
    expectOk(world.settle(world.report([{ node: principalOf(1), weight: 1n }])));
    const claim = expectOk(world.request(WALLET));
    world.tick();
    expectOk(world.pay(claim, fault));
    const id = world.state.claims.get(claim)?.transferId ?? 0n;
    world.nowNs += 24n * HOUR_NS;
    world.send(id);
    expect(transferRow(world.state, id).intent.state.kind).toBe('lost');
    return { world, id };
}

function executionOf(world: World, id: bigint, change: Partial<HistoryEntry> = {}): HistoryEntry {
    const { from, to, amountE8s, memo, createdAtNs } = transferRow(world.state, id).intent.transfer;
    return { index: 7n, atNs: createdAtNs, from, to, amountE8s, memo, createdAtNs, ...change };
}

function pageOf(entries: readonly HistoryEntry[], oldestIndex = 0n): HistoryPage {
    const last = entries[entries.length - 1];
    return { entries, last: last && { index: last.index, atNs: last.atNs }, oldestIndex };
}

function take(world: World, page: HistoryPage): void {
    const search = nextSearch(world.state, world.nowNs);
    if (search === undefined) throw new Error('nothing is searched');
    takePage(world.state, search, page, world.nowNs);
}

const kindOf = (world: World, id: bigint): string => transferRow(world.state, id).intent.state.kind;

test('nothing is decided while the ledger could still execute the transfer', () => {
    const { world } = lostPayment('stopped');
    expect(nextSearch(world.state, world.nowNs)).toBeUndefined();
    world.nowNs += HOUR_NS;
    expect(nextSearch(world.state, world.nowNs + 1n)).toMatchObject({ account: WALLET });
});

test('the block that has exactly this transfer ends it', () => {
    const { world, id } = lostPayment('lost_reply');
    world.nowNs += 2n * HOUR_NS;
    take(world, pageOf([executionOf(world, id)]));
    expect(transferRow(world.state, id).intent.state).toEqual({ kind: 'done', blockIndex: 7n });
    expect(world.state.lost.get()).toEqual([]);
});

test('a block that only looks like it, which anybody can make, does not', () => {
    const lies: readonly Partial<HistoryEntry>[] = [
        { from: accountOf(66) },
        { to: accountOf(66) },
        { amountE8s: 1n },
        { memo: Uint8Array.of(1) },
        { memo: undefined },
        { createdAtNs: 1n },
        { createdAtNs: undefined },
        { to: undefined }
    ];
    for (const lie of lies) {
        const { world, id } = lostPayment('stopped');
        world.nowNs += 2n * HOUR_NS;
        take(world, pageOf([executionOf(world, id, lie)]));
        expect(kindOf(world, id)).toBe('lost');
        expect(nextSearch(world.state, world.nowNs)).toMatchObject({ id, start: 7n });
    }
});

test('a history without it, read to its date or to its beginning, opens it again under a new date', () => {
    const ends: readonly ((world: World, id: bigint) => HistoryPage)[] = [
        (world, id) => pageOf([executionOf(world, id, { from: accountOf(66), atNs: 5n })]),
        (world, id) => pageOf([executionOf(world, id, { from: accountOf(66) })], 7n),
        () => ({ entries: [] })
    ];
    for (const end of ends) {
        const { world, id } = lostPayment('stopped');
        world.nowNs += 2n * HOUR_NS;
        take(world, end(world, id));
        expect(transferRow(world.state, id).intent).toMatchObject({
            state: { kind: 'open', doubt: false },
            transfer: { createdAtNs: world.nowNs }
        });
        world.drain();
        expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
    }
});

test('blocks that have moved to an archive leave it undecided, and others go first', () => {
    const { world, id } = lostPayment('stopped');
    world.nowNs += 2n * HOUR_NS;
    take(world, { entries: [], oldestIndex: 0n });
    expect(kindOf(world, id)).toBe('lost');
    expect(world.state.lost.get()).toEqual([id]);
    expect(world.state.lostSearch.get()).toBeUndefined();
});

test('many pages of foreign transfers are read through', () => {
    for (const fault of ['lost_reply', 'stopped'] as const) {
        const { world, id } = lostPayment(fault);
        const before = world.ledger.balanceOf(WALLET);
        world.ledger.fund(accountOf(90), 100n * LEDGER_FEE_E8S);
        for (let n = 0n; n < 23n; n++) {
            const { transfer } = transferRow(world.state, id).intent;
            const dust = { ...transfer, from: accountOf(90), amountE8s: 1n, createdAtNs: world.nowNs + n };
            expect(world.ledger.transfer(accountOf(90).owner, dust, world.nowNs).kind).toBe('block');
        }
        world.nowNs += 2n * HOUR_NS;
        world.drain();
        expect(kindOf(world, id)).toBe('done');
        const paid = SHARE - LEDGER_FEE_E8S;
        expect(world.ledger.balanceOf(WALLET)).toBe((fault === 'stopped' ? before + paid : paid) + 23n);
    }
});

test('a stranger’s gift cannot hide a payment that happened', () => {
    const { world, id } = lostPayment('lost_reply');
    world.ledger.fund(purseAccount(world.self, 'payable'), SHARE);
    world.nowNs += 2n * HOUR_NS;
    world.drain();
    expect(kindOf(world, id)).toBe('done');
    expect(world.ledger.balanceOf(WALLET)).toBe(SHARE - LEDGER_FEE_E8S);
});
