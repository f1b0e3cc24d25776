/** What apps ask of nodes, what nodes lack, and who is told. */
import { whyNot } from '../../../canisters/compute_gateway/domain/diagnosis';
import { attach, nodeAccess, recordStanding, type NodeStanding } from '../../../canisters/compute_gateway/domain/nodes';
import {
    checkRequirements,
    type Capacity,
    type Requirements
} from '../../../canisters/compute_gateway/domain/requirements';
import { sha256 } from '../../../src/core/hash';
import { APP, GENESIS_NS, Market, NODE_A, NODE_B } from './support/market';

const ACTIVE = {
    isCompute: true,
    isActive: true,
    isBound: true,
    region: 'eu-west-1',
    eValue: 100_000_000n,
    lastStatusNs: GENESIS_NS
};
const ANY: Requirements = { minE: 0n, region: '', minVramMib: 0n, quantization: '' };

function demand(market: Market, appId: string, changes: Partial<Requirements>): void {
    const modelHash = sha256(new TextEncoder().encode(appId));
    market.registerApp(appId, modelHash, { requirements: { ...ANY, ...changes } });
}

/** What a node would lack for the app; the app's own demand is all that it has. */
function lackOf(market: Market, appId: string, standing: Partial<NodeStanding>, capacity?: Capacity): string {
    const { tables } = market.book;
    const result = checkRequirements(tables, [APP, appId], { ...ACTIVE, ...standing }, capacity, market.nowNs);
    return result.ok ? 'nothing' : `${result.error.appId}: ${result.error.lacks}`;
}

const cases: readonly (readonly [Partial<Requirements>, Partial<NodeStanding>, Capacity | undefined, string])[] = [
    [{ minE: 100_000_000n }, {}, undefined, 'nothing'],
    [{ minE: 100_000_000n }, { eValue: 99_999_999n }, undefined, 'app: E'],
    [{ region: 'eu-west' }, {}, undefined, 'nothing'],
    [{ region: 'eu-west' }, { region: 'eu-west' }, undefined, 'nothing'],
    [{ region: 'eu-west' }, { region: 'eu-western' }, undefined, 'app: Region'],
    [{ region: 'eu' }, { region: 'us' }, undefined, 'app: Region'],
    [{ minVramMib: 24_576n }, {}, { vramMib: 24_576n, quantizations: [] }, 'nothing'],
    [{ minVramMib: 24_576n }, {}, { vramMib: 24_575n, quantizations: [] }, 'app: Vram'],
    [{ minVramMib: 1n }, {}, undefined, 'app: Vram'],
    [{ quantization: 'q4_k_m' }, {}, runs('app', 'q4_k_m'), 'nothing'],
    [{ quantization: 'q4_k_m' }, {}, runs('app', 'fp16'), 'app: Quantization'],
    [{ quantization: 'q4_k_m' }, {}, runs('another', 'q4_k_m'), 'app: Quantization'],
    [{ quantization: 'q4_k_m' }, {}, undefined, 'app: Quantization']
];

function runs(appId: string, quantization: string): Capacity {
    return { vramMib: 0n, quantizations: [{ appId, quantization }] };
}

test.each(cases)('an app that asks for %o takes of a node with %o and %o: %s', (asked, standing, capacity, lacks) => {
    const market = new Market();
    demand(market, 'app', asked);
    expect(lackOf(market, 'app', standing, capacity)).toBe(lacks);
});

test('a job that waits for a node which has what its app asks for says what is lacking, as long as one wants to serve it', () => {
    const market = new Market();
    demand(market, 'app', { minVramMib: 80_000n });
    const job = market.queued({ appId: 'app', ttlS: 3_600n });
    const why = () => whyNot(market.book, job, market.nowNs);
    expect(why()).toBe('NoNodeForModel');
    lackOf(market, 'app', {}, { vramMib: 24_000n, quantizations: [] });
    expect(why()).toBe('NoNodeWithVram');
    market.advance(599);
    expect(why()).toBe('NoNodeWithVram');
    market.advance(1);
    expect(why()).toBe('NoNodeForModel');
    const capacity = { vramMib: 80_000n, quantizations: [] };
    expect(attach(market.book.tables, NODE_A, { apps: ['app'], slots: 1, capacity }, market.nowNs).ok).toBe(true);
    expect(why()).toBe('AwaitingClaim');
});

test('each thing that may be lacking has a reason of its own', () => {
    const reasons = (
        [
            [{ minE: 10n ** 18n }, 'NoNodeWithE'],
            [{ region: 'us' }, 'NoNodeInRegion'],
            [{ minVramMib: 1n }, 'NoNodeWithVram'],
            [{ quantization: 'fp16' }, 'NoNodeWithQuantization']
        ] as const
    ).map(([asked, reason]) => {
        const market = new Market();
        demand(market, 'app', asked);
        lackOf(market, 'app', {});
        return [whyNot(market.book, market.queued({ appId: 'app' }), market.nowNs), reason];
    });
    for (const [said, reason] of reasons) expect(said).toBe(reason);
});

test('what a node says of itself is about apps of its offer, once each, and goes with the offer', () => {
    const { book, nowNs } = new Market();
    const offer = (quantizations: Capacity['quantizations'], vramMib = 1n) =>
        attach(book.tables, NODE_A, { apps: [APP], slots: 1, capacity: { vramMib, quantizations } }, nowNs);
    const refused = [
        [{ appId: 'other', quantization: 'fp16' }],
        [{ appId: APP, quantization: 'FP 16' }],
        [{ appId: APP, quantization: '' }],
        [
            { appId: APP, quantization: 'fp16' },
            { appId: APP, quantization: 'fp8' }
        ]
    ];
    for (const said of refused) {
        expect(offer(said)).toMatchObject({ error: { kind: 'InvalidArgument', reason: 'capacity' } });
    }
    expect(offer([{ appId: APP, quantization: 'fp16' }]).ok).toBe(true);
    expect(book.tables.capacities.get(NODE_A)?.vramMib).toBe(1n);
    expect(attach(book.tables, NODE_A, { apps: [APP], slots: 1 }, nowNs).ok).toBe(true);
    expect(book.tables.capacities.get(NODE_A)).toBeUndefined();
});

/** A node with an app for which it may have too little E, and one that asks for nothing. */
function attached(): Market {
    const market = new Market({ maxNodesPerApp: 1n });
    demand(market, 'strong', { minE: 100_000_000n });
    market.attach(NODE_A, 8, ['strong', APP]);
    return market;
}

test('an app that a node loses with its E comes back by itself when the E does, without a new offer', () => {
    const market = attached();
    const { tables } = market.book;
    recordStanding(tables, NODE_A, { ...ACTIVE, eValue: 1n }, market.nowNs);
    expect(tables.attachments.get(NODE_A)).toMatchObject({ apps: [APP], withheld: ['strong'], active: true });
    expect(tables.nodesByApp.get('strong')).toBeUndefined();
    const job = market.queued({ appId: 'strong' });
    expect(whyNot(market.book, job, market.nowNs)).toBe('NoNodeWithE');
    expect(market.claim(NODE_A, 1)).toEqual([]);

    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(tables.attachments.get(NODE_A)).toMatchObject({ apps: [APP, 'strong'], withheld: [], active: true });
    expect(tables.nodesByApp.get('strong')).toEqual([NODE_A]);
    expect(market.claim(NODE_A, 1).map(({ id }) => id)).toEqual([job.id]);
    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(tables.nodesByApp.get('strong')).toEqual([NODE_A]);
});

test('an app whose places others have taken meanwhile comes back when there is one', () => {
    const market = attached();
    const { tables } = market.book;
    recordStanding(tables, NODE_A, { ...ACTIVE, eValue: 1n }, market.nowNs);
    market.attach(NODE_B, 1, ['strong']);
    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(tables.attachments.get(NODE_A)).toMatchObject({ apps: [APP], withheld: ['strong'] });
    market.attach(NODE_B, 1, []);
    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(tables.attachments.get(NODE_A)).toMatchObject({ apps: [APP, 'strong'], withheld: [] });
});

test('a node that may serve nothing of its offer keeps it and gets no work, until it may serve something', () => {
    const market = new Market();
    const { tables } = market.book;
    demand(market, 'strong', { minE: 100_000_000n });
    market.attach(NODE_A, 8, ['strong']);
    for (const standing of [{ ...ACTIVE, eValue: 1n }, { ...ACTIVE, isActive: false }, undefined]) {
        recordStanding(tables, NODE_A, standing, market.nowNs);
        expect(tables.attachments.get(NODE_A)).toMatchObject({ apps: ['strong'], withheld: [], active: false });
        expect(nodeAccess(tables, NODE_A, market.nowNs)).toMatchObject({ error: { kind: 'NodeInactive' } });
    }
    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(nodeAccess(tables, NODE_A, market.nowNs).kind).toBe('Ready');
});

test('a new offer and a withdrawal leave nothing of the one before', () => {
    const market = attached();
    const { tables } = market.book;
    recordStanding(tables, NODE_A, { ...ACTIVE, eValue: 1n }, market.nowNs);
    market.attach(NODE_A, 8, [APP]);
    recordStanding(tables, NODE_A, ACTIVE, market.nowNs);
    expect(tables.attachments.get(NODE_A)).toMatchObject({ apps: [APP], withheld: [] });
    expect(tables.nodesByApp.get('strong')).toBeUndefined();
});
