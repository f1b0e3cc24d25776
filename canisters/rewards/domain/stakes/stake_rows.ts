/** Rows of node stakes: positions, the subaccounts that hold them, and what was deducted. */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../../src/core/account';
import type { Cell, Lists, Log, OrderedTable, Table } from '../../../../src/core/table';
import type { NodeClass } from '../../../../src/core/tokenomics/profile';

/** pending → active → releasing → released; active → forfeited. A refused pull leaves no row. */
export type StakePhase = 'pending' | 'active' | 'releasing' | 'released' | 'forfeited';

/** SM1: initial + toppedUp = remaining + slashed + forfeited + released, from the arrival of the money on. */
export interface StakeRow {
    readonly class: NodeClass;
    readonly staker: Account;
    readonly initialE8s: bigint;
    readonly remainingE8s: bigint;
    /** Of the order: renewals do not change the coefficient or the deductions. */
    readonly termDays: bigint;
    readonly startNs: bigint;
    readonly endNs: bigint;
    readonly eAtStakeE8: bigint;
    readonly phase: StakePhase;
    /** The pull while pending, the payout while releasing and after. */
    readonly transferId: bigint;
    readonly toppedUpE8s: bigint;
    readonly slashedE8s: bigint;
    readonly forfeitedE8s: bigint;
    /** The ledger fee of the payout included. */
    readonly releasedE8s: bigint;
    /** Voting power that it gives its staker now. */
    readonly powerE8s: bigint;
    readonly windowsCharged: bigint;
    readonly renewals: bigint;
    /** Only in rows that earlier versions wrote: cases are kept by node since ({@link StakeTables.disputes}). */
    readonly disputedBy?: bigint;
    /** Its place in the queue of releases. */
    readonly releaseDueNs: bigint;
}

/** What lies in a node's subaccount besides its stake. */
export interface StakeHoldingRow {
    /** Deducted, and the treasury's as soon as it is swept. */
    readonly dueE8s: bigint;
    /** On its way to the treasury. */
    readonly sweepingE8s: bigint;
    /** One transfer at a time: none can spend what another one counts on. */
    readonly openTransfer?: bigint;
    readonly queued: boolean;
}

/** `liveness`: windows without participation. `impeachment`: a verdict of the node’s class. */
export const SLASH_REASONS = ['liveness', 'impeachment'] as const;
/** Why something was deducted. */
export type SlashReason = (typeof SLASH_REASONS)[number];

/** A deduction that was made, in e8s; `remainingE8s` is what it left of the stake. */
export interface SlashRow {
    readonly node: Principal;
    readonly case: bigint;
    readonly windows: bigint;
    readonly reason: SlashReason;
    readonly all: boolean;
    readonly slashedE8s: bigint;
    readonly remainingE8s: bigint;
    readonly atNs: bigint;
}

/** A case deducts from a node once. */
export interface SlashKey {
    readonly node: Principal;
    readonly case: bigint;
}

/** When a stake is to be paid back, and whose. */
export interface ReleaseKey {
    readonly atNs: bigint;
    readonly node: Principal;
}

/** Tables of node stakes. */
export interface StakeTables {
    readonly stakes: Table<Principal, StakeRow>;
    /** Every node that was ever staked for. */
    readonly stakeIndex: Log<Principal>;
    /** Σ remaining. */
    readonly stakedE8s: Cell<bigint>;
    readonly holdings: Table<Principal, StakeHoldingRow>;
    /** Σ due + sweeping over all subaccounts. */
    readonly slashDueE8s: Cell<bigint>;
    readonly slashes: Log<SlashRow>;
    readonly slashByCase: Table<SlashKey, bigint>;
    readonly slashesOfNode: Lists<Principal, bigint>;
    /** Nodes whose deductions wait to be swept, in the order of their first deduction. */
    readonly sweepQueue: Log<Principal>;
    readonly sweep: Cell<SweepCursor>;
    /** Active stakes by the time at which they are paid back. */
    readonly releases: OrderedTable<ReleaseKey, null>;
    /** Accused nodes, and the open case of the state machine that keeps their stakes, present and future, from release. */
    readonly disputes: Table<Principal, bigint>;
}

/** Deductions are swept once per epoch: up to `until`, the queue's length when the epoch began. */
export interface SweepCursor {
    readonly next: bigint;
    readonly until: bigint;
    readonly epoch: bigint;
}
