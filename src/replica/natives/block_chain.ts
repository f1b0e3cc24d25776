/** The hashes that chain a ledger's blocks to each other: whoever trusts the last one can verify them all. */
import type { Block } from './book_types';
import type { TokenBook } from './token_book';

/** A block's hash, over its contents and the hash of the block in front of it. */
export type BlockHash = (block: Block, parentHash: Uint8Array | undefined) => Uint8Array;

/** Hashes of a book's blocks, each computed once, when first asked for. */
export class BlockChain {
    readonly #hashes: Uint8Array[];

    /** With saved hashes the chain goes on behind them. */
    constructor(
        readonly book: TokenBook,
        readonly hashOf: BlockHash,
        saved: readonly Uint8Array[] = []
    ) {
        this.#hashes = [...saved];
    }

    /** Of the block in front of this one; undefined for the first. */
    parentHash(index: bigint): Uint8Array | undefined {
        this.#catchUp();
        return this.#hashes[Number(index) - 1];
    }

    /** Of the last block; undefined for an empty log. */
    tipHash(): Uint8Array | undefined {
        this.#catchUp();
        return this.#hashes.at(-1);
    }

    #catchUp(): void {
        for (const block of this.book.blocks(BigInt(this.#hashes.length), this.book.length)) {
            this.#hashes.push(this.hashOf(block, this.#hashes.at(-1)));
        }
    }

    /** For checkpoints. */
    save(): readonly Uint8Array[] {
        this.#catchUp();
        return this.#hashes;
    }
}
