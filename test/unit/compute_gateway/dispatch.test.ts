/** Who gets which job when: ageing, sessions, limits of payers and keys, groups, redrive, goodbyes, back-pressure. */
import { goodbye } from '../../../canisters/compute_gateway/domain/claim';
import { whyNot } from '../../../canisters/compute_gateway/domain/diagnosis';
import {
    cancelGroup,
    openGroup,
    settleGroup,
    shardsOf,
    visibleShards
} from '../../../canisters/compute_gateway/domain/groups';
import type { GroupOrder, OpenGroup } from '../../../canisters/compute_gateway/domain/groups';
import { listDeadJobs } from '../../../canisters/compute_gateway/domain/listing';
import { attach, detach } from '../../../canisters/compute_gateway/domain/nodes';
import { redriveSubmission } from '../../../canisters/compute_gateway/domain/redrive';
import { settleOpening, submit, type OpenAnswer } from '../../../canisters/compute_gateway/domain/submit';
import type { Limits } from '../../../canisters/compute_gateway/domain/limits';
import { ALICE, APP, BOB, Market, NODE_A, NODE_B, someone } from './support/market';

const HELD: OpenAnswer = { kind: 'Held', owner: ALICE };
const POOR: OpenAnswer = { kind: 'Refused', error: { kind: 'InsufficientCredits', available: 0n } };
const payerOf = (who: typeof ALICE) => ({ payer: { kind: 'Principal', who }, submitter: who }) as const;

function twoNodes(limits: Partial<Limits> = {}): Market {
    const market = new Market(limits);
    for (const node of [NODE_A, NODE_B]) market.attach(node, 64);
    return market;
}

const why = (market: Market, id: bigint) => {
    const job = market.book.get(id);
    return job === undefined ? undefined : whyNot(market.book, job, market.nowNs);
};

test('scenario 12: whoever comes later does not wait for those who queued more', () => {
    const market = twoNodes({ maxActivePerPayer: 2_000n, maxLeasedPerPayer: 2_000n });
    for (let count = 0; count < 300; count++) market.queued({ ...payerOf(ALICE) });
    const late = Array.from({ length: 10 }, () => market.queued({ ...payerOf(BOB) }).id);
    const order: bigint[] = [];
    while (order.length < 100) {
        for (const node of [NODE_A, NODE_B]) {
            for (const job of market.claim(node, 4)) {
                order.push(job.id);
                market.complete(job);
            }
        }
    }
    const last = Math.max(...late.map((id) => order.indexOf(id)));
    expect(order.slice(0, last).filter((id) => !late.includes(id)).length).toBeLessThan(50);
});

test('after half of its time a batch job counts as interactive', () => {
    const market = twoNodes();
    const old = market.queued({ priority: 'Batch', ttlS: 100n });
    market.advance(49);
    market.book.sweep(market.nowNs, 10);
    expect(market.book.get(old.id)?.isAged).toBe(false);
    market.advance(1);
    market.book.sweep(market.nowNs, 10);
    expect(market.book.get(old.id)?.isAged).toBe(true);
    for (let count = 0; count < 20; count++) market.queued({ ...payerOf(BOB), priority: 'Interactive' });
    expect(market.claim(NODE_A, 2).map((job) => job.id)).toContain(old.id);
    market.advance(50);
    market.book.sweep(market.nowNs, 50);
    expect(market.book.queue.length(APP)).toBe(BigInt(19));
});

test('a payer has no more than so many jobs run at a time; the others are told why', () => {
    const market = twoNodes({ maxLeasedPerPayer: 2n });
    const jobs = Array.from({ length: 3 }, () => market.queued());
    const other = market.queued({ ...payerOf(BOB) });
    const taken = market.claim(NODE_A, 8);
    expect(taken).toHaveLength(3);
    expect(taken.map((job) => job.id)).toContain(other.id);
    const waiting = jobs.find((job) => market.state(job) === 'Queued');
    expect(why(market, waiting?.id ?? 0n)).toBe('PayerAtLimit');
    const mine = taken.find((job) => job.id !== other.id);
    if (mine !== undefined) market.complete(mine);
    expect(market.claim(NODE_A, 8).map((job) => job.id)).toEqual([waiting?.id]);
});

test('AS-77: a key that names nodes is served by them alone', () => {
    const market = twoNodes();
    const intent = submit(market.book, market.submission(), market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
    const { request } = intent.value;
    const answer = { kind: 'Held', owner: ALICE, nodes: [NODE_B] } as const;
    expect(settleOpening(market.book, request, answer, market.nowNs).ok).toBe(true);
    expect(market.claim(NODE_A, 1)).toEqual([]);
    detach(market.book.tables, NODE_B);
    expect(why(market, request.requestId)).toBe('NoAllowedNode');
    market.attach(NODE_B);
    expect(market.claim(NODE_B, 1).map((job) => job.id)).toEqual([request.requestId]);
});

test('a session runs one job after the other, first on the node that had the last one, then on any', () => {
    const market = twoNodes();
    const session = { sessionKey: 'talk' };
    const [first, second] = [market.queued(session), market.queued(session)];
    const other = market.queued({ sessionKey: 'another' });
    const taken = market.claim(NODE_A, 8);
    expect(taken.map((job) => job.id)).toEqual([first.id, other.id]);
    expect(market.claim(NODE_B, 8)).toEqual([]);
    const [running] = taken;
    if (running !== undefined) market.complete(running);
    market.advance(1);
    expect(market.claim(NODE_B, 8).map((job) => job.id)).toEqual([second.id]);
    const third = market.queued(session);
    const [lease] = market.book.tables.leases.get(NODE_B) ?? [];
    const held = market.book.get(lease ?? 0n);
    if (held !== undefined) market.complete(held);
    expect(market.claim(NODE_A, 8)).toEqual([]);
    expect(market.claim(NODE_B, 8).map((job) => job.id)).toEqual([third.id]);
});

test('a session is not kept for a node that has gone, and is forgotten with its last job', () => {
    const market = twoNodes();
    market.queued({ sessionKey: 'talk' });
    market.complete(market.leased(NODE_A));
    const second = market.queued({ sessionKey: 'talk' });
    market.book.tables.attachments.set(NODE_A, { ...attachmentOf(market), active: false });
    expect(market.claim(NODE_B, 1).map((job) => job.id)).toEqual([second.id]);
    const held = market.book.get(second.id);
    if (held !== undefined) market.complete(held);
    expect(market.book.tables.sessions.size()).toBe(1);
    market.advance(90_000);
    while (market.book.sweep(market.nowNs, 10));
    expect(market.book.tables.sessions.size()).toBe(0);
});

function attachmentOf(market: Market) {
    const attachment = market.book.tables.attachments.get(NODE_A);
    if (attachment === undefined) throw new RangeError('not attached');
    return attachment;
}

test('scenario 22: a goodbye gives all leases back at once, and no attempt is lost by it', () => {
    const market = twoNodes();
    const jobs = [market.queued(), market.queued()];
    market.claim(NODE_A, 2);
    expect(detach(market.book.tables, NODE_A)).toBe(true);
    expect(goodbye(market.book, NODE_A, market.nowNs)).toBe(2);
    expect(market.book.tables.leases.get(NODE_A)).toEqual([]);
    for (const job of jobs) expect(market.book.get(job.id)).toMatchObject({ failures: 0, attempt: 1 });
    expect(market.claim(NODE_A, 2)).toEqual([]);
    expect(market.claim(NODE_B, 2).map((job) => job.attempt)).toEqual([2, 2]);
    expect(detach(market.book.tables, NODE_A)).toBe(false);
    expect(attach(market.book.tables, NODE_A, { apps: [APP], slots: 1 }, market.nowNs).ok).toBe(true);
});

test('scenario 14: a queue at its bound says how long it is and when to come back; nothing grows', () => {
    const market = twoNodes({ maxQueuedPerApp: 3n });
    market.queued();
    const ran = market.leased(NODE_A);
    market.advance(32);
    market.complete(ran);
    for (let count = 0; count < 3; count++) market.queued();
    const sizes = () => [market.book.tables.jobs.size(), market.book.tables.inputs.size()];
    const before = sizes();
    const refused = submit(market.book, market.submission(), market.nowNs);
    expect(refused).toEqual({
        ok: false,
        error: { kind: 'Busy', queueLength: 3n, estimatedWaitMs: (3n * 2_000n) / 128n, retryAfterMs: 1_000n }
    });
    expect(sizes()).toEqual(before);
});

test('a failed job can be looked at and tried once more; what fails again has failed', () => {
    const market = twoNodes();
    const job = market.queued({ input: Uint8Array.of(7) });
    market.fail(market.leased(NODE_A), 'context_too_long', false);
    expect(listDeadJobs(market.book, ALICE, 0n, 10n).map(({ id }) => id)).toEqual([job.id]);
    expect(redriveSubmission(market.book, job.id, BOB)).toMatchObject({ error: { kind: 'Unauthorized' } });
    expect(redriveSubmission(market.book, 99n, ALICE)).toMatchObject({ error: { kind: 'NotFound' } });
    const redriven = () => {
        const submission = redriveSubmission(market.book, job.id, ALICE);
        if (!submission.ok) throw submission;
        const intent = submit(market.book, submission.value, market.nowNs);
        if (!intent.ok) throw intent;
        if (intent.value.kind === 'Known') return intent.value.job.id;
        settleOpening(market.book, intent.value.request, HELD, market.nowNs);
        return intent.value.request.requestId;
    };
    const again = redriven();
    expect(redriven()).toBe(again);
    expect(market.book.get(again)).toMatchObject({ redriveOf: job.id, state: { kind: 'Queued' } });
    expect(market.book.tables.inputs.get(again)).toEqual(Uint8Array.of(7));
    market.fail(market.leased(NODE_B), 'context_too_long', false);
    expect(redriveSubmission(market.book, again, ALICE)).toMatchObject({ error: { kind: 'NotRedrivable' } });
    expect(market.records().map(({ status }) => status)).toEqual(['Failed', 'Failed']);
});

test('a running, a completed and a forgotten job cannot be tried again', () => {
    const market = twoNodes();
    const job = market.queued();
    expect(redriveSubmission(market.book, job.id, ALICE)).toMatchObject({ error: { kind: 'NotRedrivable' } });
    market.fail(market.leased(NODE_A), 'x', false);
    market.advance(86_401);
    while (market.book.sweep(market.nowNs, 10));
    expect(redriveSubmission(market.book, job.id, ALICE)).toMatchObject({ error: { kind: 'NotRedrivable' } });
});

function groupOf(market: Market, changes: Partial<GroupOrder> = {}): GroupOrder {
    const { payer, submitter, appId, maxCredits, priority } = market.submission();
    const inputs = [1, 2, 3].map((shard) => Uint8Array.of(shard));
    return { common: { payer, submitter, appId, maxCredits, priority }, inputs, ...changes };
}

function opened(market: Market, order: GroupOrder): OpenGroup {
    const group = openGroup(market.book, order, market.nowNs);
    if (!group.ok) throw group;
    return group.value;
}

test('a group is one job per shard; the same order again is the same group', () => {
    const market = twoNodes();
    const order = groupOf(market, { idempotencyKey: 'once' });
    const group = opened(market, order);
    expect(settleGroup(market.book, group, [HELD, HELD, HELD], market.nowNs)).toEqual({ ok: true, value: group.id });
    const shards = shardsOf(market.book, group.id);
    expect(shards.map((job) => market.book.tables.inputs.get(job.id)?.[0])).toEqual([1, 2, 3]);
    expect(opened(market, order)).toEqual({ id: group.id, requests: [] });
    expect(market.book.tables.groups.length()).toBe(1n);
    expect(market.claim(NODE_A, 8).map((job) => job.group)).toEqual([group.id, group.id, group.id]);
    expect(visibleShards(market.book, group.id, BOB)).toMatchObject({ error: { kind: 'Unauthorized' } });
    expect(visibleShards(market.book, 9n, ALICE)).toMatchObject({ error: { kind: 'NotFound' } });
});

test('a group that cannot be paid as a whole is called off as a whole', () => {
    const market = twoNodes();
    const group = opened(market, groupOf(market));
    const settled = settleGroup(market.book, group, [HELD, POOR, HELD], market.nowNs);
    expect(settled).toMatchObject({ error: { kind: 'InsufficientCredits' } });
    expect(shardsOf(market.book, group.id).map((job) => job.state.kind)).toEqual(['Cancelled', 'Cancelled']);
    expect(market.records().map(({ status }) => status)).toEqual(['Cancelled', 'Cancelled']);
    expect(market.book.queue.length(APP)).toBe(0n);
});

test('a group of which one shard is refused leaves nothing behind; so does one of none or of too many', () => {
    const market = twoNodes({ maxActivePerPayer: 2n });
    expect(openGroup(market.book, groupOf(market), market.nowNs)).toMatchObject({ error: { kind: 'Busy' } });
    for (const length of [0, 17]) {
        const inputs = Array.from({ length }, () => Uint8Array.of(1));
        const refused = openGroup(market.book, groupOf(market, { inputs }), market.nowNs);
        expect(refused).toMatchObject({ error: { kind: 'InvalidArgument' } });
    }
    const { tables } = market.book;
    expect([tables.jobs.size(), tables.inputs.size(), tables.loadByPayer.size()]).toEqual([0, 0, 0]);
    expect(tables.groups.length()).toBe(0n);
});

test('cancelling a group ends what has not ended', () => {
    const market = twoNodes();
    const group = opened(market, groupOf(market));
    settleGroup(market.book, group, [HELD, HELD, HELD], market.nowNs);
    market.complete(market.leased(NODE_A));
    expect(cancelGroup(market.book, group.id, someone(99), market.nowNs)).toMatchObject({
        error: { kind: 'Unauthorized' }
    });
    const cancelled = cancelGroup(market.book, group.id, ALICE, market.nowNs);
    const states = cancelled.ok ? cancelled.value.map((job) => job.state.kind) : [];
    expect(states).toEqual(['Completed', 'Cancelled', 'Cancelled']);
});
