import { settleOpening, submit } from '../../../canisters/compute_gateway/domain/submit';
import { ALICE, APP, BOB, GATEWAY, Market, NODE_A } from './support/market';

test('AS-77: an input of 131,072 bytes is accepted, of 131,073 bytes it is PayloadTooLarge', () => {
    const market = new Market();
    const largest = submit(market.book, market.submission({ input: new Uint8Array(131_072) }), market.nowNs);
    const larger = submit(market.book, market.submission({ input: new Uint8Array(131_073) }), market.nowNs);
    expect(largest.ok).toBe(true);
    expect(larger).toMatchObject({ error: { kind: 'PayloadTooLarge', maxBytes: 131_072n } });
});

test('scenario 2: without credits there is no job, no queue entry, no idempotency key and nothing to record', () => {
    const market = new Market();
    const intent = submit(market.book, market.submission({ idempotencyKey: 'k' }), market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
    const { request } = intent.value;
    expect(request).toMatchObject({ appId: APP, maxCredits: 20n, payer: { kind: 'Principal' } });
    const answer = { kind: 'Refused', error: { kind: 'InsufficientCredits', available: 1n } } as const;
    expect(settleOpening(market.book, request, answer, market.nowNs)).toMatchObject({
        error: { kind: 'InsufficientCredits', available: 1n }
    });
    const { tables } = market.book;
    expect(market.book.get(request.requestId)).toBeUndefined();
    for (const table of [tables.jobs, tables.inputs, tables.jobIdsByIdempotencyKey, tables.loadByPayer]) {
        expect(table.size()).toBe(0);
    }
    expect(tables.schedule.size()).toBe(0);
    expect(tables.totals.get().active).toBe(0n);
    expect(market.records()).toEqual([]);
});

test('scenario 3: the same submission five times at once is one job, with another prompt a conflict', () => {
    const market = new Market();
    const submission = market.submission({ idempotencyKey: 'k' });
    const intents = Array.from({ length: 5 }, () => submit(market.book, submission, market.nowNs));
    const ids = intents.map((intent) => {
        if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
        const answer = { kind: 'Held', owner: ALICE } as const;
        const job = settleOpening(market.book, intent.value.request, answer, market.nowNs);
        return job.ok ? job.value.id : undefined;
    });
    expect(ids).toEqual([1n, 1n, 1n, 1n, 1n]);
    expect(market.book.tables.totals.get().active).toBe(1n);
    expect(market.book.queue.length(APP)).toBe(1n);
    expect(submit(market.book, submission, market.nowNs)).toMatchObject({ value: { kind: 'Known', job: { id: 1n } } });
    const other = submit(market.book, { ...submission, input: Uint8Array.of(4) }, market.nowNs);
    expect(other).toMatchObject({ error: { kind: 'IdempotencyConflict', jobId: 1n } });
});

test('idempotency keys of different payers do not meet', () => {
    const market = new Market();
    const mine = market.queued({ idempotencyKey: 'k' });
    const theirs = market.queued({ idempotencyKey: 'k', payer: { kind: 'Principal', who: BOB }, submitter: BOB });
    const keyed = { kind: 'ApiKey', keyHash: new Uint8Array(32) } as const;
    const byKey = market.queued({ idempotencyKey: 'k', payer: keyed, submitter: GATEWAY });
    expect(new Set([mine.id, theirs.id, byKey.id]).size).toBe(3);
});

test('scenario 14: beyond its bound a payer gets Busy, and memory does not grow', () => {
    const market = new Market({ maxActivePerPayer: 2n });
    market.queued();
    const second = market.queued();
    const before = market.book.tables.jobs.size();
    const busy = submit(market.book, market.submission(), market.nowNs);
    expect(busy).toMatchObject({ error: { kind: 'Busy', retryAfterMs: 1_000n } });
    expect(market.book.tables.jobs.size()).toBe(before);
    market.attach(NODE_A);
    market.claim(NODE_A, 2);
    market.complete(market.book.get(second.id) ?? second);
    expect(submit(market.book, market.submission(), market.nowNs).ok).toBe(true);
});

test('beyond the bound of all, everybody gets Busy', () => {
    const market = new Market({ maxActive: 1n });
    market.queued();
    const other = market.submission({ payer: { kind: 'Principal', who: BOB }, submitter: BOB });
    expect(submit(market.book, other, market.nowNs)).toMatchObject({ error: { kind: 'Busy' } });
});

test('the hold is what the units within the maximum cost', () => {
    const market = new Market();
    expect(market.queued({ maxCredits: 21n })).toMatchObject({ maxUnits: 10n });
    expect(market.queued({ maxCredits: 10_000n })).toMatchObject({ maxUnits: 100n });
    const tooLittle = submit(market.book, market.submission({ maxCredits: 1n }), market.nowNs);
    expect(tooLittle).toMatchObject({ error: { kind: 'PriceTooHigh', unitPriceCredits: 2n } });
});

test('malformed submissions are refused before anything is stored', () => {
    const market = new Market();
    const kinds = [
        { appId: 'nobody-knows' },
        { idempotencyKey: '' },
        { idempotencyKey: 'x'.repeat(129) },
        { ttlS: 0n },
        { ttlS: 86_401n }
    ].map((changes) => {
        const refused = submit(market.book, market.submission(changes), market.nowNs);
        return refused.ok ? 'Ok' : refused.error.kind;
    });
    expect(kinds).toEqual(['AppNotFound', ...Array<string>(4).fill('InvalidArgument')]);
    expect(market.book.tables.jobs.size()).toBe(0);
});

test('an unknown outcome gives the job up, and the outbox asks until the hold is given back', () => {
    const market = new Market();
    const intent = submit(market.book, market.submission({ idempotencyKey: 'k' }), market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
    const { request } = intent.value;
    const answer = { kind: 'Unknown', reason: 'silence' } as const;
    expect(settleOpening(market.book, request, answer, market.nowNs)).toMatchObject({
        error: { kind: 'TemporarilyUnavailable' }
    });
    expect(market.book.outbox.takeFresh(10)).toMatchObject([{ message: { kind: 'Release', request } }]);
    market.advance(5);
    expect(market.book.outbox.take(market.nowNs, 10)).toMatchObject([{ message: { kind: 'Release', request } }]);
    expect(market.queued({ idempotencyKey: 'k' }).id).toBe(2n);
});

test('a hold that arrives after its job was given up goes back', () => {
    const market = new Market();
    const intent = submit(market.book, market.submission(), market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
    market.advance(121);
    market.book.sweep(market.nowNs, 10);
    expect(market.book.get(1n)).toBeUndefined();
    const late = settleOpening(market.book, intent.value.request, { kind: 'Held', owner: ALICE }, market.nowNs);
    expect(late).toMatchObject({ error: { kind: 'TemporarilyUnavailable' } });
    expect(market.records()).toMatchObject([{ requestId: 1n, status: 'Cancelled', creditsUsed: 0n }]);
});
