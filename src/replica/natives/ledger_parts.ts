/** What a ledger and its index are made of. */
import type { BlockChain } from './block_chain';
import type { BlockIndex } from './block_index';
import type { TokenBook } from './token_book';

/** The books, and what is derived from them. */
export interface LedgerParts {
    readonly book: TokenBook;
    readonly chain: BlockChain;
    readonly index: BlockIndex;
}
