import { maxAmount, minAmount } from '../../../src/core/amount';

/** Consecutive blocks: from `start` to before `end`. */
export interface BlockRange {
    readonly start: bigint;
    readonly end: bigint;
}

/** A stretch of the log as a caller asks for it; any numbers. */
export interface RequestedRange {
    readonly start: bigint;
    readonly length: bigint;
}

/** Where the log's blocks are. */
export interface LogBounds {
    /** Index of the oldest block in the ledger itself: the older ones are in archives. */
    readonly first: bigint;
    /** Index behind the newest block that can be shown. */
    readonly end: bigint;
}

/** Parts of what was asked for, by where they are, in the order of the request. */
export interface LocatedRanges {
    readonly local: readonly BlockRange[];
    readonly archived: readonly BlockRange[];
    /** Index of the first local block, or of the one nearest to the request where there is none. */
    readonly first: bigint;
}

/** Ranges that a request may have: more of them than blocks in an answer serve nobody. */
const MAX_RANGES = 100;

/** Splits a request: at most `limit` blocks of the ledger itself over all ranges together; archives have limits of their own. */
export function locate(requested: readonly RequestedRange[], bounds: LogBounds, limit: bigint): LocatedRanges {
    const local: BlockRange[] = [];
    const archived: BlockRange[] = [];
    let rest = limit;
    for (const { start, length } of requested.slice(0, MAX_RANGES)) {
        const end = minAmount(start + length, bounds.end);
        if (start < minAmount(end, bounds.first)) archived.push({ start, end: minAmount(end, bounds.first) });
        const from = maxAmount(start, bounds.first);
        const to = minAmount(end, from + rest);
        if (from >= to) continue;
        local.push({ start: from, end: to });
        rest -= to - from;
    }
    return { local, archived, first: local[0]?.start ?? nearest(requested[0]?.start ?? 0n, bounds) };
}

function nearest(start: bigint, { first, end }: LogBounds): bigint {
    return maxAmount(first, minAmount(start, end));
}
