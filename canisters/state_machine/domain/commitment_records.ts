import type { Principal } from '@dfinity/principal';
import type { CommittedRange } from '../../../src/core/consensus/state_hash';
import type { Cell, Log, Table } from '../../../src/core/table';

/** Stored by position: append, never reorder. */
export const COMMITMENT_STATUSES = [
    /** Users may rely on it (S2 §3). */
    'Submitted',
    /** Two thirds of the validators verified its certificate. */
    'Confirmed',
    /** So many validators found its certificate wrong that it cannot be confirmed. */
    'Rejected'
] as const;
/** Submitted until the quorum of validators has verified its certificate, or refused to. */
export type CommitmentStatus = (typeof COMMITMENT_STATUSES)[number];

/** A range of final states under one Merkle root, and who has verified it. */
export interface CommitmentRecord extends CommittedRange {
    readonly status: CommitmentStatus;
    readonly submittedBy: Principal;
    readonly submittedNs: bigint;
    readonly decidedNs: bigint | undefined;
    readonly confirmedBy: readonly Principal[];
    readonly rejectedBy: readonly Principal[];
}

/** A node of the tree of all commitments. */
export interface TreeKey {
    readonly level: number;
    readonly index: bigint;
}

/** What the log of commitments has come to: the value behind the certified data. */
export interface CommitmentLogHead {
    readonly count: number;
    readonly root: Uint8Array;
}

/** What the commitments keep. */
export interface CommitmentTables {
    readonly commitments: Log<CommitmentRecord>;
    /** Levels of each commitment's tree, by the commitment. */
    readonly commitmentLevels: Table<bigint, Uint8Array>;
    readonly commitmentNodes: Table<TreeKey, Uint8Array>;
    readonly commitmentHead: Cell<CommitmentLogHead>;
}
