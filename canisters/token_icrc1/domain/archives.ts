import type { Principal } from '@dfinity/principal';
import { maxAmount as max, minAmount as min } from '../../../src/core/amount';
import { comparePrincipals } from '../../../src/core/account';
import { bool, codecOf, list, principal, record, u64, type Codec } from '../../../src/core/codec';
import type { Cell } from '../../../src/core/table';
import type { BlockRange } from './block_ranges';

/** A canister that holds the blocks from `start` to before `end`. Archives hold consecutive stretches, oldest first. */
export interface Archive {
    readonly canister: Principal;
    readonly start: bigint;
    /** As far as the archive has confirmed. */
    readonly end: bigint;
    /** Takes no more blocks. */
    readonly isFull: boolean;
}

/** Stored form of the directory: a few hundred archives would hold more blocks than a ledger ever makes. */
export const archivesCodec: Codec<readonly Archive[]> = codecOf(
    list(record<Archive>({ canister: principal, start: u64, end: u64, isFull: bool }))
);

/** A stretch of blocks with the archive that holds it. */
export interface ArchivedRange extends BlockRange {
    readonly canister: Principal;
}

/** The archives of a ledger. */
export class Archives {
    constructor(private readonly stored: Cell<readonly Archive[]>) {}

    all(): readonly Archive[] {
        return this.stored.get();
    }

    last(): Archive | undefined {
        return this.all().at(-1);
    }

    /** Archives that hold blocks. */
    filled(): readonly Archive[] {
        return this.all().filter(({ start, end }) => start < end);
    }

    /** Archives behind the named one; behind no archive's name, those with greater principals (ICRC-3). */
    after(canister: Principal | undefined): readonly Archive[] {
        const filled = this.filled();
        if (canister === undefined) return filled;
        const known = filled.findIndex((archive) => archive.canister.compareTo(canister) === 'eq');
        if (known >= 0) return filled.slice(known + 1);
        return filled.filter((archive) => comparePrincipals(archive.canister, canister) > 0);
    }

    /** A new archive, empty so far, behind all others. */
    add(canister: Principal, start: bigint): void {
        this.stored.set([...this.all(), { canister, start, end: start, isFull: false }]);
    }

    /** The last archive has confirmed all blocks before `end`; it may have no room for more. */
    confirm(end: bigint, isFull = false): void {
        const last = this.last();
        if (last === undefined) return;
        const confirmed = { ...last, end: max(end, last.end), isFull: isFull || last.isFull };
        this.stored.set([...this.all().slice(0, -1), confirmed]);
    }

    /** Cuts ranges by the archives that hold them. */
    spread(ranges: readonly BlockRange[]): readonly ArchivedRange[] {
        const archives = ranges.length === 0 ? [] : this.all();
        return ranges.flatMap((range) =>
            archives.flatMap(({ canister, start, end }) => {
                const part = { start: max(range.start, start), end: min(range.end, end), canister };
                return part.start < part.end ? [part] : [];
            })
        );
    }
}
