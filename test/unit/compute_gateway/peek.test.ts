/** What a node is told of the queue before it claims: a claim is an update, and one in vain is paid for nothing. */
import { countQueued } from '../../../canisters/compute_gateway/domain/peek';
import { detach, recordStanding } from '../../../canisters/compute_gateway/domain/nodes';
import { settleOpening, submit, type OpenAnswer } from '../../../canisters/compute_gateway/domain/submit';
import { ALICE, APP, BOB, Market, NODE_A, NODE_B, someone } from './support/market';

const payerOf = (who: typeof ALICE) => ({ payer: { kind: 'Principal', who }, submitter: who }) as const;
const peek = (market: Market, node = NODE_A, apps: readonly string[] = [APP]): bigint =>
    countQueued(market.book, apps, market.nowNs, node);

function twoNodes(limits: ConstructorParameters<typeof Market>[0] = {}): Market {
    const market = new Market(limits);
    for (const node of [NODE_A, NODE_B]) market.attach(node, 64);
    return market;
}

/** Queues a job of a key that trusts one node. */
function queuedFor(market: Market, node: typeof NODE_A, who = ALICE): void {
    const intent = submit(market.book, market.submission(payerOf(who)), market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw new RangeError('no intent');
    const answer: OpenAnswer = { kind: 'Held', owner: who, nodes: [node] };
    expect(settleOpening(market.book, intent.value.request, answer, market.nowNs).ok).toBe(true);
}

test('an overdue lease shows in peek, so that a stopped timer cannot hide it', () => {
    const market = twoNodes();
    market.queued();
    expect(peek(market)).toBe(1n);
    market.leased(NODE_A);
    expect(peek(market)).toBe(0n);
    market.advance(60);
    expect(peek(market)).toBe(1n);
});

test('a job for another node is not told to a node, and is to the one that may have it', () => {
    const market = twoNodes();
    queuedFor(market, NODE_B);
    expect([peek(market, NODE_A), peek(market, NODE_B)]).toEqual([0n, 1n]);
    market.queued(payerOf(BOB));
    expect([peek(market, NODE_A), peek(market, NODE_B)]).toEqual([2n, 2n]);
});

test('a job that a node has failed is told to it only when no other takes it', () => {
    const market = twoNodes();
    market.queued();
    market.fail(market.leased(NODE_A), 'busy', true);
    market.advance(3);
    while (market.book.sweep(market.nowNs, 10));
    expect([peek(market, NODE_A), peek(market, NODE_B)]).toEqual([0n, 1n]);
    market.advance(30);
    expect(peek(market, NODE_A)).toBe(1n);
});

test('a node without a free slot, or of whose app it is not, is told of nothing; one that must attach again of all', () => {
    const market = twoNodes();
    market.registerApp('other', new Uint8Array(32));
    market.queued({ appId: 'other' });
    expect(peek(market, NODE_A, [APP, 'other'])).toBe(0n);
    expect(peek(market, someone(77), ['other'])).toBe(1n);
    detach(market.book.tables, NODE_B);
    expect(peek(market, NODE_B, ['other'])).toBe(1n);
    market.attach(NODE_A, 1);
    market.queued();
    market.queued();
    market.leased(NODE_A);
    expect(peek(market, NODE_A)).toBe(0n);
});

test('a node that is not active is told of nothing, until its standing must be asked for anyway', () => {
    const market = twoNodes();
    market.queued();
    recordStanding(market.book.tables, NODE_A, undefined, market.nowNs);
    expect(peek(market)).toBe(0n);
    market.advance(300);
    expect(peek(market)).toBe(1n);
});

test('a payer who has as much running as it may is not told of', () => {
    const market = twoNodes({ maxLeasedPerPayer: 1n });
    market.queued();
    market.queued();
    market.leased(NODE_A);
    expect(peek(market)).toBe(0n);
});

test('what peek tells, claims bring: behind more payers than a claim looks at there may be a job for the node', () => {
    const market = twoNodes();
    for (let number = 0; number < 30; number++) queuedFor(market, NODE_B, someone(200 + number));
    market.queued(payerOf(BOB));
    let claims = 0;
    while (peek(market) > 0n && claims < 10) {
        claims++;
        for (const job of market.claim(NODE_A, 1)) market.complete(job);
    }
    expect(market.book.tables.totals.get().completed).toBe(1n);
    expect(claims).toBeLessThan(5);
    expect(peek(market, NODE_B)).toBe(30n);
    expect(market.claim(NODE_A, 1)).toEqual([]);
});

test('a question changes nothing', () => {
    const market = twoNodes();
    for (let number = 0; number < 40; number++) queuedFor(market, NODE_B, someone(200 + number));
    const { tables } = market.book;
    const before = tables.appQueues.get(APP);
    peek(market);
    expect(tables.appQueues.get(APP)).toBe(before);
});
