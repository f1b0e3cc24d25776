import { createHash } from 'node:crypto';
import { listApps, registerApp } from '../../../canisters/compute_gateway/domain/apps';
import { claim } from '../../../canisters/compute_gateway/domain/claim';
import { addGateway, isGateway, removeGateway } from '../../../canisters/compute_gateway/domain/gateways';
import {
    attach,
    checkStanding,
    nodeAccess,
    recordStanding,
    takeNodeChecks
} from '../../../canisters/compute_gateway/domain/nodes';
import { receiptHash } from '../../../src/core/compute/receipt';
import { drawTokens, isSeeded, returnTokens, stirSeed } from '../../../canisters/compute_gateway/domain/tokens';
import { toHex } from '../../../src/core/bytes';
import { APP, DEVELOPER, GATEWAY, Market, MODEL_HASH, NODE_A, NODE_B, someone } from './support/market';

const ACTIVE = { isCompute: true, isActive: true, isBound: true, region: 'eu-west' };

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
        { leaseS: 19n },
        { leaseS: 901n }
    ];
    expect(malformed.map(register)).toEqual(malformed.map(() => 'InvalidArgument'));
    expect(register({})).toBe('Ok');
    expect(listApps(market.book.tables, 0n, 10n).map((app) => app.appId)).toEqual([APP, 'fresh']);
    expect(listApps(market.book.tables, 1n, 10n).map((app) => app.appId)).toEqual(['fresh']);
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
    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(nodeAccess(tables, NODE_A, market.nowNs).kind).toBe('Ready');
    expect(tables.nodeChecks.size()).toBe(1);
});

test('a node that was never attached gets nothing', () => {
    const market = new Market();
    market.queued();
    expect(claim(market.book, NODE_A, [1n], market.nowNs)).toEqual([]);
    expect(nodeAccess(market.book.tables, NODE_A, market.nowNs)).toMatchObject({ error: { kind: 'NotAttached' } });
});

test('fencing tokens never repeat, and depend on every stirring', () => {
    const { tables } = new Market().book;
    expect(isSeeded(tables)).toBe(false);
    stirSeed(tables, new Uint8Array(32));
    expect(isSeeded(tables)).toBe(true);
    const tokens = Array.from({ length: 50 }, (_, index) => drawTokens(tables, (index % 8) + 1)).flat();
    expect(new Set(tokens).size).toBe(tokens.length);
    const twin = new Market().book.tables;
    stirSeed(twin, new Uint8Array(32));
    stirSeed(twin, new Uint8Array(32));
    expect(tokens).not.toContain(drawTokens(twin, 1)[0]);
});

test('the receipt hash is that of its fixed-width encoding', () => {
    const receipt = {
        jobId: 1n,
        attempt: 2,
        node: NODE_A,
        outputHash: new Uint8Array(32).fill(9),
        units: 3n
    };
    const node = toHex(NODE_A.toUint8Array());
    const encoding = `0000000d${toHex(Buffer.from('emc-receipt-1'))}000000000000000100000002${'03'}${node}${'09'.repeat(32)}0000000000000003`;
    const expected = createHash('sha256').update(Buffer.from(encoding, 'hex')).digest('hex');
    expect(toHex(receiptHash(receipt))).toBe(expected);
    expect(receiptHash({ ...receipt, units: 4n })).not.toEqual(receiptHash(receipt));
});

test('tokens that were drawn and not given out are given out later, and none twice', () => {
    const { tables } = new Market().book;
    stirSeed(tables, new Uint8Array(32).fill(1));
    const first = drawTokens(tables, 8);
    returnTokens(tables, first.slice(1));
    const { drawn } = tables.tokenSeed.get();
    const second = drawTokens(tables, 3);
    expect(second).toEqual(first.slice(1, 4));
    expect(tables.tokenSeed.get().drawn).toBe(drawn);
    const all = [first[0], ...second, ...drawTokens(tables, 20)];
    expect(new Set(all).size).toBe(24);
});
