import { createHash } from 'node:crypto';
import { APP_KINDS, type AppSpec } from '../../../canisters/compute_gateway/domain/app';
import { listApps, registerApp } from '../../../canisters/compute_gateway/domain/apps';
import { claim, heartbeat } from '../../../canisters/compute_gateway/domain/claim';
import { whyNot } from '../../../canisters/compute_gateway/domain/diagnosis';
import { countQueued } from '../../../canisters/compute_gateway/domain/peek';
import { NS_PER_S } from '../../../src/core/clock';
import { addGateway, isGateway, removeGateway } from '../../../canisters/compute_gateway/domain/gateways';
import {
    attach,
    checkStanding,
    nodeAccess,
    recordStanding,
    takeNodeChecks
} from '../../../canisters/compute_gateway/domain/nodes';
import { sha256 } from '../../../src/core/hash';
import { firstReceiptHash, receiptBody, receiptHash, receiptWith } from '../../../src/core/compute/receipt';
import { toHex } from '../../../src/core/bytes';
import {
    ALICE,
    APP,
    BOB,
    DEVELOPER,
    GATEWAY,
    GENESIS_NS,
    Market,
    MODEL_HASH,
    NODE_A,
    NODE_B,
    someone
} from './support/market';

const ANY = { minE: 0n, region: '', minVramMib: 0n, quantization: '' };
const ACTIVE = {
    isCompute: true,
    isActive: true,
    isBound: true,
    region: 'eu-west-1',
    eValue: 100_000_000n,
    lastStatusNs: GENESIS_NS
};

test('apps: id and model belong to the first, and malformed specifications are refused', () => {
    const market = new Market();
    const spec = { kind: 'Embedding', unit: 'input', unitPriceCredits: 1n, maxUnits: 1n, leaseS: 60n } as const;
    const fresh = { ...spec, appId: 'fresh', modelHash: new Uint8Array(32) };
    const register = (changes: object): string => {
        const result = registerApp(market.book.tables, { ...fresh, ...changes }, DEVELOPER, market.nowNs);
        return result.ok ? 'Ok' : result.error.kind;
    };
    expect(register({ appId: APP })).toBe('AlreadyExists');
    expect(register({ modelHash: MODEL_HASH })).toBe('AlreadyExists');
    const malformed = [
        { appId: '' },
        { appId: 'Upper' },
        { appId: 'x'.repeat(129) },
        { modelHash: new Uint8Array(31) },
        { unit: 'per hour' },
        { maxUnits: 0n },
        { unitPriceCredits: 1n << 63n, maxUnits: 2n },
        { unitPriceCredits: 0n },
        { leaseS: 19n },
        { leaseS: 901n },
        { execLimitS: 59n },
        { execLimitS: 43_201n },
        { requirements: { ...ANY, region: 'eu-' } },
        { requirements: { ...ANY, region: 'x'.repeat(65) } },
        { requirements: { ...ANY, quantization: 'Q4' } }
    ];
    expect(malformed.map(register)).toEqual(malformed.map(() => 'InvalidArgument'));
    expect(register({})).toBe('Ok');
    expect(listApps(market.book.tables, 0n, 10n).map((app) => app.appId)).toEqual([APP, 'fresh']);
    expect(listApps(market.book.tables, 1n, 10n).map((app) => app.appId)).toEqual(['fresh']);
});

test('an attempt may run as long as its app says, by default 300 s for what somebody waits for and 2 h for all else', () => {
    const market = new Market({ maxLeaseS: 900n });
    const limitOf = (changes: Partial<AppSpec>): bigint | undefined => {
        const appId = `app-${market.book.tables.appIds.length()}`;
        market.registerApp(appId, sha256(new TextEncoder().encode(appId)), changes);
        return market.book.tables.appsById.get(appId)?.execLimitS;
    };
    expect(APP_KINDS.map((kind) => [kind, limitOf({ kind })])).toEqual([
        ['Embedding', 7_200n],
        ['Chat', 300n],
        ['Completion', 300n],
        ['Image', 7_200n],
        ['Other', 7_200n]
    ]);
    expect(limitOf({ kind: 'Chat', leaseS: 900n })).toBe(900n);
    expect(limitOf({ kind: 'Chat', execLimitS: 43_200n })).toBe(43_200n);
    expect(limitOf({ execLimitS: 60n })).toBe(60n);
    const bounded = new Market({ maxExecS: 60n });
    const spec = { unit: 'input', unitPriceCredits: 1n, maxUnits: 1n, kind: 'Chat' } as const;
    const long = { ...spec, appId: 'long', modelHash: new Uint8Array(32), leaseS: 61n };
    const refused = registerApp(bounded.book.tables, long, DEVELOPER, bounded.nowNs);
    expect(refused).toMatchObject({ error: { kind: 'InvalidArgument', reason: 'lease_s' } });
});

test('a developer registers so many apps, and others theirs', () => {
    const { book, nowNs } = new Market({ maxAppsPerDeveloper: 2n });
    const spec = { kind: 'Chat', unit: 'token', unitPriceCredits: 1n, maxUnits: 1n, leaseS: 60n } as const;
    const register = (appId: string, developer = ALICE) => {
        const modelHash = sha256(new TextEncoder().encode(appId));
        return registerApp(book.tables, { ...spec, appId, modelHash }, developer, nowNs);
    };
    expect([register('one').ok, register('one').ok, register('two').ok]).toEqual([true, false, true]);
    expect(register('three')).toMatchObject({ error: { kind: 'TooManyApps', max: 2n } });
    expect(register('three', BOB).ok).toBe(true);
});

test('gateways: added once, removed once, and bounded', () => {
    const { tables } = new Market().book;
    expect(isGateway(tables, GATEWAY)).toBe(false);
    expect(addGateway(tables, GATEWAY).ok).toBe(true);
    expect(addGateway(tables, GATEWAY)).toMatchObject({ error: { kind: 'AlreadyExists' } });
    expect(isGateway(tables, GATEWAY)).toBe(true);
    for (let number = 100; number < 163; number++) addGateway(tables, someone(number));
    expect(addGateway(tables, someone(999))).toMatchObject({ error: { kind: 'TooManyGateways', max: 64n } });
    expect(removeGateway(tables, GATEWAY).ok).toBe(true);
    expect(removeGateway(tables, GATEWAY)).toMatchObject({ error: { kind: 'NotFound' } });
});

test('only an active compute node with a wallet may attach', () => {
    const kinds = [undefined, { ...ACTIVE, isCompute: false }, { ...ACTIVE, isActive: false }].map((standing) =>
        checkStanding(standing)
    );
    expect(kinds).toEqual(kinds.map(() => ({ ok: false, error: { kind: 'NodeInactive' } })));
    expect(checkStanding({ ...ACTIVE, isBound: false })).toMatchObject({ error: { kind: 'NotBound' } });
    expect(checkStanding(ACTIVE).ok).toBe(true);
});

test('an offer names known apps once and a sensible number of slots, and an app has room for so many nodes', () => {
    const market = new Market({ maxNodesPerApp: 1n });
    const offers = [
        { apps: ['nobody-knows'], slots: 1 },
        { apps: [APP, APP], slots: 1 },
        { apps: [APP], slots: 0 },
        { apps: [APP], slots: 65 }
    ];
    const kinds = offers.map((offer) => {
        const result = attach(market.book.tables, NODE_A, offer, market.nowNs);
        return result.ok ? 'Ok' : result.error.kind;
    });
    expect(kinds).toEqual(['AppNotFound', 'InvalidArgument', 'InvalidArgument', 'InvalidArgument']);
    market.attach(NODE_A);
    market.attach(NODE_A);
    const second = attach(market.book.tables, NODE_B, { apps: [APP], slots: 1 }, market.nowNs);
    expect(second).toMatchObject({ error: { kind: 'TooManyNodes', max: 1n } });
    market.attach(NODE_A, 1, []);
    market.attach(NODE_B);
    expect(nodeAccess(market.book.tables, NODE_A, market.nowNs)).toMatchObject({ error: { kind: 'NotAttached' } });
});

test('a standing is believed for its time, asked again half-way, and decides about access', () => {
    const market = new Market();
    const { tables } = market.book;
    market.attach(NODE_A);
    expect(takeNodeChecks(tables, market.nowNs, 10)).toEqual([]);
    market.advance(150);
    expect(takeNodeChecks(tables, market.nowNs, 10)).toEqual([NODE_A]);
    expect(takeNodeChecks(tables, market.nowNs, 10)).toEqual([]);
    expect(nodeAccess(tables, NODE_A, market.nowNs).kind).toBe('Ready');
    market.advance(150);
    expect(nodeAccess(tables, NODE_A, market.nowNs).kind).toBe('Stale');
    recordStanding(tables, NODE_A, { ...ACTIVE, isActive: false }, market.nowNs);
    expect(nodeAccess(tables, NODE_A, market.nowNs)).toMatchObject({ error: { kind: 'NodeInactive' } });
    recordStanding(tables, NODE_A, { ...ACTIVE, lastStatusNs: market.nowNs }, market.nowNs);
    expect(nodeAccess(tables, NODE_A, market.nowNs).kind).toBe('Ready');
    expect(tables.nodeChecks.size()).toBe(1);
});

test('scenario 22: a node that reports nothing for 180 s gets nothing new, and what it runs goes on', () => {
    const market = new Market();
    const { tables } = market.book;
    market.attach(NODE_A);
    const running = market.queued();
    const held = [{ jobId: running.id, token: market.leased(NODE_A).lease?.token ?? 0n }];
    const beat = () => heartbeat(market.book, NODE_A, held, market.nowNs).extended;
    const look = (lastStatusNs: bigint): boolean | undefined => {
        const checked = takeNodeChecks(tables, market.nowNs, 1).length === 1;
        return checked ? recordStanding(tables, NODE_A, { ...ACTIVE, lastStatusNs }, market.nowNs)?.active : undefined;
    };
    const reportedNs = market.nowNs + 90n * NS_PER_S;
    for (let second = 30; second <= 270; second += 30) {
        market.advance(30);
        expect(beat()).toEqual([running.id]);
        expect(look(reportedNs)).toBe(second === 150 ? true : undefined);
    }
    // It reported 180 s ago: this is when it is looked at again, and a second later it is silent.
    market.advance(1);
    expect(look(reportedNs)).toBe(false);
    const waiting = market.queued();
    expect(nodeAccess(tables, NODE_A, market.nowNs)).toMatchObject({ error: { kind: 'NodeInactive' } });
    expect(countQueued(market.book, [APP], market.nowNs, NODE_A)).toBe(0n);
    expect(whyNot(market.book, waiting, market.nowNs)).toBe('NoNodeForModel');
    expect(beat()).toEqual([running.id]);
    market.advance(150);
    expect(look(market.nowNs)).toBe(true);
    expect(nodeAccess(tables, NODE_A, market.nowNs).kind).toBe('Ready');
});

test('a node that was never attached gets nothing', () => {
    const market = new Market();
    market.queued();
    expect(claim(market.book, NODE_A, [1n], market.nowNs)).toEqual([]);
    expect(nodeAccess(market.book.tables, NODE_A, market.nowNs)).toMatchObject({ error: { kind: 'NotAttached' } });
});

const RECEIPT = { jobId: 2n ** 40n + 1n, attempt: 2, node: NODE_A, outputHash: new Uint8Array(32).fill(9), units: 3n };
const RECEIPT_END = '09'.repeat(32);

test('a receipt is hashed as a block of the node and a block of the job', () => {
    const name = `${toHex(Buffer.from('emc-receipt-2'))}03${toHex(NODE_A.toUint8Array())}`;
    const encoding = `${name.padEnd(128, '0')}0000010000000001000000020000000000000003${RECEIPT_END}`;
    const expected = createHash('sha256').update(Buffer.from(encoding, 'hex')).digest('hex');
    expect(encoding).toHaveLength(232);
    expect(toHex(receiptHash(RECEIPT))).toBe(expected);
    expect(receiptHash({ ...RECEIPT, units: 4n })).not.toEqual(receiptHash(RECEIPT));
    expect(receiptHash({ ...RECEIPT, node: NODE_B })).not.toEqual(receiptHash(RECEIPT));
});

test('a receipt is what its body says of the job and the node', () => {
    const { jobId, node, ...said } = RECEIPT;
    const body = receiptBody(said);
    expect(toHex(body)).toBe(`000000020000000000000003${RECEIPT_END}`);
    // A body from a message lies somewhere in it.
    const message = Buffer.concat([Uint8Array.of(1, 2, 3), body]);
    expect(receiptWith(jobId, node, message.subarray(3))).toEqual(RECEIPT);
});

test('the receipts of jobs of schema 5 keep their hash', () => {
    const node = toHex(NODE_A.toUint8Array());
    const encoding = `0000000d${toHex(Buffer.from('emc-receipt-1'))}00000100000000010000000203${node}${RECEIPT_END}0000000000000003`;
    const expected = createHash('sha256').update(Buffer.from(encoding, 'hex')).digest('hex');
    expect(toHex(firstReceiptHash(RECEIPT))).toBe(expected);
});
