/** How often a node may have signatures verified: each verification costs as much as a hundred operations of the queue. */
import { Principal } from '@dfinity/principal';
import { countBadReceipt, mayVerify } from '../../../canisters/compute_gateway/domain/receipt_gate';
import { NOTHING_USED, type SessionLease } from '../../../canisters/compute_gateway/domain/session_lease';
import { ALICE, APP, Market, NODE_A, NODE_B } from './support/market';

const SESSION: SessionLease = {
    id: 1n,
    appId: APP,
    payer: { kind: 'Principal', who: ALICE },
    opener: ALICE,
    publicKey: new Uint8Array(32),
    maxUnits: 1n,
    unitPriceCredits: 1n,
    createdAtNs: 0n,
    expiresAtNs: 0n,
    settled: NOTHING_USED,
    verifiedAtNs: 0n,
    state: { kind: 'Open' }
};

/** `ok`, or the seconds after which it is worth asking again. */
function answer(market: Market, session = SESSION, isFinal = false, node: Principal = NODE_A): string | number {
    const result = mayVerify(market.book.tables, node, session, isFinal, market.nowNs);
    return result.ok ? 'ok' : Number(result.error.retryAfterMs) / 1_000;
}

test('a node that brings forged receipts is not listened to for the rest of the hour, others are', () => {
    const market = new Market({ maxBadReceipts: 3n });
    const { tables } = market.book;
    for (const node of [NODE_A, NODE_A, NODE_B, NODE_A]) {
        expect(answer(market, SESSION, false, node)).toBe('ok');
        countBadReceipt(tables, node, market.nowNs);
        market.advance(60);
    }
    expect([answer(market), answer(market, SESSION, true)]).toEqual([3_360, 3_360]);
    expect(answer(market, SESSION, false, NODE_B)).toBe('ok');
    market.advance(3_360);
    expect(answer(market)).toBe('ok');
    countBadReceipt(tables, NODE_A, market.nowNs);
    expect(tables.badReceipts.get(NODE_A)).toMatchObject({ count: 1 });
});

test('receipts of a session are verified so often, and the last one whenever it comes', () => {
    const market = new Market({ settleSpacingS: 30n });
    const settled = { ...SESSION, verifiedAtNs: market.nowNs };
    expect(answer(market, SESSION)).toBe('ok');
    expect([answer(market, settled), answer(market, settled, true)]).toEqual([30, 'ok']);
    market.advance(29);
    expect(answer(market, settled)).toBe(1);
    market.advance(1);
    expect(answer(market, settled)).toBe('ok');
});
