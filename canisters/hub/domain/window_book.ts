import type { Principal } from '@dfinity/principal';
import type { Lists, Table } from '../../../src/core/table';

/** Sums of one window, kept with every record, so that a close does not read the records again. */
export interface WindowSums {
    readonly records: bigint;
    readonly successes: bigint;
    /** Captured credits of the Success records (H4, H7). */
    readonly credits: bigint;
}

export const EMPTY_WINDOW: WindowSums = { records: 0n, successes: 0n, credits: 0n };

/** What one node did in one window. Σ credits over nodes = credits of the window (H7). */
export interface NodeUsage {
    readonly records: bigint;
    readonly successes: bigint;
    readonly credits: bigint;
    /** Part of `credits` that earns nothing, because the node's own wallet paid it (H6). */
    readonly returned: bigint;
}

export const NO_USAGE: NodeUsage = { records: 0n, successes: 0n, credits: 0n, returned: 0n };

export interface NodeInWindow {
    readonly window: bigint;
    readonly node: Principal;
}

/** A node and a user who paid for its work: their calls of one window are one trade. */
export interface Pair {
    readonly node: Principal;
    readonly buyer: Principal;
}

export interface PairInWindow extends Pair {
    readonly window: bigint;
}

export interface PairCredits {
    /** Captured in this window. */
    readonly fresh: bigint;
    /** Taken over from windows whose trades were too small to pay for a transfer. */
    readonly carried: bigint;
}

export interface WindowTables {
    readonly sums: Table<bigint, WindowSums>;
    readonly usage: Table<NodeInWindow, NodeUsage>;
    readonly pairs: Table<PairInWindow, PairCredits>;
    /** The pairs of a window in the order of their first trade. */
    readonly pairLists: Lists<bigint, Pair>;
}

/** One finished request, as the windows see it. */
export interface CountedCall {
    readonly node?: Principal;
    readonly buyer: Principal;
    readonly success: boolean;
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
        const success = call.success ? 1n : 0n;
        const sums = this.sums(window);
        this.tables.sums.set(window, {
            records: sums.records + 1n,
            successes: sums.successes + success,
            credits: sums.credits + call.credits
        });
        if (call.node === undefined) return;
        const key = { window, node: call.node };
        const usage = this.usage(key);
        this.tables.usage.set(key, {
            ...usage,
            records: usage.records + 1n,
            successes: usage.successes + success,
            credits: usage.credits + call.credits
        });
        if (call.credits > 0n) this.addToPair({ ...key, buyer: call.buyer }, call.credits, 0n);
    }

    /** Takes a trade over from the window before. */
    carry(window: bigint, pair: Pair, credits: bigint): void {
        this.addToPair({ window, ...pair }, 0n, credits);
    }

    /** Marks credits of a node as earning nothing. */
    markReturned(key: NodeInWindow, credits: bigint): void {
        const usage = this.usage(key);
        this.tables.usage.set(key, { ...usage, returned: usage.returned + credits });
    }

    /** Up to `take` pairs of a window, from the given index on. */
    pairs(window: bigint, start: bigint, take: bigint): readonly (Pair & PairCredits)[] {
        const found: (Pair & PairCredits)[] = [];
        for (let index = start; index < start + take; index++) {
            const pair = this.tables.pairLists.get(window, index);
            const credits = pair === undefined ? undefined : this.tables.pairs.get({ window, ...pair });
            if (pair === undefined || credits === undefined) break;
            found.push({ ...pair, ...credits });
        }
        return found;
    }

    private addToPair(key: PairInWindow, fresh: bigint, carried: bigint): void {
        const sums = this.tables.pairs.get(key);
        if (sums === undefined) this.tables.pairLists.append(key.window, { node: key.node, buyer: key.buyer });
        this.tables.pairs.set(key, {
            fresh: (sums?.fresh ?? 0n) + fresh,
            carried: (sums?.carried ?? 0n) + carried
        });
    }
}
