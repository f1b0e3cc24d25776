import { codecOf, nat, optional, record, u64, ByteReader, ByteWriter, type Codec } from '../../../src/core/codec';
import type { Cell, Table } from '../../../src/core/table';
import { transactionCodec, type Transaction } from './transaction';

/** A block as it is stored: all that the ICRC-3 block is made of, except the parent's hash, which follows from the log. */
export interface BlockRecord {
    readonly tsNs: bigint;
    /** The fee that was charged; present when the transaction charges one and the caller did not name it. */
    readonly fee?: bigint;
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
        writer.raw(block.transaction);
        return writer.finish();
    },
    decode(bytes) {
        const reader = new ByteReader(bytes);
        return { tsNs: u64.read(reader), fee: feeField.read(reader), transaction: reader.rest() };
    }
};

/** Running sums of the log. Supply is `minted - burned`; fees without a collector count as burned. */
export interface Totals {
    readonly minted: bigint;
    readonly burned: bigint;
    /** Blocks ever appended: the index of the next one. */
    readonly blocks: bigint;
}

/** Stored form of the sums. */
export const totalsCodec: Codec<Totals> = codecOf(record<Totals>({ minted: nat, burned: nat, blocks: u64 }));

/** The sums of an empty log. */
export const NO_TOTALS: Totals = { minted: 0n, burned: 0n, blocks: 0n };

/** What a block does to the supply, in base units; absent means 0. */
export interface SupplyChange {
    readonly minted?: bigint;
    readonly burned?: bigint;
}

/** The append-only block log and its sums: the one place through which every change of the ledger passes. */
export class Journal {
    /** What the cell holds, read once: only this class writes it. */
    private sums: Totals | undefined;

    constructor(
        private readonly records: Table<bigint, BlockRecord>,
        private readonly stored: Cell<Totals>
    ) {}

    totals(): Totals {
        this.sums ??= this.stored.get();
        return this.sums;
    }

    length(): bigint {
        return this.totals().blocks;
    }

    supply(): bigint {
        const { minted, burned } = this.totals();
        return minted - burned;
    }

    /** Appends a block with what it does to the supply; returns the block's index. */
    append(record: BlockRecord, change: SupplyChange): bigint {
        const { minted, burned, blocks } = this.totals();
        this.records.set(blocks, record);
        this.sums = {
            minted: minted + (change.minted ?? 0n),
            burned: burned + (change.burned ?? 0n),
            blocks: blocks + 1n
        };
        this.stored.set(this.sums);
        return blocks;
    }

    get(index: bigint): Block | undefined {
        const record = this.records.get(index);
        return record && { ...record, transaction: transactionCodec.decode(record.transaction) };
    }
}
