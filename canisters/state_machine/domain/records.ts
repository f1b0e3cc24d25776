import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import type { Cell, Log, OrderedTable, Table } from '../../../src/core/table';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { AgreementTables } from './agreement_records';
import type { CommitmentTables } from './commitment_records';
import type { StateMachineConfig } from './config';
import type { DutyTables } from './duty_records';
import type { ChallengeTables } from './poc/records';
import type { NewcomerTables } from './newcomers';
import type { NodeStatus } from './status';
import type { BatchTables } from './validator_batch';

/** How a node stands: what most messages need of it. Its key in the table is its principal. */
export interface NodeRecord {
    readonly nodeClass: NodeClass;
    /** As of the last event; a node that fell silent since shows only in `statusAt`. */
    readonly status: NodeStatus;
    /** When the status last changed. */
    readonly statusSinceNs: bigint;
    readonly eValueE8: bigint;
    /** Counts the changes of what rewards keeps of a node. */
    readonly factsVersion: bigint;
    /** When the last proof of computing was requested; 0 before the first. */
    readonly lastPocNs: bigint;
}

/** What a node is, as it registered and was bound: read seldom. */
export interface NodeProfile {
    /** DER (RFC 5280 SubjectPublicKeyInfo); the node's principal is derived from it. */
    readonly publicKey: Uint8Array;
    readonly region: string;
    readonly bandwidthMbps: number;
    readonly registeredAtNs: bigint;
    readonly wallet: Account | undefined;
}

/** What a node reports, and when it took part: changes with every report and every vote. */
export interface Presence {
    readonly lastStatusNs: bigint;
    /**
     * Compute: the last proof of computing that passed. Validator: the last proposal, vote or attestation. Router: the last
     * report.
     */
    readonly lastConsensusNs: bigint;
    readonly queueDepth: number;
    readonly capacity: number;
    /** Apps and version as `about.ts` packs them: a report mostly repeats them, so they are read only to be shown. */
    readonly about: Uint8Array;
}

/** A node with what it is and what it last reported. */
export interface KnownNode {
    readonly id: Principal;
    readonly record: NodeRecord;
    readonly presence: Presence;
}

/** A node's wish to be paid to an account, until the account's owner agrees. */
export interface WalletProposal {
    readonly account: Account;
    readonly expiresAtNs: bigint;
}

/** All that this canister keeps. */
export interface StateTables
    extends AgreementTables, BatchTables, ChallengeTables, CommitmentTables, DutyTables, NewcomerTables {
    readonly config: Cell<StateMachineConfig>;
    readonly nodes: Table<Principal, NodeRecord>;
    readonly profiles: Table<Principal, NodeProfile>;
    readonly presences: Table<Principal, Presence>;
    /** Every node that was ever Active or staked, in the order in which it became so first. */
    readonly nodeIds: Log<Principal>;
    readonly walletProposals: Table<Principal, WalletProposal>;
    /** When anybody last asked for a node's stake, and when the node did to apply or to leave. */
    readonly stakeChecks: Table<Principal, bigint>;
    readonly ownStakeChecks: Table<Principal, bigint>;
    /** Nodes whose facts rewards has not acknowledged, by the order of their change. */
    readonly factsOutbox: OrderedTable<bigint, Principal>;
    readonly factsSequence: Cell<bigint>;
}
