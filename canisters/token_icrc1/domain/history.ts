import { pageRange } from '../../../src/core/page';
import type { Block, Journal } from './journal';

/** Blocks that one query answers at most. */
export const HISTORY_LIMIT = 500n;

/** A stretch of the log; ranges beyond the log are clipped, of any size. */
export interface HistoryPage {
    readonly logLength: bigint;
    readonly firstIndex: bigint;
    readonly blocks: readonly Block[];
}

/** Reads up to {@link HISTORY_LIMIT} blocks from `start` on; no range is an error. */
export function readHistory(journal: Journal, start: bigint, length: bigint): HistoryPage {
    const logLength = journal.length();
    const [from, to] = pageRange(start, length, logLength, HISTORY_LIMIT);
    const blocks: Block[] = [];
    for (let index = from; index < to; index++) {
        const block = journal.get(index);
        if (block !== undefined) blocks.push(block);
    }
    return { logLength, firstIndex: from, blocks };
}
