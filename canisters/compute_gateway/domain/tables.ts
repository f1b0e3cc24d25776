import type { Principal } from '@dfinity/principal';
import type { Cell, Lists, Log, OrderedTable, Table } from '../../../src/core/table';
import type { App } from './app';
import type { Place, QueueTables } from './fair_queue';
import type { Group } from './groups';
import type { Job, Payer } from './job';
import type { Limits } from './limits';
import type { Attachment } from './node';
import type { OutboxEntry } from './outbox';
import type { Account } from '../../../src/core/account';
import type { Approval, Holding, PendingMint, Socket } from './socket';
import type { BadReceipts } from './receipt_gate';
import type { Capacity, Requirements, Shortfall } from './requirements';
import type { SessionLease } from './session_lease';
import type { Session, SessionName } from './sessions';

/** A job with the places where the indexes hold it. */
export interface StoredJob {
    readonly job: Job;
    /** Where it waits, while it is queued. */
    readonly place?: Place;
    /** Time of its entry in the schedule, if it has one ({@link GatewayTables.nextSeen} and its node's alarm do without). */
    readonly wakeNs?: bigint;
}

export interface DueKey {
    readonly atNs: bigint;
    readonly id: bigint;
}

export interface IdempotencyScope {
    readonly payer: Payer;
    readonly key: string;
}

/** Numbers of jobs, by what became of them. */
export interface Totals {
    readonly active: bigint;
    readonly completed: bigint;
    readonly failed: bigint;
    readonly timedOut: bigint;
    readonly cancelled: bigint;
    readonly expired: bigint;
    /** How long a job runs, as a moving average over the latest completed ones. */
    readonly usualRunNs: bigint;
    /** The id of the next job, session or socket order. */
    readonly nextId: bigint;
}

/** What a payer has under way. */
export interface PayerLoad {
    readonly active: number;
    readonly leased: number;
}

/** Everything that this canister remembers. */
export interface GatewayTables extends QueueTables {
    readonly limits: Cell<Limits>;
    readonly gateways: Cell<readonly Principal[]>;
    /** Where gateways take results directly. */
    readonly gatewayUrls: Table<Principal, string>;
    /** {@link Totals.nextId}. */
    readonly nextJobId: Cell<bigint>;
    readonly totals: Cell<Totals>;
    readonly appsById: Table<string, App>;
    /** What apps ask of nodes; an app without a row takes any. */
    readonly requirements: Table<string, Requirements>;
    /** What nodes lacked for an app the last time that one wanted to serve it in vain. */
    readonly shortfalls: Table<string, Shortfall>;
    /** What nodes say of themselves; one without a row says nothing. */
    readonly capacities: Table<Principal, Capacity>;
    /** Apps that each developer has registered, since schema 7. */
    readonly appsByDeveloper: Table<Principal, bigint>;
    /** Receipts that each node has brought with a signature that was not the payer's. */
    readonly badReceipts: Table<Principal, BadReceipts>;
    readonly appIds: Log<string>;
    readonly appIdsByModelHash: Table<Uint8Array, string>;
    readonly nodesByApp: Table<string, readonly Principal[]>;
    readonly attachments: Table<Principal, Attachment>;
    /** How often each node has brought another output for a job that it had completed. */
    readonly conflicts: Table<Principal, bigint>;
    /** Jobs whose live lease each node holds; a node without any keeps its row, since a claim would look for it in vain. */
    readonly leases: Table<Principal, readonly bigint[]>;
    /** When each node's standing must be asked for again. */
    readonly nodeChecks: OrderedTable<NodeCheckKey, Principal>;
    readonly jobs: Table<bigint, StoredJob>;
    readonly inputs: Table<bigint, Uint8Array>;
    readonly outputs: Table<bigint, Uint8Array>;
    /** What nodes tell about outputs besides them, such as how a text ended. */
    readonly details: Table<bigint, Uint8Array>;
    readonly jobIdsByOwner: Lists<Principal, bigint>;
    /** Jobs that ended in failure, to be looked at and tried again. */
    readonly deadIdsByOwner: Lists<Principal, bigint>;
    readonly jobIdsByIdempotencyKey: Table<IdempotencyScope, bigint>;
    readonly loadByPayer: Table<Payer, PayerLoad>;
    readonly sessions: Table<SessionName, Session>;
    readonly sessionLeases: Table<bigint, SessionLease>;
    /** A key signs for one session. */
    readonly sessionIdsByKey: Table<Uint8Array, bigint>;
    readonly sessionSchedule: OrderedTable<DueKey, bigint>;
    readonly sockets: Table<bigint, Socket>;
    readonly holdings: Table<Account, Holding>;
    readonly nextSocketId: Cell<bigint>;
    readonly pendingMints: OrderedTable<DueKey, PendingMint>;
    readonly tokenApprovals: Table<bigint, readonly Approval[]>;
    readonly collectionApprovals: Table<Account, readonly Approval[]>;
    /** Transfers of the last day that asked for deduplication: by time of creation and arguments. */
    readonly tokenWindow: OrderedTable<Uint8Array, bigint>;
    /** Index of the next transaction of sockets. */
    readonly nextTransaction: Cell<bigint>;
    readonly groups: Log<Group>;
    readonly schedule: OrderedTable<DueKey, bigint>;
    /**
     * The first job that the sweep has not seen. It sees each for the first time when an unanswered question for a hold is given
     * up; until then the job needs no entry in the schedule, unless it is due before.
     */
    readonly nextSeen: Cell<bigint>;
    /** One alarm for each node that holds leases, no later than the first of them ends. */
    readonly alarms: OrderedTable<NodeCheckKey, Principal>;
    readonly alarmOfNode: Table<Principal, bigint>;
    /** What the hub must still be told, by the time of the next try. */
    readonly outbox: OrderedTable<DueKey, OutboxEntry>;
}

export interface NodeCheckKey {
    readonly atNs: bigint;
    readonly node: Principal;
}
