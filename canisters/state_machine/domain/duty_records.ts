import type { Principal } from '@dfinity/principal';
import type { Cell, Log, OrderedTable, Table } from '../../../src/core/table';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { DueKey } from './due_key';

/** What rewards told last of a node's stake; only nodes that have one. */
export interface KnownStake {
    readonly endNs: bigint;
    /** When this canister first heard of it. */
    readonly sinceNs: bigint;
}

/** How far a staked node's duty to take part has been examined (C.1.1). */
export interface DutyRecord {
    /** Beginning of the duty: the stake, or the admission of a validator. */
    readonly sinceNs: bigint;
    /** The participation from which windows are counted. */
    readonly anchorNs: bigint;
    /** Windows behind the anchor that were charged or forgiven; they are never looked at again. */
    readonly examined: bigint;
}

/** Key of what is due for a node: earlier ones sort first. */
export interface NodeDueKey {
    readonly atNs: bigint;
    readonly node: Principal;
}

/** Stored by position: append, never reorder. */
export const SLASH_REASONS = ['Liveness', 'Impeachment'] as const;
/** What a deduction is for. */
export type SlashReason = (typeof SLASH_REASONS)[number];

/** A decision to deduct; its position in the log is the case by which rewards tells repetitions. */
export interface SlashRecord {
    readonly node: Principal;
    readonly reason: SlashReason;
    readonly windows: bigint;
    /** The whole remaining stake. */
    readonly all: boolean;
    readonly decidedNs: bigint;
    /** What rewards answered; undefined until it has. */
    readonly outcome: SlashOutcome | undefined;
}

/** What rewards deducted and what it left, in e8s. */
export interface SlashOutcome {
    readonly slashedE8s: bigint;
    readonly remainingE8s: bigint;
    readonly atNs: bigint;
}

/** Stored by position: append, never reorder. */
export const CASE_KINDS = ['Impeachment', 'KeyLeak'] as const;
/** What a case is about. */
export type CaseKind = (typeof CASE_KINDS)[number];

/** Stored by position: append, never reorder. */
export const CASE_STATES = ['Open', 'Passed', 'Rejected'] as const;
/** Open until its deadline or its majority. */
export type CaseState = (typeof CASE_STATES)[number];

/** A case against a node, and the votes on it. */
export interface CaseRecord {
    readonly kind: CaseKind;
    readonly accused: Principal;
    readonly nodeClass: NodeClass;
    readonly reason: string;
    readonly evidenceHash: Uint8Array;
    readonly filedBy: Principal;
    readonly filedNs: bigint;
    /** Votes count until then. */
    readonly deadlineNs: bigint;
    /** Validators: the membership that votes, without the accused. */
    readonly setVersion: number;
    /** Number of those who may vote, frozen at the filing. */
    readonly electorate: bigint;
    readonly yes: bigint;
    readonly no: bigint;
    readonly state: CaseState;
    readonly decidedNs: bigint | undefined;
}

/** One vote for each case and voter. */
export interface CaseVoteKey {
    readonly id: bigint;
    readonly voter: Principal;
}

/** Several compute nodes that take large jobs together (A.1.5); weights stay per node. */
export interface PoolRecord {
    readonly name: string;
    readonly founder: Principal;
    readonly foundedNs: bigint;
    readonly members: bigint;
}

/** Where a node stands among the members of a pool. */
export interface PoolPlace {
    readonly pool: bigint;
    readonly position: bigint;
}

/** Nodes with a stake that are Active, per class: those who may vote on an impeachment. */
export type ElectorCounts = Readonly<Record<NodeClass, bigint>>;

/** How far the round of asking for stakes has come. */
export interface StakeSync {
    readonly cursor: bigint;
    readonly startedNs: bigint;
}

/** What duties, deductions, cases and pools keep. */
export interface DutyTables {
    readonly stakes: Table<Principal, KnownStake>;
    readonly electors: Cell<ElectorCounts>;
    readonly stakeSync: Cell<StakeSync>;
    /** Nodes whose stake is to be asked for before the round comes to them. */
    readonly stakeQueue: OrderedTable<NodeDueKey, boolean>;
    readonly duties: Table<Principal, DutyRecord>;
    readonly dutyDue: OrderedTable<NodeDueKey, boolean>;
    /** Staked nodes: when proofs of computing were decided against them, in windows that are not examined. */
    readonly failedProofs: Table<Principal, readonly bigint[]>;
    readonly slashes: Log<SlashRecord>;
    /** Cases that rewards has not acknowledged. */
    readonly slashOutbox: OrderedTable<bigint, boolean>;
    readonly cases: Log<CaseRecord>;
    readonly caseVotes: Table<CaseVoteKey, boolean>;
    readonly openCaseOf: Table<Principal, bigint>;
    readonly caseDeadlines: OrderedTable<DueKey, boolean>;
    /** Cases of which rewards has to be told whether the stake stays. */
    readonly holdOutbox: OrderedTable<bigint, boolean>;
    /** Cases for which rewards keeps the stake back. */
    readonly heldStakes: Table<bigint, boolean>;
    readonly pools: Log<PoolRecord>;
    readonly poolMembers: Table<PoolPlace, Principal>;
    readonly poolOfNode: Table<Principal, PoolPlace>;
}
