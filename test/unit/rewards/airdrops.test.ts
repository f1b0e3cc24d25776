import type { AirdropClaim } from '../../../canisters/rewards/domain/airdrops/airdrops';
import { closeAirdrops, createAirdrop } from '../../../canisters/rewards/domain/airdrops/airdrops';
import type { AirdropList, AirdropOrder } from '../../../canisters/rewards/domain/airdrops/airdrop_rows';
import { freeE8s, purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { airdropProof, airdropRoot, type AirdropEntry } from '../../../src/core/governance/airdrop';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../src/core/amount';
import { accountOf, codeOf, expectOk, FAULTS, GENESIS_NS, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const POOL = 10_500_000_000_000_000n;
const BATCH = 875_000_000_000_000n;
const ENTRIES: readonly AirdropEntry[] = [1, 2, 3, 4, 5].map((n) => ({
    account: accountOf(90 + n),
    amountE8s: BigInt(n) * E8S_PER_EMC
}));
const TOTAL = 15n * E8S_PER_EMC;
const BY_ROOT: AirdropList = { kind: 'root', root: airdropRoot(ENTRIES), count: 5n };
const BY_LIST: AirdropList = { kind: 'entries', entries: ENTRIES };

function order(list: AirdropList, change: Partial<AirdropOrder> = {}): AirdropOrder {
    return { class: 'node', totalE8s: TOTAL, expiresNs: GENESIS_NS + 30n * DAY_NS, list, ...change };
}

const create = (world: World, one: AirdropOrder) => createAirdrop(world.state, one, 0n, world.nowNs);

function claimOf(airdrop: bigint, index: number, change: Partial<AirdropClaim> = {}): AirdropClaim {
    const entry = ENTRIES[index];
    if (entry === undefined) throw new Error('no entry');
    return { airdrop, index: BigInt(index), ...entry, proof: airdropProof(ENTRIES, index), ...change };
}

function expectBooksOfLedger(world: World): void {
    expect(world.purseBalance('airdrop')).toBe(purseOf(world.state, 'airdrop').bookedE8s);
    expect(freeE8s(world.state, 'airdrop') >= 0n).toBe(true);
}

test.each([
    ['root', BY_ROOT],
    ['list', BY_LIST]
])('AS-85: a place in an airdrop by %s is paid once, and nothing else is', (_, list) => {
    const world = new World();
    const id = expectOk(create(world, order(list)));
    expect(purseOf(world.state, 'airdrop').owedE8s).toBe(TOTAL);
    expect(codeOf(world.claimAirdrop(claimOf(id, 1, { amountE8s: 3n * E8S_PER_EMC })))).toBe('InvalidProof');
    expect(codeOf(world.claimAirdrop(claimOf(id, 1, { account: accountOf(70) })))).toBe('InvalidProof');
    expect(codeOf(world.claimAirdrop(claimOf(id, 1, { index: 2n })))).toBe('InvalidProof');
    expect(codeOf(world.claimAirdrop(claimOf(9n, 1)))).toBe('NotFound');
    expectOk(world.claimAirdrop(claimOf(id, 1)));
    expect(codeOf(world.claimAirdrop(claimOf(id, 1)))).toBe('AlreadyClaimed');
    expect(world.ledger.balanceOf(accountOf(92))).toBe(2n * E8S_PER_EMC - LEDGER_FEE_E8S);
    expect(world.state.airdrops.get(id)).toMatchObject({ claimedE8s: 2n * E8S_PER_EMC, claims: 1n });
    expect(purseOf(world.state, 'airdrop')).toMatchObject({
        bookedE8s: POOL - 2n * E8S_PER_EMC,
        owedE8s: 13n * E8S_PER_EMC
    });
    expectBooksOfLedger(world);
});

test('AS-85: a wallet in two classes can claim in both', () => {
    const world = new World();
    const node = expectOk(create(world, order(BY_ROOT)));
    const trader = expectOk(create(world, order(BY_ROOT, { class: 'trader' })));
    expectOk(world.claimAirdrop(claimOf(node, 0)));
    expectOk(world.claimAirdrop(claimOf(trader, 0)));
    expect(world.ledger.balanceOf(accountOf(91))).toBe(2n * (E8S_PER_EMC - LEDGER_FEE_E8S));
});

test('AS-85: the pool has twelve batches and no thirteenth', () => {
    const world = new World();
    for (let batch = 0; batch < 12; batch++) expectOk(create(world, order(BY_ROOT, { totalE8s: BATCH })));
    expect(create(world, order(BY_ROOT, { totalE8s: BATCH }))).toMatchObject({
        error: { code: 'PoolExhausted', detail: { free_e8s: 0n } }
    });
});

test('R10: a list that promises more than the total pays no more than the total', () => {
    const world = new World();
    const id = expectOk(create(world, order(BY_ROOT, { totalE8s: 8n * E8S_PER_EMC })));
    expectOk(world.claimAirdrop(claimOf(id, 4)));
    expect(codeOf(world.claimAirdrop(claimOf(id, 3)))).toBe('Exhausted');
    expectOk(world.claimAirdrop(claimOf(id, 2)));
    expect(codeOf(world.claimAirdrop(claimOf(id, 0)))).toBe('Exhausted');
    expect(world.state.airdrops.get(id)?.claimedE8s).toBe(8n * E8S_PER_EMC);
    expectBooksOfLedger(world);
});

test('after its end nothing is claimed, and what was not goes back to the pool', () => {
    const world = new World();
    const id = expectOk(create(world, order(BY_ROOT)));
    expectOk(world.claimAirdrop(claimOf(id, 0), 'lost_reply'));
    world.nowNs = GENESIS_NS + 30n * DAY_NS;
    expect(codeOf(world.claimAirdrop(claimOf(id, 1)))).toBe('Expired');
    closeAirdrops(world.state, world.nowNs);
    closeAirdrops(world.state, world.nowNs);
    expect(purseOf(world.state, 'airdrop').owedE8s).toBe(E8S_PER_EMC);
    expect(codeOf(world.claimAirdrop(claimOf(id, 1)))).toBe('Expired');
    world.drain();
    expect(purseOf(world.state, 'airdrop')).toMatchObject({ owedE8s: 0n, bookedE8s: POOL - E8S_PER_EMC });
    expectBooksOfLedger(world);
});

test('a place is paid once under every fault, also when the answer stays away for days', () => {
    for (const fault of FAULTS) {
        for (const lateNs of [0n, 2n * DAY_NS]) {
            const world = new World();
            const id = expectOk(create(world, order(BY_LIST)));
            expectOk(world.claimAirdrop(claimOf(id, 2), fault));
            world.nowNs += lateNs;
            expect(codeOf(world.claimAirdrop(claimOf(id, 2)))).toBe('AlreadyClaimed');
            world.drain();
            expect(world.ledger.balanceOf(accountOf(93))).toBe(3n * E8S_PER_EMC - LEDGER_FEE_E8S);
            expect(world.state.airdropUnpaidE8s.get()).toBe(0n);
            expectBooksOfLedger(world);
        }
    }
});

test('orders that cannot be kept are refused', () => {
    const world = new World();
    expect(codeOf(create(world, order(BY_ROOT, { expiresNs: world.nowNs })))).toBe('InvalidArgument');
    expect(codeOf(create(world, order(BY_ROOT, { totalE8s: 0n })))).toBe('InvalidArgument');
    expect(codeOf(create(world, order({ kind: 'root', root: new Uint8Array(31), count: 1n })))).toBe('InvalidArgument');
    expect(codeOf(create(world, order(BY_LIST, { totalE8s: TOTAL + 1n })))).toBe('InvalidArgument');
    const dust: AirdropList = { kind: 'entries', entries: [{ account: accountOf(1), amountE8s: LEDGER_FEE_E8S }] };
    expect(codeOf(create(world, order(dust, { totalE8s: LEDGER_FEE_E8S })))).toBe('InvalidArgument');
});
