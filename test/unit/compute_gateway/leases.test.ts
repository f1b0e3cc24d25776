import { heartbeat, leasesOf } from '../../../canisters/compute_gateway/domain/claim';
import { whyNot } from '../../../canisters/compute_gateway/domain/diagnosis';
import { cancel } from '../../../canisters/compute_gateway/domain/finish';
import { listJobs } from '../../../canisters/compute_gateway/domain/listing';
import { receiptBody } from '../../../src/core/compute/receipt';
import { ALICE, APP, BOB, Market, NODE_A, NODE_B } from './support/market';

function twoNodes(): Market {
    const market = new Market();
    market.attach(NODE_A);
    market.attach(NODE_B);
    return market;
}

test('scenario 1: a claimed job is completed once, costs what was used, and is recorded once', () => {
    const market = twoNodes();
    const job = market.queued();
    const leased = market.leased(NODE_A);
    expect(leased).toMatchObject({ id: job.id, attempt: 1, state: { kind: 'Leased' } });
    const done = market.complete(leased);
    expect(done).toMatchObject({ value: { state: { kind: 'Completed', units: 3n, creditsUsed: 6n } } });
    const record = { requestId: job.id, node: NODE_A, status: 'Success', creditsUsed: 6n };
    expect(market.records()).toMatchObject([record]);
    expect(market.records()).toEqual([]);
    expect(market.book.tables.outputs.get(job.id)).toEqual(Uint8Array.of(9, 9));
});

test('scenario 4: after the lease the job goes to another node, and the lost one is excluded', () => {
    const market = twoNodes();
    market.queued();
    market.leased(NODE_A);
    market.advance(60);
    expect(market.claim(NODE_B)).toEqual([]);
    // The back-off is at most three seconds: a lost worker costs no more than 65 (§7).
    market.advance(3);
    expect(market.claim(NODE_A)).toEqual([]);
    const again = market.leased(NODE_B);
    expect(again).toMatchObject({ attempt: 2, excluded: [NODE_A], lease: { node: NODE_B } });
});

test('an excluded node gets the job again when there is no other', () => {
    const market = new Market();
    market.attach(NODE_A);
    market.queued();
    market.leased(NODE_A);
    market.advance(64);
    expect(market.leased(NODE_A)).toMatchObject({ attempt: 2 });
});

test('scenario 5, AS-78: a result of an older attempt is StaleLease and pays nobody', () => {
    const market = twoNodes();
    market.queued();
    const first = market.leased(NODE_A);
    market.advance(64);
    const second = market.leased(NODE_B);
    expect(market.complete(first)).toMatchObject({ error: { kind: 'StaleLease' } });
    expect(market.records()).toEqual([]);
    expect(market.complete(second).ok).toBe(true);
    expect(market.records()).toMatchObject([{ node: NODE_B, status: 'Success' }]);
});

test('a late result counts as long as no newer attempt was leased', () => {
    const market = twoNodes();
    const job = market.queued();
    const first = market.leased(NODE_A);
    market.advance(63);
    market.book.sweep(market.nowNs, 10);
    expect(market.state(job)).toBe('Queued');
    expect(market.complete(first).ok).toBe(true);
    expect(market.claim(NODE_B)).toEqual([]);
    expect(market.records()).toMatchObject([{ node: NODE_A, status: 'Success' }]);
});

test('another node, another token and another attempt are StaleLease', () => {
    const market = twoNodes();
    market.queued();
    const { lease, ...job } = market.leased(NODE_A);
    if (lease === undefined) throw job;
    const forged = [{ node: NODE_B }, { token: lease.token + 1n }, { attempt: 2 }].map((changes) => {
        const result = market.complete({ ...job, lease: { ...lease, ...changes } });
        return result.ok ? 'Ok' : result.error.kind;
    });
    expect(forged).toEqual(['StaleLease', 'StaleLease', 'StaleLease']);
});

test('scenario 7: the identical completion ten times is Ok ten times and one record; another output is a conflict', () => {
    const market = twoNodes();
    market.queued();
    const leased = market.leased(NODE_A);
    const answers = Array.from({ length: 10 }, () => market.complete(leased).ok);
    expect(answers).toEqual(Array(10).fill(true));
    const other = market.complete(leased, { output: Uint8Array.of(8) });
    expect(other).toMatchObject({ error: { kind: 'ResultConflict' } });
    expect(market.book.tables.conflicts.get(NODE_A)).toBe(1n);
    expect(market.records()).toHaveLength(1);
});

test('AS-78: the third expiry is TimedOut: recorded without credits', () => {
    const market = twoNodes();
    const job = market.queued();
    for (const node of [NODE_A, NODE_B, NODE_A]) {
        market.leased(node);
        market.advance(72);
    }
    market.book.sweep(market.nowNs, 10);
    expect(market.state(job)).toBe('TimedOut');
    expect(market.records()).toMatchObject([{ status: 'Timeout', creditsUsed: 0n }]);
});

test('attempts back off for 2, 4 and 8 seconds, half more or less', () => {
    const market = new Market({ maxAttempts: 4n });
    market.attach(NODE_A);
    market.queued();
    const waits = [2, 4, 8].map((seconds) => {
        const failed = market.fail(market.leased(NODE_A), 'backend_down', true);
        market.advance(seconds / 2);
        const early = market.claim(NODE_A).length;
        market.advance(seconds);
        return [failed.ok, early];
    });
    expect(waits).toEqual([
        [true, 0],
        [true, 0],
        [true, 0]
    ]);
    expect(market.leased(NODE_A).attempt).toBe(4);
});

test('scenario 9: a fatal failure ends the job at once, without retry and without cost', () => {
    const market = twoNodes();
    const job = market.queued();
    const failed = market.fail(market.leased(NODE_A), 'context_too_long', false);
    expect(failed).toMatchObject({ value: { state: { kind: 'Failed', code: 'context_too_long' } } });
    market.advance(10);
    expect(market.claim(NODE_B)).toEqual([]);
    expect(market.records()).toMatchObject([{ requestId: job.id, status: 'Failed', creditsUsed: 0n }]);
});

test('scenario 10: a job that no node serves says so, and expires at its TTL', () => {
    const market = new Market();
    const job = market.queued({ ttlS: 30n });
    expect(whyNot(market.book, job, market.nowNs)).toBe('NoNodeForModel');
    market.advance(29);
    market.book.sweep(market.nowNs, 10);
    expect(market.state(job)).toBe('Queued');
    market.advance(1);
    market.book.sweep(market.nowNs, 10);
    expect(market.state(job)).toBe('Expired');
    expect(market.records()).toMatchObject([{ status: 'Timeout', creditsUsed: 0n }]);
});

test('a waiting job tells why it does not run', () => {
    const market = new Market();
    market.attach(NODE_A, 1);
    const first = market.queued();
    expect(whyNot(market.book, first, market.nowNs)).toBe('AwaitingClaim');
    const leased = market.leased(NODE_A);
    expect(whyNot(market.book, leased, market.nowNs)).toBeUndefined();
    const second = market.queued();
    expect(whyNot(market.book, second, market.nowNs)).toBe('AllNodesFull');
    market.fail(leased, 'backend_down', true);
    expect(whyNot(market.book, market.book.get(first.id) ?? first, market.nowNs)).toBe('BackingOff');
    market.advance(301);
    expect(whyNot(market.book, second, market.nowNs)).toBe('NoNodeForModel');
});

test('scenario 11: cancelling refunds a queued job at once, and a running one tells its node by heartbeat', () => {
    const market = twoNodes();
    const running = market.queued();
    const leased = market.leased(NODE_A);
    const waiting = market.queued();
    for (const job of [running, waiting]) expect(cancel(market.book, job.id, ALICE, market.nowNs).ok).toBe(true);
    const token = leased.lease?.token ?? 0n;
    const beat = (units?: bigint) =>
        heartbeat(market.book, NODE_A, [{ jobId: running.id, token, units }], market.nowNs);
    expect(market.records()).toMatchObject([{ requestId: waiting.id, status: 'Cancelled', creditsUsed: 0n }]);
    // A node that tells nothing may still bring its last word; one that tells has stopped.
    expect(beat()).toEqual({ extended: [], cancelled: [running.id], unknown: [] });
    expect(market.state(running)).toBe('Cancelling');
    expect(beat(2n)).toEqual({ extended: [], cancelled: [running.id], unknown: [] });
    expect(market.complete(leased)).toMatchObject({ error: { kind: 'StaleLease' } });
    expect(market.claim(NODE_B)).toEqual([]);
    expect(market.records()).toMatchObject([
        {
            requestId: running.id,
            node: NODE_A,
            status: 'Cancelled',
            creditsUsed: 4n,
            receipt: receiptBody({ attempt: 1, units: 2n, outputHash: new Uint8Array(32) })
        }
    ]);
});

test('only the parties of a job may cancel it, and only while it runs', () => {
    const market = twoNodes();
    const job = market.queued();
    expect(cancel(market.book, job.id, BOB, market.nowNs)).toMatchObject({ error: { kind: 'Unauthorized' } });
    expect(cancel(market.book, 99n, ALICE, market.nowNs)).toMatchObject({ error: { kind: 'NotFound' } });
    market.complete(market.leased(NODE_A));
    expect(cancel(market.book, job.id, ALICE, market.nowNs)).toMatchObject({ error: { kind: 'NotCancellable' } });
});

test.each([
    ['its app', {}, 100n],
    ['the canister', { maxExecS: 100n }, undefined]
])('heartbeats keep a lease alive, up to the limit that %s sets to an attempt', (_name, limits, execLimitS) => {
    const market = new Market(limits);
    market.registerApp('short', new Uint8Array(32), { execLimitS });
    market.attach(NODE_A, 8, ['short']);
    const job = market.queued({ appId: 'short' });
    const held = [{ jobId: job.id, token: market.leased(NODE_A).lease?.token ?? 0n }];
    market.advance(50);
    expect(heartbeat(market.book, NODE_A, held, market.nowNs).extended).toEqual([job.id]);
    market.advance(49);
    market.book.sweep(market.nowNs, 10);
    expect(market.state(job)).toBe('Leased');
    expect(heartbeat(market.book, NODE_A, held, market.nowNs).extended).toEqual([job.id]);
    market.advance(1);
    expect(heartbeat(market.book, NODE_A, held, market.nowNs).unknown).toEqual([job.id]);
    market.book.sweep(market.nowNs, 10);
    expect(market.state(job)).toBe('Waiting');
});

test('a heartbeat for leases of others, for unknown jobs and beyond 64 leases extends nothing', () => {
    const market = twoNodes();
    const job = market.queued();
    const token = market.leased(NODE_A).lease?.token ?? 0n;
    const stranger = heartbeat(market.book, NODE_B, [{ jobId: job.id, token }], market.nowNs);
    expect(stranger).toEqual({ extended: [], cancelled: [], unknown: [job.id] });
    const many = Array.from({ length: 65 }, (_, index) => ({ jobId: BigInt(index + 100), token }));
    expect(heartbeat(market.book, NODE_A, many, market.nowNs).unknown).toHaveLength(65);
});

test('a payer’s jobs of one priority run first come first served; each priority gets its turn, interactive ones first', () => {
    const market = twoNodes();
    const batch = market.queued({ priority: 'Batch' });
    const first = market.queued();
    const second = market.queued();
    const urgent = market.queued({ priority: 'Interactive' });
    expect(market.claim(NODE_A, 4).map((job) => job.id)).toEqual([urgent.id, first.id, batch.id, second.id]);
});

test('a node that serves two apps takes from them in turns', () => {
    const market = new Market();
    market.registerApp('other', new Uint8Array(32).fill(8));
    market.attach(NODE_A, 8, [APP, 'other']);
    market.queued();
    market.queued();
    market.queued({ appId: 'other' });
    expect(market.claim(NODE_A, 3).map((job) => job.appId)).toEqual([APP, 'other', APP]);
});

test('a claim is bounded by free slots, by 8, and by what the node offers', () => {
    const market = new Market();
    market.attach(NODE_A, 2);
    market.attach(NODE_B, 64);
    for (let count = 0; count < 12; count++) market.queued();
    expect(market.claim(NODE_A, 8)).toHaveLength(2);
    expect(market.claim(NODE_A, 8)).toHaveLength(0);
    expect(market.claim(NODE_B, 20)).toHaveLength(8);
    expect(leasesOf(market.book, NODE_A, 0n)).toHaveLength(2);
    expect(leasesOf(market.book, NODE_A, 1n)).toHaveLength(1);
});

test('usage beyond the bound is refused and the lease goes on', () => {
    const market = twoNodes();
    const job = market.queued();
    const leased = market.leased(NODE_A);
    const answers = [
        market.complete(leased, { units: 11n }),
        market.complete(leased, { modelHash: new Uint8Array(32) }),
        market.complete(leased, { outputHash: new Uint8Array(31) }),
        market.complete(leased, { output: new Uint8Array(4_097) }),
        market.complete(leased, { output: new Uint8Array(1_048_577) })
    ].map((result) => (result.ok ? 'Ok' : result.error.kind));
    expect(answers).toEqual(['UsageTooHigh', 'BadReceipt', 'BadReceipt', 'BadReceipt', 'PayloadTooLarge']);
    expect(market.state(job)).toBe('Leased');
    expect(market.complete(leased, { units: 10n })).toMatchObject({ value: { state: { creditsUsed: 20n } } });
});

test('after the retention the payloads and the idempotency key are gone, and the record of the job stays', () => {
    const market = twoNodes();
    const job = market.queued({ idempotencyKey: 'k' });
    const leased = market.leased(NODE_A);
    market.complete(leased);
    market.advance(86_399);
    market.book.sweep(market.nowNs, 10);
    const { tables } = market.book;
    expect([tables.inputs.size(), tables.outputs.size(), tables.jobIdsByIdempotencyKey.size()]).toEqual([1, 1, 1]);
    market.advance(1);
    market.book.sweep(market.nowNs, 10);
    expect([tables.inputs.size(), tables.outputs.size(), tables.jobIdsByIdempotencyKey.size()]).toEqual([0, 0, 0]);
    expect(tables.schedule.size()).toBe(0);
    expect(market.state(job)).toBe('Completed');
    expect(market.complete(leased).ok).toBe(true);
});

test('an owner lists its own jobs, newest first', () => {
    const market = twoNodes();
    const ids = [1, 2, 3].map(() => market.queued().id);
    expect(listJobs(market.book, ALICE, 0n, 2n).map((job) => job.id)).toEqual([ids[2], ids[1]]);
    expect(listJobs(market.book, ALICE, 2n, 9n).map((job) => job.id)).toEqual([ids[0]]);
    expect(listJobs(market.book, BOB, 0n, 9n)).toEqual([]);
});
