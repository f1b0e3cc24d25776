import { concatBytes } from '../../../src/core/bytes';
import { codecOf, list, nat, principal, record, u64, type Codec } from '../../../src/core/codec';
import { sha256 } from '../../../src/core/hash';
import type { TradeItem, WeightItem } from './settlement';

/** Canonical bytes of a page: u32 count, then per item principal (u8 length, bytes) and nat (u8 length, big-endian). */
export const weightPageCodec: Codec<readonly WeightItem[]> = codecOf(
    list(record<WeightItem>({ node: principal, weight: nat }))
);

export const tradePageCodec: Codec<readonly TradeItem[]> = codecOf(
    list(record<TradeItem>({ node: principal, buyer: principal, credits: nat }))
);

/** Digest before the first page. */
export const NO_PAGES = new Uint8Array(32);

const DOMAIN = new TextEncoder().encode('emc-window-1');

/**
 * Extends a running digest by a page: `d' = SHA-256(d ‖ page)`; an empty page leaves it. A window of any size is hashed
 * page by page, over as many messages as it takes.
 */
export function extendDigest<Item>(
    digest: Uint8Array,
    codec: Codec<readonly Item[]>,
    page: readonly Item[]
): Uint8Array {
    return page.length === 0 ? digest : sha256(concatBytes(digest, codec.encode(page)));
}

const header = codecOf(record<{ window: bigint; moneyE8s: bigint }>({ window: u64, moneyE8s: nat }));

/** `SHA-256("emc-window-1" ‖ window ‖ money ‖ weights digest ‖ trades digest)`: everything that rewards is told. */
export function sourceHashOf(
    window: bigint,
    moneyE8s: bigint,
    weightsDigest: Uint8Array,
    tradesDigest: Uint8Array
): Uint8Array {
    return sha256(concatBytes(DOMAIN, header.encode({ window, moneyE8s }), weightsDigest, tradesDigest));
}
