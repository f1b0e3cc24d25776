/** Orders that come again: while the first is under way, after it was called off, or with something else under the same key. */
import {
    openGroup,
    settleGroup,
    shardsOf,
    type GroupOrder,
    type OpenGroup
} from '../../../canisters/compute_gateway/domain/groups';
import { settleOpening, submit, type OpenAnswer } from '../../../canisters/compute_gateway/domain/submit';
import { ALICE, APP, Market, NODE_A } from './support/market';

const HELD: OpenAnswer = { kind: 'Held', owner: ALICE };
const POOR: OpenAnswer = { kind: 'Refused', error: { kind: 'InsufficientCredits', available: 0n } };
const LOST: OpenAnswer = { kind: 'Unknown', reason: 'the hub did not answer' };

let market: Market;

beforeEach(() => {
    market = new Market();
    market.attach(NODE_A);
});

function orderOf(...inputs: readonly number[]): GroupOrder {
    const { payer, submitter, appId, maxCredits, priority } = market.submission();
    const common = { payer, submitter, appId, maxCredits, priority };
    return { common, inputs: inputs.map((shard) => Uint8Array.of(shard)), idempotencyKey: 'once' };
}

function opened(order: GroupOrder): OpenGroup {
    const group = openGroup(market.book, order, market.nowNs);
    if (!group.ok) throw group;
    return group.value;
}

const statesOf = (group: bigint) => shardsOf(market.book, group).map(({ state }) => state.kind);

test('G10: an order under the same key with more or fewer shards is a conflict, and adds no shard that no group knows', () => {
    const group = opened(orderOf(1, 2, 3));
    settleGroup(market.book, group, [HELD, HELD, HELD], market.nowNs);
    for (const order of [orderOf(1, 2, 3, 4), orderOf(1, 2)]) {
        const refused = openGroup(market.book, order, market.nowNs);
        expect(refused).toMatchObject({ error: { kind: 'IdempotencyConflict' } });
    }
    expect(market.book.tables.jobs.size()).toBe(3);
    expect(market.book.queue.length(APP)).toBe(3n);
});

test('G10: a conflicting order takes nothing of the first one back that is still asking for its holds', () => {
    const group = opened(orderOf(1, 2, 3));
    const conflict = openGroup(market.book, orderOf(1, 2, 9), market.nowNs);
    expect(conflict).toMatchObject({ error: { kind: 'IdempotencyConflict' } });
    expect(settleGroup(market.book, group, [HELD, HELD, HELD], market.nowNs)).toMatchObject({ ok: true });
    expect(statesOf(group.id)).toEqual(['Queued', 'Queued', 'Queued']);
});

test('G10: a group that was called off is another one when it is ordered again, and runs as a whole', () => {
    const first = opened(orderOf(1, 2, 3));
    expect(settleGroup(market.book, first, [HELD, POOR, HELD], market.nowNs).ok).toBe(false);
    market.advance(1_000);
    const again = opened(orderOf(1, 2, 3));
    expect(again.id).not.toBe(first.id);
    expect(again.requests).toHaveLength(3);
    expect(settleGroup(market.book, again, [HELD, HELD, HELD], market.nowNs)).toEqual({ ok: true, value: again.id });
    expect(statesOf(again.id)).toEqual(['Queued', 'Queued', 'Queued']);
    // The first one's payloads go a day after its end; the key still names the second.
    market.advance(86_000);
    while (market.book.sweep(market.nowNs, 100));
    expect(shardsOf(market.book, first.id).map(({ id }) => market.book.tables.inputs.has(id))).toEqual([false, false]);
    expect(opened(orderOf(1, 2, 3))).toEqual({ id: again.id, requests: [] });
});

test('a repeated question of which no answer came changes nothing about the job, or the group, that has its hold', () => {
    const group = opened(orderOf(1, 2));
    const repeated = opened(orderOf(1, 2));
    expect(repeated).toEqual(group);
    expect(settleGroup(market.book, group, [HELD, HELD], market.nowNs).ok).toBe(true);
    expect(settleGroup(market.book, repeated, [LOST, POOR], market.nowNs)).toEqual({ ok: true, value: group.id });
    expect(statesOf(group.id)).toEqual(['Queued', 'Queued']);

    const submission = market.submission({ idempotencyKey: 'k' });
    const intent = submit(market.book, submission, market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
    const { request } = intent.value;
    settleOpening(market.book, request, HELD, market.nowNs);
    const late = settleOpening(market.book, request, LOST, market.nowNs);
    expect(late).toMatchObject({ ok: true, value: { id: request.requestId, state: { kind: 'Queued' } } });
});
