import type { Principal } from '@dfinity/principal';
import type { Lists, Table } from '../../../src/core/table';

/** Sums of one window, kept with every record, so that a close does not read the records again. */
export interface WindowSums {
    readonly records: bigint;
    readonly successes: bigint;
    /** Captured credits of the Success records (H4, H7). */
    readonly credits: bigint;
    /** Captured credits of calls that were cancelled: trades like the others, but no weight (H4). */
    readonly cancelledCredits: bigint;
    /** Price of the market orders that were settled in this window. */
    readonly marketE8s: bigint;
}

export const EMPTY_WINDOW: WindowSums = {
    records: 0n,
    successes: 0n,
    credits: 0n,
    cancelledCredits: 0n,
    marketE8s: 0n
};

/** What one node did in one window. Σ credits over nodes = credits of the window (H7). */
export interface NodeUsage {
    readonly records: bigint;
    readonly successes: bigint;
    readonly credits: bigint;
    readonly cancelledCredits: bigint;
    /** Part of all these credits that earns nothing, because the node's own wallet paid it (H6). */
    readonly returned: bigint;
}

export const NO_USAGE: NodeUsage = { records: 0n, successes: 0n, credits: 0n, cancelledCredits: 0n, returned: 0n };

export interface NodeInWindow {
    readonly window: bigint;
    readonly node: Principal;
}

/** A node and a user who paid for its work: what passed between them in one window is one trade. */
export interface Pair {
    readonly node: Principal;
    readonly buyer: Principal;
}

export interface PairInWindow extends Pair {
    readonly window: bigint;
}

/** What makes up the trade of a pair. */
export interface PairAmounts {
    /** Credits captured in this window; 0 again once they were given back (H6). */
    readonly fresh: bigint;
    /** Credits taken over from windows whose trades were too small to pay for a transfer. */
    readonly carried: bigint;
    /** Price of market orders, settled in this window or taken over. */
    readonly marketE8s: bigint;
}

const NOTHING: PairAmounts = { fresh: 0n, carried: 0n, marketE8s: 0n };

export interface PairOfGroup extends PairAmounts {
    readonly buyer: Principal;
}

/** Pairs of one node. */
export interface PairGroup {
    readonly node: Principal;
    readonly pairs: readonly PairOfGroup[];
}

/** Where a walk over a window's pairs stands: the node's place in the window, the buyer's place at the node. */
export interface PairCursor {
    readonly node: bigint;
    readonly buyer: bigint;
}

export const FIRST_PAIR: PairCursor = { node: 0n, buyer: 0n };

/** A node of a window, and how many buyers it had. */
export interface NodeAhead {
    readonly node: Principal;
    readonly buyers: bigint;
}

/** What one step of a walk takes at most. */
export interface PairLimits {
    readonly nodes: number;
    readonly pairs: number;
}

export interface WindowTables {
    readonly sums: Table<bigint, WindowSums>;
    readonly usage: Table<NodeInWindow, NodeUsage>;
    readonly pairs: Table<PairInWindow, PairAmounts>;
    /** Nodes with a trade in a window, in the order of their first. */
    readonly nodeLists: Lists<bigint, Principal>;
    /** Buyers of a node in a window, in the order of their first trade. */
    readonly buyerLists: Lists<NodeInWindow, Principal>;
}

/** One finished request, as the windows see it. */
export interface CountedCall {
    readonly node?: Principal;
    readonly buyer: Principal;
    readonly success: boolean;
    /** What was captured. */
    readonly credits: bigint;
}

/** Per-window sums: in total, by node, and by node and buyer. */
export class WindowBook {
    constructor(private readonly tables: WindowTables) {}

    sums(window: bigint): WindowSums {
        return this.tables.sums.get(window) ?? EMPTY_WINDOW;
    }

    usage(key: NodeInWindow): NodeUsage {
        return this.tables.usage.get(key) ?? NO_USAGE;
    }

    count(window: bigint, call: CountedCall): void {
        const { node, buyer, success, credits } = call;
        const one = success ? 1n : 0n;
        const earned = success ? credits : 0n;
        const cancelled = credits - earned;
        const sums = this.sums(window);
        this.tables.sums.set(window, {
            records: sums.records + 1n,
            successes: sums.successes + one,
            credits: sums.credits + earned,
            cancelledCredits: sums.cancelledCredits + cancelled,
            marketE8s: sums.marketE8s
        });
        if (node === undefined) return;
        const key = { window, node };
        const usage = this.usage(key);
        this.tables.usage.set(key, {
            records: usage.records + 1n,
            successes: usage.successes + one,
            credits: usage.credits + earned,
            cancelledCredits: usage.cancelledCredits + cancelled,
            returned: usage.returned
        });
        if (credits > 0n) this.add({ window, node, buyer }, credits, 0n, 0n);
    }

    /** Counts the price of a settled market order: from here on it goes the way of captured jobs. */
    countOrder(window: bigint, pair: Pair, marketE8s: bigint): void {
        const sums = this.sums(window);
        this.tables.sums.set(window, { ...sums, marketE8s: sums.marketE8s + marketE8s });
        this.add({ window, ...pair }, 0n, 0n, marketE8s);
    }

    /** Takes a trade over from the window before. */
    carry(window: bigint, pair: Pair, credits: bigint, marketE8s: bigint): void {
        this.add({ window, ...pair }, 0n, credits, marketE8s);
    }

    /** Credits that a buyer paid to a node in this window. */
    freshCredits(key: PairInWindow): bigint {
        return this.tables.pairs.get(key)?.fresh ?? 0n;
    }

    /** Takes the fresh credits of a pair out of its trade: they earn nothing (H6). */
    returnFresh(key: PairInWindow): void {
        const amounts = this.tables.pairs.get(key) ?? NOTHING;
        const usage = this.usage(key);
        this.tables.pairs.set(key, { ...amounts, fresh: 0n });
        this.tables.usage.set(
            { window: key.window, node: key.node },
            { ...usage, returned: usage.returned + amounts.fresh }
        );
    }

    /** The nodes whose pairs the next step of a walk takes, with how many buyers each has; none at the end. */
    nodesAhead(window: bigint, from: PairCursor, limits: PairLimits): readonly NodeAhead[] {
        const nodes: NodeAhead[] = [];
        let room = BigInt(limits.pairs) + from.buyer;
        while (nodes.length < limits.nodes && room > 0n) {
            const node = this.tables.nodeLists.get(window, from.node + BigInt(nodes.length));
            if (node === undefined) break;
            const buyers = this.tables.buyerLists.length({ window, node });
            nodes.push({ node, buyers });
            room -= buyers;
        }
        return nodes;
    }

    /** The pairs of those nodes, at most as many as the limit, and where the walk goes on. */
    walk(
        window: bigint,
        from: PairCursor,
        nodes: readonly NodeAhead[],
        limits: PairLimits
    ): { readonly groups: readonly PairGroup[]; readonly next: PairCursor } {
        const groups: PairGroup[] = [];
        let next = from;
        let room = limits.pairs;
        for (const { node, buyers } of nodes) {
            if (room === 0) break;
            const pairs = this.pairsOf({ window, node }, next.buyer, room);
            room -= pairs.length;
            groups.push({ node, pairs });
            const buyer = next.buyer + BigInt(pairs.length);
            next = buyer >= buyers ? { node: next.node + 1n, buyer: 0n } : { node: next.node, buyer };
        }
        return { groups, next };
    }

    private pairsOf(key: NodeInWindow, start: bigint, take: number): readonly PairOfGroup[] {
        const pairs: PairOfGroup[] = [];
        for (let index = start; pairs.length < take; index++) {
            const buyer = this.tables.buyerLists.get(key, index);
            if (buyer === undefined) break;
            pairs.push({ buyer, ...(this.tables.pairs.get({ ...key, buyer }) ?? NOTHING) });
        }
        return pairs;
    }

    private add(key: PairInWindow, fresh: bigint, carried: bigint, marketE8s: bigint): void {
        const known = this.tables.pairs.get(key);
        if (known === undefined) this.list(key);
        const before = known ?? NOTHING;
        this.tables.pairs.set(key, {
            fresh: before.fresh + fresh,
            carried: before.carried + carried,
            marketE8s: before.marketE8s + marketE8s
        });
    }

    private list(key: PairInWindow): void {
        const { window, node, buyer } = key;
        const index = this.tables.buyerLists.append({ window, node }, buyer);
        if (index === 0n) this.tables.nodeLists.append(window, node);
    }
}
