/** Which of a window's pairs are trades, and what their trade consists of. */
import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { applyRatio, type Ratio } from '../../../src/core/amount';
import type { TradeGroup } from '../../../src/core/round_pages';
import type { Pair, PairGroup, PairOfGroup } from './window_book';

/** Who would be paid what a node earns. */
export interface NodeFacts {
    /** Absent while no wallet is bound: what the node earns waits for one. */
    readonly walletOwner?: Principal;
}

/** What is known of the node of each group, in their order; undefined for a node that is not registered. */
export type GroupFacts = readonly (NodeFacts | undefined)[];

export interface Pricing {
    readonly creditPriceE8s: bigint;
    /** The share of a price that rewards takes as fee. */
    readonly fee: Ratio;
}

/** What a page of pairs comes to. */
export interface Screened {
    readonly page: readonly TradeGroup[];
    readonly trades: bigint;
    readonly credits: bigint;
    readonly marketE8s: bigint;
    readonly feesE8s: bigint;
    /** Pairs whose fresh credits earn nothing, with those credits (H6). */
    readonly returned: readonly (Pair & { readonly credits: bigint })[];
}

interface Amounts {
    trades: bigint;
    credits: bigint;
    marketE8s: bigint;
    feesE8s: bigint;
}

/**
 * Screens pairs. What a node's own wallet (or the node itself) paid, and what an unregistered node served, earns nobody
 * anything: those fresh credits are returned. What was carried was screened in its own window, and a market order when it
 * was placed.
 */
export function screenPairs(groups: readonly PairGroup[], facts: GroupFacts, pricing: Pricing): Screened {
    const sums: Amounts = { trades: 0n, credits: 0n, marketE8s: 0n, feesE8s: 0n };
    const returned: (Pair & { credits: bigint })[] = [];
    const page: TradeGroup[] = [];
    groups.forEach(({ node, pairs }, index) => {
        const trades = pairs.flatMap((pair) => {
            const earning = earns(node, pair.buyer, facts[index]);
            if (!earning && pair.fresh > 0n) returned.push({ node, buyer: pair.buyer, credits: pair.fresh });
            return tradeOf(earning ? pair : { ...pair, fresh: 0n }, pricing, sums);
        });
        if (trades.length > 0) page.push({ node, trades });
    });
    return { page, ...sums, returned };
}

function tradeOf({ buyer, fresh, carried, marketE8s }: PairOfGroup, pricing: Pricing, sums: Amounts) {
    const credits = fresh + carried;
    const priceE8s = credits * pricing.creditPriceE8s + marketE8s;
    if (priceE8s === 0n) return [];
    sums.trades += 1n;
    sums.credits += credits;
    sums.marketE8s += marketE8s;
    sums.feesE8s += applyRatio(priceE8s, pricing.fee);
    return [{ buyer, priceE8s }];
}

function earns(node: Principal, buyer: Principal, facts: NodeFacts | undefined): boolean {
    if (facts === undefined || comparePrincipals(node, buyer) === 0) return false;
    return facts.walletOwner === undefined || comparePrincipals(facts.walletOwner, buyer) !== 0;
}
