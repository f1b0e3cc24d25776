/**
 * The report of a window as the hub hands it to rewards: pages of canonical bytes, each hashed into a running digest, so that
 * a window of any size is hashed, sent and checked page by page. Anybody can recompute the source hash from the public lists.
 */
import type { Principal } from '@dfinity/principal';
import { concatBytes } from './bytes';
import { codecOf, list, nat, principal, record, u64, type Codec } from './codec';
import { sha256 } from './hash';

/** Weight of one node in a window. */
export interface WeightItem {
    readonly node: Principal;
    readonly weight: bigint;
}

/** What one buyer paid to the node of its group in a window. */
export interface GroupedTrade {
    readonly buyer: Principal;
    readonly priceE8s: bigint;
}

/** Trades of one node, together because a node's facts and account are then read once. */
export interface TradeGroup {
    readonly node: Principal;
    readonly trades: readonly GroupedTrade[];
}

/** Weights, or trades, that one page holds at most: what one message of rewards can process. */
export const MAX_PAGE_ITEMS = 500;

/** u32 count, then per node its principal (u8 length, bytes) and weight (u8 length, big-endian bytes). */
export const weightPageCodec: Codec<readonly WeightItem[]> = codecOf(
    list(record<WeightItem>({ node: principal, weight: nat }))
);

/** u32 count, then per node its principal, u32 count, and per trade buyer and price. */
export const tradePageCodec: Codec<readonly TradeGroup[]> = codecOf(
    list(
        record<TradeGroup>({
            node: principal,
            trades: list(record<GroupedTrade>({ buyer: principal, priceE8s: nat }))
        })
    )
);

export function tradesOn(page: readonly TradeGroup[]): number {
    return page.reduce((count, { trades }) => count + trades.length, 0);
}

/** Digest before the first page. */
export const NO_PAGES = new Uint8Array(32);

/** `d' = SHA-256(d ‖ page)` over a page's canonical bytes. */
export function extendDigest(digest: Uint8Array, page: Uint8Array): Uint8Array {
    return sha256(concatBytes(digest, page));
}

/** All that identifies a report besides its round. */
export interface RoundHeader {
    readonly round: bigint;
    /** Σ prices of the trades. */
    readonly moneyE8s: bigint;
    readonly weights: bigint;
    readonly trades: bigint;
}

const DOMAIN = new TextEncoder().encode('emc-window-2');

const headerCodec = codecOf(record<RoundHeader>({ round: u64, moneyE8s: nat, weights: u64, trades: u64 }));

/** `SHA-256("emc-window-2" ‖ round ‖ money ‖ weights ‖ trades ‖ digest of the weight pages ‖ digest of the trade pages)`. */
export function sourceHashOf(header: RoundHeader, weightsDigest: Uint8Array, tradesDigest: Uint8Array): Uint8Array {
    return sha256(concatBytes(DOMAIN, headerCodec.encode(header), weightsDigest, tradesDigest));
}
