import { maxAmount, minAmount } from '../../../src/core/amount';
import { ByteReader, ByteWriter, nat, optional, u64, type Codec } from '../../../src/core/codec';
import type { Cell, Table } from '../../../src/core/table';
import { transactionCodec, type Transaction } from './transaction';

/** Running sums of the log. Supply is `minted - burned`; fees without a collector count as burned. */
export interface Totals {
    readonly minted: bigint;
    readonly burned: bigint;
    /** Blocks ever appended: the index of the next one. */
    readonly blocks: bigint;
}

/** A block as it is stored: all that the ICRC-3 block is made of, except the parent's hash, which the chain knows. */
export interface BlockRecord {
    readonly tsNs: bigint;
    /** The fee that was charged; present when the transaction charges one and the caller did not name it. */
    readonly fee?: bigint;
    /** Sums after the block: the newest record is the ledger's balance sheet. */
    readonly minted: bigint;
    readonly burned: bigint;
    /** {@link transactionCodec} bytes: kept encoded, because the deduplication window keys on them too. */
    readonly transaction: Uint8Array;
}

/** A block with its transaction decoded. */
export interface Block {
    readonly tsNs: bigint;
    /** See {@link BlockRecord.fee}. */
    readonly fee?: bigint;
    readonly transaction: Transaction;
}

const feeField = optional(nat);

/** Stored form of a block: the transaction goes last, as it is. */
export const blockCodec: Codec<BlockRecord> = {
    encode(block) {
        const writer = new ByteWriter();
        u64.write(writer, block.tsNs);
        feeField.write(writer, block.fee);
        nat.write(writer, block.minted);
        nat.write(writer, block.burned);
        writer.raw(block.transaction);
        return writer.finish();
    },
    decode(bytes) {
        const reader = new ByteReader(bytes);
        return {
            tsNs: u64.read(reader),
            fee: feeField.read(reader),
            minted: nat.read(reader),
            burned: nat.read(reader),
            transaction: reader.rest()
        };
    }
};

/** Reads a stored block. */
export function blockOf(bytes: Uint8Array): Block {
    const { tsNs, fee, transaction } = blockCodec.decode(bytes);
    return { tsNs, fee, transaction: transactionCodec.decode(transaction) };
}

/** What a block does to the supply, in base units; absent means 0. */
export interface SupplyChange {
    readonly minted?: bigint;
    readonly burned?: bigint;
}

/** The append-only block log: the one place through which every change of the ledger passes. */
export class Journal {
    /** Derived from the newest record. */
    private sums: Totals | undefined;

    constructor(
        private readonly records: Table<bigint, Uint8Array>,
        /** Index of the oldest record: not 0 only where an earlier version removed what archives had confirmed. */
        private readonly oldest: Cell<bigint>,
        /** Archives answer for the blocks before it. */
        private readonly archived: Cell<bigint>
    ) {}

    totals(): Totals {
        this.sums ??= this.readTotals();
        return this.sums;
    }

    length(): bigint {
        return this.totals().blocks;
    }

    supply(): bigint {
        const { minted, burned } = this.totals();
        return minted - burned;
    }

    /** Index of the oldest block for which no archive answers. */
    firstIndex(): bigint {
        return maxAmount(this.oldest.get(), this.archived.get());
    }

    /** Appends a block with what it does to the supply; returns the block's index. */
    append(block: Omit<BlockRecord, 'minted' | 'burned'>, change: SupplyChange): bigint {
        const { blocks, ...before } = this.totals();
        const minted = before.minted + (change.minted ?? 0n);
        const burned = before.burned + (change.burned ?? 0n);
        this.records.set(blocks, blockCodec.encode({ ...block, minted, burned }));
        this.sums = { minted, burned, blocks: blocks + 1n };
        return blocks;
    }

    /** A block; an archived one, too. */
    get(index: bigint): Block | undefined {
        const bytes = this.bytes(index);
        return bytes && blockOf(bytes);
    }

    /** The stored form of a block; of an archived one, too. */
    bytes(index: bigint): Uint8Array | undefined {
        return this.records.get(index);
    }

    /**
     * An archive has confirmed the blocks before `end` (T7): from now on it answers for them. Their records stay, because the
     * index shows an account's whole history (docs/decisions/0011-index-in-the-ledger.md). The newest block stays the ledger's.
     */
    handOver(end: bigint): void {
        const handed = minAmount(end, this.length() - 1n);
        if (handed > this.firstIndex()) this.archived.set(handed);
    }

    private readTotals(): Totals {
        const blocks = this.oldest.get() + BigInt(this.records.size());
        const newest = blocks === 0n ? undefined : this.records.get(blocks - 1n);
        if (newest === undefined) return { minted: 0n, burned: 0n, blocks };
        const { minted, burned } = blockCodec.decode(newest);
        return { minted, burned, blocks };
    }
}
