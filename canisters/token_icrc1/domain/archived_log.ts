import { equalBytes } from '../../../src/core/bytes';
import { blob, codecOf, optional, record, u64, type Codec } from '../../../src/core/codec';
import { err, ok, type Result } from '../../../src/core/result';
import type { Cell, Table } from '../../../src/core/table';
import type { ArchivedBlock } from './archiving';

/** Blocks that an archive was given, with their hashes. */
export interface AppendRequest {
    readonly start: bigint;
    /** Hash of the block before `start`; absent for block 0. */
    readonly parentHash: Uint8Array | undefined;
    readonly blocks: readonly ArchivedBlock[];
}

/** Why an archive takes none of the blocks. */
export type AppendRefusal =
    | { readonly kind: 'gap'; readonly next: bigint }
    /** The blocks do not continue, or contradict, what the archive holds. */
    | { readonly kind: 'other_parent'; readonly at: bigint }
    | { readonly kind: 'full'; readonly next: bigint };

/** What an archive holds. */
export interface ArchiveBounds {
    /** Index of its first block. */
    readonly start: bigint;
    /** Index behind its last block. */
    readonly next: bigint;
    /** Hash of the block before `start`; absent for block 0, and before the first blocks have come. */
    readonly firstParent?: Uint8Array;
    /** Hash of the block before `next`; absent before the first blocks have come. */
    readonly last?: Uint8Array;
}

/** Stored form of the bounds. */
export const boundsCodec: Codec<ArchiveBounds> = codecOf(
    record<ArchiveBounds>({ start: u64, next: u64, firstParent: optional(blob), last: optional(blob) })
);

/** Stored form of a block with its hash. */
export const archivedBlockCodec: Codec<ArchivedBlock> = codecOf(record<ArchivedBlock>({ block: blob, hash: blob }));

/** The blocks of an archive: appended once each, never changed. */
export class ArchivedLog {
    constructor(
        private readonly blocks: Table<bigint, ArchivedBlock>,
        private readonly stored: Cell<ArchiveBounds>,
        /** Blocks that the archive takes. */
        private readonly capacity: () => bigint
    ) {}

    bounds(): ArchiveBounds {
        return this.stored.get();
    }

    /** Before the first block: where the archive begins. */
    begin(start: bigint): void {
        this.stored.set({ start, next: start });
    }

    /** Blocks for which there is room. */
    remaining(): bigint {
        const { start, next } = this.bounds();
        return this.capacity() - (next - start);
    }

    /**
     * Appends what is new of the blocks; answers the index behind the last block that the archive holds. Blocks that it has
     * already are passed over when they are the same, so that a request whose answer was lost may be repeated.
     */
    append({ start, parentHash, blocks }: AppendRequest): Result<bigint, AppendRefusal> {
        const bounds = this.bounds();
        const { next } = bounds;
        if (start > next || start < bounds.start) return err({ kind: 'gap', next });
        const known = blocks.slice(0, Number(next - start));
        const contradicted = known.findIndex(({ hash }, i) => !this.holds(start + BigInt(i), hash));
        if (contradicted >= 0) return err({ kind: 'other_parent', at: start + BigInt(contradicted) });
        const fresh = blocks.slice(known.length);
        if (fresh.length === 0) return ok(next);
        const parent = known.length === 0 ? parentHash : known.at(-1)?.hash;
        const isFirst = next === bounds.start;
        if (!isFirst && !isSame(parent, bounds.last)) return err({ kind: 'other_parent', at: next });
        if (this.remaining() < BigInt(fresh.length)) return err({ kind: 'full', next });
        fresh.forEach((block, i) => this.blocks.set(next + BigInt(i), block));
        const end = next + BigInt(fresh.length);
        const firstParent = isFirst ? parent : bounds.firstParent;
        this.stored.set({ start: bounds.start, next: end, firstParent, last: fresh.at(-1)?.hash });
        return ok(end);
    }

    /** The stored form of a block. */
    bytes(index: bigint): Uint8Array | undefined {
        return this.blocks.get(index)?.block;
    }

    /** What the block names as its parent. */
    parentHash(index: bigint): Uint8Array | undefined {
        const { start, firstParent } = this.bounds();
        return index === start ? firstParent : this.blocks.get(index - 1n)?.hash;
    }

    private holds(index: bigint, hash: Uint8Array): boolean {
        const stored = this.blocks.get(index);
        return stored !== undefined && equalBytes(stored.hash, hash);
    }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
    return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}
