import { invariant } from '../../../src/core/assert';
import { concatBytes } from '../../../src/core/bytes';
import { codecOf, fixedBytes, record, u64, type Codec } from '../../../src/core/codec';
import { tipRoot, type Tip } from '../../../src/core/icrc3/tip';
import { digestFromBytes, digestToBytes, type Digest } from '../../../src/core/sha256';
import type { Cell, Table } from '../../../src/core/table';
import { digestOfAccount, digestOfBlock, stateOfReceiver, type AccountDigests } from './block_digest';
import type { Journal } from './journal';

const HASH_BYTES = 32;
/** Hashes in one row of the table. */
const ROW_LENGTH = 32n;

/** Blocks that one message hashes at most: some 2 G instructions. */
export const HASH_BATCH = 256n;

/** Blocks that may wait to be hashed before the messages that append more have to help. */
export const MAX_BACKLOG = 4_096n;
/** Blocks that such a message hashes: more than it appends, so that the backlog shrinks. */
export const HELP_BATCH = 2n;

/** How far the chain of hashes has come. */
export interface ChainState {
    /** Blocks that are hashed: the index of the next one. */
    readonly hashed: bigint;
    /** Hash of the last of them; anything when there is none. */
    readonly last: Uint8Array;
    /** Root of the tree that certifies it. */
    readonly root: Uint8Array;
}

const none = new Uint8Array(HASH_BYTES);
/** The state of an empty chain. */
export const NO_CHAIN: ChainState = { hashed: 0n, last: none, root: none };
export const chainCodec: Codec<ChainState> = codecOf(
    record<ChainState>({ hashed: u64, last: fixedBytes(HASH_BYTES), root: fixedBytes(HASH_BYTES) })
);

/**
 * The hash chain of the log (ICRC-3), which follows the log at some distance: hashing costs more than all the rest of a
 * transfer, so that it is done after the reply, many blocks at a time. What is certified is the last hashed block.
 */
export class Chain {
    private current: ChainState | undefined;
    private recent: { readonly number: bigint; readonly hashes: Uint8Array } | undefined;

    constructor(
        private readonly journal: Journal,
        private readonly rows: Table<bigint, Uint8Array>,
        private readonly accounts: Table<Uint8Array, KnownAccount>,
        private readonly stored: Cell<ChainState>
    ) {}

    /** The last hashed block; undefined before the first. */
    tip(): Tip | undefined {
        const { hashed, last } = this.state();
        return hashed === 0n ? undefined : { index: hashed - 1n, hash: last };
    }

    /** What the ledger certifies; undefined before the first hashed block. */
    root(): Uint8Array | undefined {
        const { hashed, root } = this.state();
        return hashed === 0n ? undefined : root;
    }

    /** Blocks that are not hashed yet. */
    backlog(): bigint {
        return this.journal.length() - this.state().hashed;
    }

    /** Hash of a block; undefined where the chain has not come yet. */
    hashOf(index: bigint): Uint8Array | undefined {
        const { hashed, last } = this.state();
        if (index < 0n || index >= hashed) return undefined;
        if (index === hashed - 1n) return last;
        const offset = Number(index % ROW_LENGTH) * HASH_BYTES;
        return this.row(index / ROW_LENGTH).slice(offset, offset + HASH_BYTES);
    }

    /** Hashes up to `limit` more blocks; answers whether there were any. The root must be certified in the same message. */
    extend(limit = HASH_BATCH): boolean {
        const { hashed, last } = this.state();
        const end = hashed + (limit < this.backlog() ? limit : this.backlog());
        if (end === hashed) return false;
        let parent = hashed === 0n ? undefined : digestFromBytes(last);
        const row = new HashRow(this.rows, hashed);
        for (let index = hashed; index < end; index++) {
            const bytes = this.journal.bytes(index);
            invariant(bytes !== undefined, 'T7', `block ${index} was dropped before it was hashed`);
            parent = digestOfBlock(bytes, parent, this.known);
            row.append(digestToBytes(parent));
        }
        row.flush();
        const tip = { index: end - 1n, hash: row.last };
        this.current = { hashed: end, last: tip.hash, root: tipRoot(tip) };
        this.stored.set(this.current);
        return true;
    }

    private readonly known: AccountDigests = {
        digestOf: (spelled) => {
            const known = this.accounts.get(spelled);
            if (known !== undefined) return known.digest;
            const digest = digestOfAccount(spelled);
            this.accounts.set(spelled, { digest });
            return digest;
        },
        receiving: (spelled) => {
            const known = this.accounts.get(spelled);
            if (known?.receiving !== undefined) return known.receiving;
            const digest = known?.digest ?? digestOfAccount(spelled);
            const receiving = stateOfReceiver(digest);
            this.accounts.set(spelled, { digest, receiving });
            return receiving;
        }
    };

    /** Full rows never change, and blocks are read in their order: the last row that was read serves again. */
    private row(number: bigint): Uint8Array {
        if (this.recent?.number === number) return this.recent.hashes;
        const hashes = this.rows.get(number);
        invariant(hashes !== undefined, 'T7', `row ${number} of the hashes is missing`);
        if (hashes.length === Number(ROW_LENGTH) * HASH_BYTES) this.recent = { number, hashes };
        return hashes;
    }

    private state(): ChainState {
        this.current ??= this.stored.get();
        return this.current;
    }
}

/** What is remembered of an account by its spelling, because hashing it again would cost more than reading it. */
export interface KnownAccount {
    readonly digest: Digest;
    /** See {@link AccountDigests.receiving}; absent until somebody pays the account. */
    readonly receiving?: Digest;
}

/** Stored form of what is remembered: one digest or two. */
export const knownAccountCodec: Codec<KnownAccount> = {
    encode: ({ digest, receiving }) =>
        receiving === undefined ? digestToBytes(digest) : concatBytes(digestToBytes(digest), digestToBytes(receiving)),
    decode: (bytes) => ({
        digest: digestFromBytes(bytes),
        receiving: bytes.length === HASH_BYTES ? undefined : digestFromBytes(bytes, HASH_BYTES)
    })
};

/** Collects consecutive hashes, so that a row is written once per batch. */
class HashRow {
    private hashes: Uint8Array[] = [];
    last: Uint8Array = none;

    constructor(
        private readonly rows: Table<bigint, Uint8Array>,
        private next: bigint
    ) {
        const begun = next % ROW_LENGTH === 0n ? undefined : rows.get(next / ROW_LENGTH);
        if (begun !== undefined) this.hashes.push(begun);
    }

    append(hash: Uint8Array): void {
        this.hashes.push(hash);
        this.last = hash;
        this.next += 1n;
        if (this.next % ROW_LENGTH === 0n) this.flush();
    }

    flush(): void {
        if (this.hashes.length === 0) return;
        this.rows.set((this.next - 1n) / ROW_LENGTH, concatBytes(...this.hashes));
        this.hashes = [];
    }
}
