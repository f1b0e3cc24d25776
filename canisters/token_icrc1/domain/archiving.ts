import type { Principal } from '@dfinity/principal';
import { maxAmount, minAmount } from '../../../src/core/amount';
import {
    appended,
    blob,
    codecOf,
    list,
    nat,
    optional,
    principal,
    record,
    u64,
    type Codec
} from '../../../src/core/codec';
import type { Cell } from '../../../src/core/table';
import type { Archive, Archives } from './archives';
import type { Chain } from './chain';
import type { Journal } from './journal';

/** When and how blocks move to archives. Without options they stay in the ledger. */
export interface ArchiveOptions {
    /** Blocks that the ledger keeps before it moves any. */
    readonly triggerThreshold: bigint;
    /** Blocks that one call moves at most. */
    readonly blocksPerCall: bigint;
    /** Blocks that an archive gets before the next one is created. */
    readonly blocksPerArchive: bigint;
    /** Cycles that a new archive is given. */
    readonly cyclesForCreation: bigint;
    /** Who controls archives besides the ledger. */
    readonly controller?: Principal;
    readonly limits?: ArchiveLimits;
}

/** Options that came later, stored behind all others. */
export interface ArchiveLimits {
    /** Who controls archives besides the ledger and {@link ArchiveOptions.controller}. */
    readonly moreControllers: readonly Principal[];
    /** Bytes of blocks that one call moves at most. */
    readonly bytesPerCall?: bigint;
    /** Blocks that an archive's `get_transactions` and `get_blocks` answer at most. */
    readonly blocksPerResponse?: bigint;
}

/** The archives' code, as pieces in the ledger's own chunk store. */
export interface ArchiveModule {
    /** SHA-256 of the module; 32 bytes. */
    readonly hash: Uint8Array;
    /** SHA-256 of each piece, in order. */
    readonly chunks: readonly Uint8Array[];
}

/** What survives of archiving between its steps. */
export interface ArchivingState {
    readonly options?: ArchiveOptions;
    readonly module?: ArchiveModule;
    /** An archive that has been created, but has no code yet. */
    readonly nascent?: Principal;
}

const optionsField = record<Omit<ArchiveOptions, 'limits'>>({
    triggerThreshold: u64,
    blocksPerCall: u64,
    blocksPerArchive: u64,
    cyclesForCreation: nat,
    controller: optional(principal)
});

const storedCodec = codecOf(
    record<ArchivingState & { readonly limits?: ArchiveLimits }>({
        options: optional(optionsField),
        module: optional(record<ArchiveModule>({ hash: blob, chunks: list(blob) })),
        nascent: optional(principal),
        limits: appended(
            optional(
                record<ArchiveLimits>({
                    moreControllers: list(principal),
                    bytesPerCall: optional(u64),
                    blocksPerResponse: optional(u64)
                })
            ),
            undefined
        )
    })
);

/** Stored form of the state. */
export const archivingCodec: Codec<ArchivingState> = {
    encode: (state) => storedCodec.encode({ ...state, limits: state.options?.limits }),
    decode(bytes) {
        const { options, limits, ...state } = storedCodec.decode(bytes);
        return { ...state, options: options && { ...options, limits } };
    }
};

/** A block on its way: stored bytes and ICRC-3 hash. */
export interface ArchivedBlock {
    readonly block: Uint8Array;
    readonly hash: Uint8Array;
}

/** The next thing to do. Each can be repeated without harm until its outcome is known. */
export type ArchiveStep =
    | { readonly kind: 'create'; readonly cycles: bigint; readonly controllers: readonly Principal[] }
    | {
          readonly kind: 'install';
          readonly canister: Principal;
          readonly module: ArchiveModule;
          readonly start: bigint;
          readonly capacity: bigint;
          readonly blocksPerResponse: bigint | undefined;
      }
    | {
          readonly kind: 'append';
          readonly canister: Principal;
          readonly start: bigint;
          readonly parentHash: Uint8Array | undefined;
          readonly blocks: readonly ArchivedBlock[];
      };

/** What an archive answered to an `append`. */
export type AppendAnswer =
    | { readonly kind: 'holds'; readonly end: bigint }
    | { readonly kind: 'full'; readonly end: bigint }
    | { readonly kind: 'refused'; readonly reason: string };

/** Bytes of blocks that one call moves at most: messages between canisters may have 2 MiB. */
const MAX_CALL_BYTES = 1_000_000n;

/**
 * Moves old blocks to archives, one step at a time. The ledger answers for a block until an archive has confirmed it (T7),
 * and nothing that happens here can fail a transfer: steps run on a timer, in messages of their own.
 */
export class Archiving {
    constructor(
        private readonly stored: Cell<ArchivingState>,
        private readonly archives: Archives,
        private readonly journal: Journal,
        private readonly chain: Chain
    ) {}

    state(): ArchivingState {
        return this.stored.get();
    }

    configure(change: Pick<ArchivingState, 'options'> | Pick<ArchivingState, 'module'>): void {
        this.stored.set({ ...this.state(), ...change });
    }

    /** Whether more blocks are in the ledger than should be, and there is a way to move them. */
    isDue(): boolean {
        const { options, module } = this.state();
        return options !== undefined && module !== undefined && this.movable() > options.triggerThreshold;
    }

    /** What nobody has given to the ledger yet, without which no block moves; undefined when nothing is missing. */
    missing(): string | undefined {
        const { options, module } = this.state();
        if (options === undefined) return 'archive_options are not set';
        return module === undefined ? "the archives' module is not set" : undefined;
    }

    next(): ArchiveStep | undefined {
        const { options, module, nascent } = this.state();
        if (options === undefined || module === undefined || !this.isDue()) return undefined;
        const last = this.archives.last();
        const hasRoom = last !== undefined && !last.isFull && last.end - last.start < options.blocksPerArchive;
        if (hasRoom) return this.append(last, options);
        const start = last?.end ?? 0n;
        const { blocksPerArchive: capacity, limits } = options;
        const blocksPerResponse = limits?.blocksPerResponse;
        if (nascent !== undefined) {
            return { kind: 'install', canister: nascent, module, start, capacity, blocksPerResponse };
        }
        return { kind: 'create', cycles: options.cyclesForCreation, controllers: controllersOf(options) };
    }

    /** The canister of a `create` step exists. */
    created(canister: Principal): void {
        this.stored.set({ ...this.state(), nascent: canister });
    }

    /** The canister of an `install` step runs the archives' code. */
    installed(canister: Principal, start: bigint): void {
        this.archives.add(canister, start);
        this.stored.set({ ...this.state(), nascent: undefined });
    }

    /** Books an archive's answer; false when it makes no progress possible. */
    appended(step: Extract<ArchiveStep, { kind: 'append' }>, answer: AppendAnswer): boolean {
        if (answer.kind === 'refused' || answer.end > this.hashed() || answer.end < step.start) return false;
        this.archives.confirm(answer.end, answer.kind === 'full');
        this.journal.handOver(answer.end);
        return true;
    }

    private append(archive: Archive, options: ArchiveOptions): ArchiveStep {
        const { canister, end: start } = archive;
        const excess = this.movable() - options.triggerThreshold;
        const wanted = minAmount(options.blocksPerCall, maxAmount(excess, 1n));
        const end = minAmount(start + wanted, archive.start + options.blocksPerArchive);
        const blocks: ArchivedBlock[] = [];
        const limit = minAmount(options.limits?.bytesPerCall ?? MAX_CALL_BYTES, MAX_CALL_BYTES);
        let bytes = 0n;
        for (let index = start; index < end; index++) {
            const block = this.journal.bytes(index);
            const hash = this.chain.hashOf(index);
            if (block === undefined || hash === undefined) break;
            bytes += BigInt(block.length + hash.length);
            // One block goes whatever the limit, or nothing would ever.
            if (bytes > limit && index > start) break;
            blocks.push({ block, hash });
        }
        return { kind: 'append', canister, start, parentHash: this.chain.hashOf(start - 1n), blocks };
    }

    /** Blocks in the ledger that are hashed and not confirmed by any archive. */
    private movable(): bigint {
        return this.hashed() - (this.archives.last()?.end ?? this.journal.firstIndex());
    }

    private hashed(): bigint {
        return this.journal.length() - this.chain.backlog();
    }
}

function controllersOf({ controller, limits }: ArchiveOptions): readonly Principal[] {
    return [...(controller ? [controller] : []), ...(limits?.moreControllers ?? [])];
}
