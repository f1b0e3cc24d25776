import { locate, type BlockRange, type LogBounds, type RequestedRange } from './block_ranges';
import type { Chain } from './chain';
import type { Block, Journal } from './journal';

/** Blocks that one `icrc3_get_blocks` answers at most, over all its ranges; the official ledger's limit. */
export const ICRC3_LIMIT = 100n;

/** Blocks that one `get_transactions` answers at most; the official ledger's limit. */
export const HISTORY_LIMIT = 2_000n;

/** Blocks that one `get_blocks` answers at most; the official ledger's limit. */
export const LEGACY_LIMIT = 2_000n;

/** A block as it is stored, with what its ICRC-3 form names as its parent. */
export interface ShownBlock {
    readonly id: bigint;
    readonly bytes: Uint8Array;
    readonly parentHash: Uint8Array | undefined;
}

/** What the ledger has of a request for blocks. */
export interface ShownBlocks {
    readonly logLength: bigint;
    readonly firstIndex: bigint;
    readonly blocks: readonly ShownBlock[];
    readonly archived: readonly BlockRange[];
}

/** A stretch of the log with decoded transactions. */
export interface HistoryPage {
    readonly logLength: bigint;
    readonly firstIndex: bigint;
    readonly blocks: readonly Block[];
    readonly archived: readonly BlockRange[];
}

/** Blocks with their parents' hashes. Where the chain has not come yet, they are not shown. */
export function showBlocks(
    { journal, chain }: { readonly journal: Journal; readonly chain: Chain },
    requested: readonly RequestedRange[],
    limit = ICRC3_LIMIT
): ShownBlocks {
    const logLength = journal.length();
    const hashed = logLength - chain.backlog();
    // The block behind the chain's end has its parent's hash, too.
    const end = hashed < logLength ? hashed + 1n : logLength;
    const { local, archived, first } = locate(requested, { first: journal.firstIndex(), end }, limit);
    const blocks: ShownBlock[] = [];
    for (const range of local) {
        for (let id = range.start; id < range.end; id++) {
            const bytes = journal.bytes(id);
            if (bytes !== undefined) blocks.push({ id, bytes, parentHash: chain.hashOf(id - 1n) });
        }
    }
    return { logLength, firstIndex: first, blocks, archived };
}

/** Reads up to {@link HISTORY_LIMIT} blocks; ranges beyond the log are clipped, of any size: no range is an error. */
export function readHistory(journal: Journal, requested: RequestedRange): HistoryPage {
    const bounds: LogBounds = { first: journal.firstIndex(), end: journal.length() };
    const { local, archived, first } = locate([requested], bounds, HISTORY_LIMIT);
    const blocks: Block[] = [];
    for (const range of local) {
        for (let id = range.start; id < range.end; id++) {
            const block = journal.get(id);
            if (block !== undefined) blocks.push(block);
        }
    }
    return { logLength: bounds.end, firstIndex: first, blocks, archived };
}
