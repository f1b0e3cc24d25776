/** An upgrade from schema 6: what it wrote is read, and goes on, whatever was open. */
import { creditAccountCodec } from '../../../canisters/hub/book_codecs';
import type { CallRequest } from '../../../canisters/hub/domain/requests';
import { assembleHub } from '../../../canisters/hub/hub';
import { countersOfSix, migrations, totalsOfSix } from '../../../canisters/hub/migrations';
import { rowOfSix } from '../../../canisters/hub/request_codec';
import { hubTables, SCHEMA_VERSION } from '../../../canisters/hub/storage';
import { SchemaMismatch, upgradeSchema } from '../../../src/azle/schema';
import { codecOf, principalKey, u32, u64Key } from '../../../src/core/codec';
import { MemoryTables } from '../../../src/core/table';
import { GENESIS_NS } from './a_hub';
import { FakePeers, principalNamed } from './fake_peers';

const ALICE = principalNamed('alice');
const NODE = principalNamed('node');
/** Requests of schema 6: the first two have an outcome, the last two have none. */
const CLOSED = 2n;
const OPENED = 4n;
const HELD = 10n;

function requestOfSix(requestId: bigint): CallRequest {
    const opening = { requestId, owner: ALICE, origin: 'ApiUser', appId: 'chat', creditsHeld: HELD } as const;
    const request = { ...opening, openedAtNs: GENESIS_NS };
    if (requestId > CLOSED) return request;
    const receipt = new Uint8Array(32).fill(Number(requestId));
    const outcome = { node: NODE, status: 'Success', creditsUsed: HELD, receipt } as const;
    return { ...request, outcome: { ...outcome, closedAtNs: GENESIS_NS, window: 0n } };
}

/** Stable memory as schema 6 left it. */
function memoryOfSix(): MemoryTables {
    const memory = new MemoryTables();
    const requests = memory.table(5, u64Key, rowOfSix);
    const byOwner = memory.lists(6, principalKey, u64Key);
    const byNode = memory.lists(7, principalKey, u64Key);
    for (let id = 1n; id <= OPENED; id++) {
        requests.set(id, requestOfSix(id));
        byOwner.append(ALICE, id);
        if (id <= CLOSED) byNode.append(NODE, id);
    }
    const [held, captured] = [(OPENED - CLOSED) * HELD, CLOSED * HELD];
    const available = 1_000n - held - captured;
    memory.log(1, principalKey).append(ALICE);
    memory
        .table(0, principalKey, creditAccountCodec)
        .set(ALICE, { bought: 1_000n, available, held, spent: captured, withdrawn: 0n });
    const totals = { bought: 1_000n, available, held, captured, settled: 0n, withdrawing: 0n, withdrawn: 0n };
    memory.cell('credit_totals', totalsOfSix, totals).set(totals);
    memory.cell('request_counters', countersOfSix, { opened: 0n, closed: 0n }).set({ opened: OPENED, closed: CLOSED });
    memory.cell('schema', codecOf(u32), 0).set(6);
    return memory;
}

function open(memory: MemoryTables) {
    const peers = new FakePeers({ genesisNs: GENESIS_NS, roundNs: 1n, roundsPerEpoch: 12n, firstWindow: 0n }, () => 0n);
    const tables = hubTables(memory);
    return { tables, hub: assembleHub(tables, peers, () => GENESIS_NS) };
}

function upgraded() {
    const memory = memoryOfSix().reopened();
    const { tables, hub } = open(memory);
    upgradeSchema(memory, SCHEMA_VERSION, migrations(memory, tables));
    return { memory, hub };
}

const payer = { kind: 'Principal', owner: ALICE } as const;

test('requests, lists, credits and counts are what they were', () => {
    const { hub } = upgraded();
    expect(hub.requests.counters()).toEqual({ opened: OPENED, closed: CLOSED });
    expect(hub.requests.listByOwner(ALICE, 0n, 10n).map(({ requestId }) => requestId)).toEqual([4n, 3n, 2n, 1n]);
    expect(hub.requests.listByNode(NODE, 0n, 10n)).toEqual([requestOfSix(2n), requestOfSix(1n)]);
    expect(hub.credits.totals()).toMatchObject({ bought: 1_000n, held: 20n, captured: 20n });
    expect(hub.credits.account(ALICE)).toMatchObject({ available: 960n, held: 20n, spent: 20n });
});

test('what was open closes once, what is new follows in the lists, and later code finds all of it', () => {
    const { memory, hub } = upgraded();
    const result = { requestId: 3n, node: NODE, status: 'Success', creditsUsed: 7n } as const;
    const receipt = new Uint8Array(32).fill(3);
    for (let time = 0; time < 2; time++) {
        expect(hub.requests.record({ ...result, receipt }, 0n, GENESIS_NS).ok).toBe(true);
    }
    expect(hub.requests.open({ requestId: 4n, payer, appId: 'other', maxCredits: HELD }, GENESIS_NS)).toMatchObject({
        error: { kind: 'DuplicateRequest' }
    });
    for (let id = 5n; id <= 80n; id++) {
        expect(hub.requests.open({ requestId: id, payer, appId: 'chat', maxCredits: 1n }, GENESIS_NS).ok).toBe(true);
    }
    const timeout = { requestId: 5n, status: 'Timeout', creditsUsed: 0n } as const;
    expect(hub.requests.record(timeout, 0n, GENESIS_NS).ok).toBe(true);
    const [first, second] = [hub, open(memory.reopened()).hub];
    for (const { requests, credits } of [first, second]) {
        expect(requests.counters()).toEqual({ opened: 80n, closed: CLOSED + 2n });
        const newest = requests.listByOwner(ALICE, 0n, 80n).map(({ requestId }) => requestId);
        expect(newest).toEqual(Array.from({ length: 80 }, (_, index) => 80n - BigInt(index)));
        expect(requests.listByNode(NODE, 0n, 10n).map(({ requestId }) => requestId)).toEqual([3n, 2n, 1n]);
        expect(requests.get(3n)?.outcome).toMatchObject({ status: 'Success', creditsUsed: 7n });
        expect(credits.totals()).toMatchObject({ held: 10n + 75n, captured: 27n });
    }
});

test('a receipt that schema 7 took is taken for good', () => {
    const { memory, hub } = upgraded();
    const receipt = new Uint8Array(32).fill(9);
    const result = { node: NODE, status: 'Success', creditsUsed: 1n, receipt } as const;
    expect(hub.requests.record({ ...result, requestId: 3n }, 0n, GENESIS_NS).ok).toBe(true);
    const later = open(memory.reopened()).hub;
    expect(later.requests.record({ ...result, requestId: 4n }, 0n, GENESIS_NS)).toMatchObject({
        error: { kind: 'BadReceipt' }
    });
    expect(later.requests.counters()).toEqual({ opened: OPENED, closed: OPENED });
});

test('an upgrade of schema 7 keeps it, one of an earlier schema is refused', () => {
    const { memory } = upgraded();
    const again = memory.reopened();
    expect(() => upgradeSchema(again, SCHEMA_VERSION, new Map())).not.toThrow();
    again.cell('schema', codecOf(u32), 0).set(5);
    const { tables } = open(again.reopened());
    expect(() => upgradeSchema(again, SCHEMA_VERSION, migrations(again, tables))).toThrow(SchemaMismatch);
});
