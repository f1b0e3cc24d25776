/** Session leases: held once, settled by signed cumulative receipts, captured once; whatever the order of events. */
import type { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { claim } from '../../../canisters/compute_gateway/domain/claim';
import { SessionBook, type SessionOrder } from '../../../canisters/compute_gateway/domain/session_book';
import type { Limits } from '../../../canisters/compute_gateway/domain/limits';
import { distance, route } from '../../../canisters/compute_gateway/domain/routing';
import type { SessionLease } from '../../../canisters/compute_gateway/domain/session_lease';
import { attach } from '../../../canisters/compute_gateway/domain/nodes';
import {
    firstReceipt,
    nextReceipt,
    sessionPublicKey,
    sessionReceiptHash,
    signSessionReceipt,
    type SessionReceipt
} from '../../../src/core/compute/session_receipt';
import { ALICE, APP, BOB, Market, NODE_A, NODE_B, someone, UnexpectedRefusal } from './support/market';

const SELF = someone(99);
const SECRET = new Uint8Array(32).fill(3);
const OUTPUT = new Uint8Array(32).fill(1);

class Sessions {
    readonly market: Market;
    readonly book: SessionBook;

    constructor(slots = 2, limits: Partial<Limits> = { settleSpacingS: 0n }) {
        this.market = new Market(limits);
        this.book = new SessionBook(this.market.book, () => SELF);
        for (const node of [NODE_A, NODE_B]) this.market.attach(node, slots);
    }

    order(changes: Partial<SessionOrder> = {}): SessionOrder {
        const payer = { kind: 'Principal', who: ALICE } as const;
        const publicKey = sessionPublicKey(SECRET);
        return { appId: APP, payer, opener: ALICE, maxCredits: 200n, publicKey, node: NODE_A, ...changes };
    }

    opened(changes: Partial<SessionOrder> = {}): SessionLease {
        const intent = this.book.open(this.order(changes), this.market.nowNs);
        if (!intent.ok || intent.value.kind !== 'Ask') throw new UnexpectedRefusal(intent);
        const held = { kind: 'Held', owner: ALICE } as const;
        const session = this.book.settleOpening(intent.value, held, this.market.nowNs);
        if (!session.ok) throw new UnexpectedRefusal(session);
        return session.value;
    }

    settle(receipt: SessionReceipt, isFinal = false, node: Principal = NODE_A, secret = SECRET) {
        const signed = { ...receipt, signature: signSessionReceipt(receipt, secret) };
        return this.book.settle(receipt.sessionId, node, signed, isFinal, this.market.nowNs);
    }

    sweep(seconds: number): void {
        this.market.advance(seconds);
        while (this.book.sweep(this.market.nowNs, 2));
    }
}

const code = (result: { ok: boolean; error?: { kind: string } }): string =>
    result.ok ? 'ok' : (result.error?.kind ?? '');
const used = (session: SessionLease, units: bigint, calls = 1): SessionReceipt => ({
    ...nextReceipt(firstReceipt(SELF, session.id), { outputHash: OUTPUT, units }),
    calls
});

test('G12: the last receipt is captured once, with its hash, and the rest of the hold goes back', () => {
    const sessions = new Sessions();
    const session = sessions.opened();
    expect(session).toMatchObject({ state: { kind: 'Open' }, node: NODE_A, maxUnits: 100n });
    const [first, last] = [used(session, 10n), used(session, 25n, 2)];
    expect(code(sessions.settle(first))).toBe('ok');
    expect(sessions.market.records()).toEqual([]);
    expect(code(sessions.settle(last, true))).toBe('ok');
    expect(sessions.market.records()).toMatchObject([
        {
            requestId: session.id,
            node: NODE_A,
            status: 'Success',
            creditsUsed: 50n,
            receipt: sessionReceiptHash(last)
        }
    ]);
    // Replayed, it is the same success; anything else comes too late.
    expect(code(sessions.settle(last, true))).toBe('ok');
    expect(code(sessions.settle(used(session, 26n, 3), true))).toBe('SessionEnded');
    expect(sessions.market.records()).toEqual([]);
    expect(sessions.market.book.tables.totals.get().active).toBe(0n);
    expect(sessions.market.book.tables.leases.get(NODE_A)).toEqual([]);
});

test('receipts that are older, too large, forged, or of another session, node or canister change nothing', () => {
    const sessions = new Sessions();
    const session = sessions.opened();
    expect(code(sessions.settle(used(session, 10n, 2)))).toBe('ok');
    const other = new Uint8Array(32).fill(9);
    const attempts: [string, ReturnType<Sessions['settle']>][] = [
        ['StaleReceipt', sessions.settle(used(session, 9n, 2))],
        ['StaleReceipt', sessions.settle(used(session, 11n, 1))],
        ['StaleReceipt', sessions.settle({ ...used(session, 10n, 2), digest: other })],
        ['UsageTooHigh', sessions.settle(used(session, 101n, 3))],
        ['BadReceipt', sessions.settle(used(session, 12n, 3), false, NODE_A, other)],
        ['BadReceipt', sessions.settle({ ...used(session, 12n, 3), gateway: BOB })],
        ['Unauthorized', sessions.settle(used(session, 12n, 3), false, NODE_B)],
        ['NotFound', sessions.settle({ ...used(session, 12n, 3), sessionId: 99n })]
    ];
    expect(attempts.map(([, result]) => code(result))).toEqual(attempts.map(([expected]) => expected));
    const signature = signSessionReceipt(used(session, 12n, 3), SECRET);
    const swapped = { ...used(session, 13n, 3), signature };
    expect(code(sessions.book.settle(session.id, NODE_A, swapped, false, sessions.market.nowNs))).toBe('BadReceipt');
    expect(sessions.book.get(session.id)?.settled.units).toBe(10n);
});

test('forged receipts are counted against their node, which is soon not listened to, and good ones are not', () => {
    const sessions = new Sessions(2, { settleSpacingS: 0n, maxBadReceipts: 2n });
    const session = sessions.opened();
    const forge = () => code(sessions.settle(used(session, 9n), false, NODE_A, OUTPUT));
    expect(code(sessions.settle(used(session, 1n)))).toBe('ok');
    expect([forge(), forge(), forge()]).toEqual(['BadReceipt', 'BadReceipt', 'RateLimited']);
    expect(code(sessions.settle(used(session, 9n), true))).toBe('RateLimited');
    // What is settled already needs no verification.
    expect(code(sessions.settle(used(session, 1n), true))).toBe('ok');
    expect(sessions.book.get(session.id)?.settled.units).toBe(1n);
});

test('a session is settled every 30 s, and for the last time at any time', () => {
    const sessions = new Sessions(2, {});
    const session = sessions.opened();
    expect(code(sessions.settle(used(session, 1n)))).toBe('ok');
    expect(code(sessions.settle(used(session, 2n)))).toBe('RateLimited');
    sessions.market.advance(30);
    expect(code(sessions.settle(used(session, 2n)))).toBe('ok');
    expect(code(sessions.settle(used(session, 3n), true))).toBe('ok');
});

test('a payer that closes low is answered by the receipt it signed; one that is silent pays what was settled', () => {
    const sessions = new Sessions();
    const session = sessions.opened();
    const { market } = sessions;
    expect(code(sessions.settle(used(session, 5n)))).toBe('ok');
    const owed = (units: bigint, calls: number) => ({ units, calls, digest: OUTPUT });
    const close = (who: Principal, units: bigint, calls = 2) =>
        code(sessions.book.close(session.id, who, owed(units, calls), market.nowNs));
    expect([close(BOB, 6n), close(ALICE, 4n), close(ALICE, 101n), close(ALICE, 6n)]).toEqual([
        'Unauthorized',
        'StaleReceipt',
        'UsageTooHigh',
        'ok'
    ]);
    expect(code(sessions.settle(used(session, 20n, 3)))).toBe('ok');
    sessions.sweep(119);
    expect(market.records()).toEqual([]);
    sessions.sweep(1);
    expect(market.records()).toMatchObject([{ status: 'Success', creditsUsed: 40n }]);
});

test('time ends a session that nobody ends: two minutes after its end the last receipt counts, and none means a full refund', () => {
    const sessions = new Sessions();
    const [one, two] = [
        sessions.opened({ ttlS: 60n }),
        sessions.opened({ ttlS: 60n, publicKey: sessionPublicKey(OUTPUT) })
    ];
    expect(code(sessions.settle(used(one, 7n)))).toBe('ok');
    sessions.sweep(60);
    expect(sessions.book.get(one.id)?.state.kind).toBe('Closing');
    sessions.sweep(120);
    expect(sessions.market.records()).toMatchObject([
        { requestId: one.id, status: 'Success', creditsUsed: 14n },
        { requestId: two.id, status: 'Cancelled', creditsUsed: 0n }
    ]);
    sessions.sweep(86_400);
    const { sessionLeases, sessionSchedule, sessionIdsByKey } = sessions.market.book.tables;
    expect([sessionLeases.size(), sessionSchedule.size(), sessionIdsByKey.size()]).toEqual([0, 0, 0]);
});

test('a key opens one session: the same order again is the same session, another is a conflict', () => {
    const sessions = new Sessions();
    const session = sessions.opened();
    const again = sessions.book.open(sessions.order(), sessions.market.nowNs);
    expect(again).toMatchObject({ value: { kind: 'Known', session: { id: session.id } } });
    expect(sessions.book.open(sessions.order({ maxCredits: 100n }), sessions.market.nowNs)).toMatchObject({
        error: { kind: 'IdempotencyConflict', jobId: session.id }
    });
});

test('a hold that is refused, unknown, or for no allowed node leaves no session, and no hold', () => {
    const sessions = new Sessions();
    const { market, book } = sessions;
    const ask = (fill: number) => {
        const intent = book.open(sessions.order({ publicKey: new Uint8Array(32).fill(fill) }), market.nowNs);
        if (!intent.ok || intent.value.kind !== 'Ask') throw new UnexpectedRefusal(intent);
        return intent.value;
    };
    const [poor, lost, barred, silent] = [ask(1), ask(2), ask(3), ask(4)];
    const refused = { kind: 'InsufficientCredits', available: 1n } as const;
    expect(code(book.settleOpening(poor, { kind: 'Refused', error: refused }, market.nowNs))).toBe(
        'InsufficientCredits'
    );
    expect(code(book.settleOpening(lost, { kind: 'Unknown', reason: '' }, market.nowNs))).toBe(
        'TemporarilyUnavailable'
    );
    const nodes = { kind: 'Held', owner: ALICE, nodes: [NODE_B] } as const;
    expect(code(book.settleOpening(barred, nodes, market.nowNs))).toBe('NoNodeAvailable');
    sessions.sweep(120);
    const due = market.messages().map(({ key, message }) => [key.id, message.kind]);
    expect(due).toEqual(
        expect.arrayContaining([
            [lost.request.requestId, 'Release'],
            [barred.request.requestId, 'Record'],
            [silent.request.requestId, 'Release']
        ])
    );
    expect(due).toHaveLength(3);
    expect(market.book.tables.totals.get().active).toBe(0n);
});

test('a session takes a slot of its node, and a node without one takes no session', () => {
    const sessions = new Sessions(1);
    const { market } = sessions;
    sessions.opened();
    market.queued();
    expect(claim(market.book, NODE_A, [1n], market.nowNs)).toEqual([]);
    const second = sessions.order({ publicKey: new Uint8Array(32).fill(5) });
    expect(code(sessions.book.open(second, market.nowNs))).toBe('NoNodeAvailable');
    expect(code(sessions.book.open({ ...second, node: undefined }, market.nowNs))).toBe('ok');
});

test('routing: the less loaded first, then the nearer, then by name; full, excluded and barred nodes are left out', () => {
    const market = new Market();
    const places = [
        [NODE_A, 'eu-west-1'],
        [NODE_B, 'us-east-1'],
        [someone(12), 'eu-north-1']
    ] as const;
    for (const [node, region] of places)
        attach(market.book.tables, node, { apps: [APP], slots: 2 }, market.nowNs, region);
    const order = (wish: object) => route(market.book, { appId: APP, ...wish }, market.nowNs).map(({ node }) => node);
    const C = someone(12);
    expect(order({ near: 'us-east-2' })).toEqual([NODE_B, NODE_A, C]);
    expect(order({ near: 'eu-north-1' })).toEqual([C, NODE_A, NODE_B]);
    market.queued();
    market.leased(C);
    expect(order({ near: 'eu-north-1' })).toEqual([NODE_A, NODE_B, C]);
    market.queued();
    market.leased(C);
    expect(order({ near: 'eu-north-1', exclude: [NODE_A] })).toEqual([NODE_B]);
    expect(order({ allowed: [C] })).toEqual([]);
    expect([distance('eu-west-1', 'eu-west-1'), distance('eu-west', 'eu-north'), distance('eu', 'us-east')]).toEqual([
        0, 1, 2
    ]);
});

test('whatever happens in whatever order, a session ends once, settles no less than before, and never above its hold', () => {
    const step = fc.record({
        kind: fc.constantFrom('settle', 'final', 'close', 'advance'),
        units: fc.bigInt({ min: 0n, max: 120n }),
        seconds: fc.constantFrom(1, 30, 200)
    });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
            const sessions = new Sessions();
            const { market, book } = sessions;
            const session = sessions.opened({ ttlS: 120n });
            const records = [];
            let settled = 0n;
            let calls = 0;
            for (const { kind, units, seconds } of steps) {
                calls += 1;
                if (kind === 'advance') sessions.sweep(seconds);
                else if (kind === 'close')
                    book.close(session.id, ALICE, { units, calls, digest: OUTPUT }, market.nowNs);
                else sessions.settle(used(session, units, calls), kind === 'final');
                records.push(...market.records());
                const now = book.get(session.id)?.settled.units ?? 0n;
                expect(now).toBeGreaterThanOrEqual(settled);
                expect(now).toBeLessThanOrEqual(100n);
                settled = now;
            }
            sessions.sweep(300);
            sessions.sweep(300);
            records.push(...market.records());
            expect(records).toMatchObject([{ requestId: session.id, creditsUsed: settled * 2n }]);
            expect(market.book.tables.totals.get().active).toBe(0n);
        }),
        { numRuns: 40 }
    );
});

test('the node that was asked for cannot end a session before the hub has answered', () => {
    const sessions = new Sessions();
    const intent = sessions.book.open(sessions.order(), sessions.market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw new UnexpectedRefusal(intent);
    const { requestId } = intent.value.request;
    expect(code(sessions.book.settle(requestId, NODE_A, undefined, true, sessions.market.nowNs))).toBe('Unauthorized');
    expect(sessions.market.records()).toEqual([]);
    const held = { kind: 'Held', owner: ALICE } as const;
    expect(sessions.book.settleOpening(intent.value, held, sessions.market.nowNs)).toMatchObject({
        value: { state: { kind: 'Open' }, node: NODE_A }
    });
});
