import type { Principal } from '@dfinity/principal';
import type { Cell, Log, Table } from '../../../src/core/table';

/** The next reference of each kind of item, in the order of `ITEM_KINDS`: what is below was recorded or passed over. */
export type ItemCursors = readonly [pocResults: bigint, taskDigests: bigint, trades: bigint];

/** The set of validators at a time. Their order is the order of admission and gives the turns. */
export interface Membership {
    /** Counts the changes; 0 is the empty set of the installation. */
    readonly version: number;
    readonly changedNs: bigint;
    readonly members: readonly Principal[];
}

/** Where the agreement stands: the height that is being agreed on, and what the last state left. */
export interface AgreementTip {
    /** Height of the next state; 1 at first. */
    readonly height: bigint;
    /** Membership that the round belongs to; a change of the members ends the round. */
    readonly setVersion: number;
    readonly round: number;
    readonly startedNs: bigint;
    /** When the current round's proposal came. */
    readonly proposedNs: bigint | undefined;
    /** Index of the proposer of round 0. */
    readonly base: number;
    readonly parentHash: Uint8Array;
    readonly cursors: ItemCursors;
}

/** A proposal with its votes; once it is final it is a state of the log. */
export interface ProposalRecord {
    readonly round: number;
    /** Position of the proposer among the members. */
    readonly proposer: number;
    /** Version of the membership that votes. */
    readonly setVersion: number;
    readonly proposedNs: bigint;
    /** 0 until then. */
    readonly finalNs: bigint;
    readonly hash: Uint8Array;
    readonly parentHash: Uint8Array;
    readonly payloadRoot: Uint8Array;
    readonly itemCount: number;
    /** Cursors behind the items. */
    readonly cursors: ItemCursors;
    /** One bit per member, the first member in the lowest bit of the first byte. */
    readonly yes: Uint8Array;
    readonly no: Uint8Array;
}

/** Where proposals are kept: one for each height and round. */
export interface RoundKey {
    readonly height: bigint;
    readonly round: number;
}

/** Stored by position: append, never reorder. */
export const MISDEEDS = ['TwoProposals', 'TwoVotes'] as const;
/** How a validator contradicted itself. */
export type Misdeed = (typeof MISDEEDS)[number];

/** Two different hashes by one validator at the same height and round (AS-39). */
export interface Evidence extends RoundKey {
    readonly validator: Principal;
    readonly misdeed: Misdeed;
    readonly firstHash: Uint8Array;
    readonly secondHash: Uint8Array;
    readonly seenNs: bigint;
}

/** One piece of evidence for each kind, validator, height and round. */
export interface EvidenceKey extends RoundKey {
    readonly validator: Principal;
    readonly misdeed: Misdeed;
}

/** What the agreement keeps. */
export interface AgreementTables {
    readonly membership: Cell<Membership>;
    /** Members by version. */
    readonly memberships: Log<readonly Principal[]>;
    /** What tells this log from all others. */
    readonly chainId: Cell<Uint8Array>;
    readonly tip: Cell<AgreementTip>;
    readonly proposals: Table<RoundKey, ProposalRecord>;
    /** Items of the last proposal at a height, then the levels of their tree. */
    readonly payloads: Table<bigint, Uint8Array>;
    /** Final states; index 0 holds height 1. */
    readonly states: Log<ProposalRecord>;
    readonly evidence: Log<Evidence>;
    /** One piece of evidence per validator, height, round and misdeed is enough. */
    readonly evidenceKeys: Table<EvidenceKey, boolean>;
    /** Decided proofs of computing, in the order of their decision. */
    readonly pocResults: Log<bigint>;
}
