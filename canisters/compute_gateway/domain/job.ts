import type { Principal } from '@dfinity/principal';
import { minAmount } from '../../../src/core/amount';
import { NS_PER_S } from '../../../src/core/clock';
import { firstReceiptHash, receiptBody, receiptHash, type Receipt } from '../../../src/core/compute/receipt';
import type { Limits } from './limits';

/** Who pays: a signed-in principal, or the owner of an API key, named by the key's SHA-256. */
export type Payer =
    { readonly kind: 'Principal'; readonly who: Principal } | { readonly kind: 'ApiKey'; readonly keyHash: Uint8Array };

/** Claimed in this order. Closed list; stored by position, so append only. */
export const PRIORITIES = ['Interactive', 'Standard', 'Batch'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The right to run one attempt of a job, until its deadline. */
export interface Lease {
    readonly node: Principal;
    /** Fencing token: unpredictable, new for each attempt. */
    readonly token: bigint;
    readonly attempt: number;
    readonly grantedAtNs: bigint;
    readonly deadlineNs: bigint;
    /** What the node has said in its heartbeats that it has done so far; it never falls. */
    readonly units: bigint;
}

/** Nodes that may run a job; absent when any may. */
export type AllowedNodes = readonly Principal[];

export type JobState =
    /** The intent is written, the hub is being asked for the hold. */
    | { readonly kind: 'Opening' }
    | { readonly kind: 'Queued' }
    /** Backing off after a failed attempt. */
    | { readonly kind: 'Waiting'; readonly untilNs: bigint }
    | { readonly kind: 'Leased' }
    /** Its owner has cancelled; the node that runs it is told in the answer to its next heartbeat. */
    | { readonly kind: 'Cancelling' }
    | {
          readonly kind: 'Completed';
          readonly finishedAtNs: bigint;
          readonly units: bigint;
          readonly creditsUsed: bigint;
          /** SHA-256 of the output. */
          readonly outputHash: Uint8Array;
      }
    | { readonly kind: 'Failed'; readonly finishedAtNs: bigint; readonly code: string }
    | { readonly kind: 'TimedOut'; readonly finishedAtNs: bigint }
    | {
          readonly kind: 'Cancelled';
          readonly finishedAtNs: bigint;
          /** Done before the node was told, and paid (compute.md §5.2). */
          readonly units: bigint;
          readonly creditsUsed: bigint;
      }
    | { readonly kind: 'Expired'; readonly finishedAtNs: bigint };

/** Whether a node holds the job. */
export function isHeld(job: Job): boolean {
    const { state } = job;
    return state.kind === 'Leased' || state.kind === 'Cancelling';
}

export type TerminalState = Extract<JobState, { readonly finishedAtNs: bigint }>;

/** A job without its payloads, which are kept apart. */
export interface Job {
    readonly id: bigint;
    readonly appId: string;
    readonly payer: Payer;
    /** Who called: the payer itself, or the gateway that acts for the owner of an API key. */
    readonly submitter: Principal;
    /** Known when the hub has answered. */
    readonly owner?: Principal;
    readonly priority: Priority;
    /** Jobs of one payer with the same key run one after the other, on the same node where that is possible. */
    readonly sessionKey?: string;
    /** The group that it is a shard of. */
    readonly group?: bigint;
    /** The failed job that it tries once more. */
    readonly redriveOf?: bigint;
    readonly idempotencyKey?: string;
    /**
     * Set when the submitting gateway takes the result itself: hash of the secret by which it acknowledges the result. 32 bytes.
     */
    readonly ackHash?: Uint8Array;
    /** The compute socket that pays instead of the payer's credits. */
    readonly socket?: bigint;
    /** The input is elsewhere: what is kept of it is where, and its hash. */
    readonly isByReference: boolean;
    /** How its receipt is hashed; 1 for jobs of schema 5. */
    readonly receiptForm: 1 | 2;
    readonly maxCredits: bigint;
    readonly maxUnits: bigint;
    readonly unitPriceCredits: bigint;
    readonly leaseNs: bigint;
    readonly createdAtNs: bigint;
    /** End of the queue's patience. */
    readonly expiresAtNs: bigint;
    /** The payer's key may name the nodes that it trusts. */
    readonly nodes?: AllowedNodes;
    /** Since when it waits in the queue, this time. */
    readonly queuedAtNs: bigint;
    /** It has waited for half of its time: it counts as interactive. */
    readonly isAged: boolean;
    /** Leases granted so far. */
    readonly attempt: number;
    /** Attempts that count against it: those that a node gave back without fault do not. */
    readonly failures: number;
    /** Nodes that had the job and did not complete it. */
    readonly excluded: readonly Principal[];
    /** The latest lease, also after it has ended: a late result of it is welcome as long as there is no newer one. */
    readonly lease?: Lease;
    readonly state: JobState;
}

/** What becomes of a job; the rest stays as it was submitted. */
type MutablePart = Pick<
    Job,
    'owner' | 'nodes' | 'queuedAtNs' | 'isAged' | 'attempt' | 'failures' | 'excluded' | 'lease' | 'state'
>;

/**
 * The job with some fields changed; none becomes absent again. They are spelled out because a canister spends 60 000 instructions to spread an object of
 * so many fields, and a tenth of that on this.
 */
export function changed(job: Job, changes: Partial<MutablePart>): Job {
    const { owner, nodes, queuedAtNs, isAged, attempt, failures, excluded, lease, state } = changes;
    return {
        id: job.id,
        appId: job.appId,
        payer: job.payer,
        submitter: job.submitter,
        owner: owner ?? job.owner,
        priority: job.priority,
        sessionKey: job.sessionKey,
        group: job.group,
        redriveOf: job.redriveOf,
        idempotencyKey: job.idempotencyKey,
        ackHash: job.ackHash,
        socket: job.socket,
        isByReference: job.isByReference,
        receiptForm: job.receiptForm,
        maxCredits: job.maxCredits,
        maxUnits: job.maxUnits,
        unitPriceCredits: job.unitPriceCredits,
        leaseNs: job.leaseNs,
        createdAtNs: job.createdAtNs,
        expiresAtNs: job.expiresAtNs,
        nodes: nodes ?? job.nodes,
        queuedAtNs: queuedAtNs ?? job.queuedAtNs,
        isAged: isAged ?? job.isAged,
        attempt: attempt ?? job.attempt,
        failures: failures ?? job.failures,
        excluded: excluded ?? job.excluded,
        lease: lease ?? job.lease,
        state: state ?? job.state
    };
}

/** After this time an unanswered question for a hold is given up, and the hold, if there is one, given back. */
export const OPENING_LIMIT_NS = 120n * NS_PER_S;

export function isTerminal(state: JobState): state is TerminalState {
    return 'finishedAtNs' in state;
}

/** The priority that a job waits with now. */
export function laneOf(job: Job): Priority {
    return job.isAged ? 'Interactive' : job.priority;
}

/** Whether waiting will raise it. */
export function ages(job: Job): boolean {
    return !job.isAged && job.priority !== 'Interactive';
}

/** Half of the time that it may wait. */
export function agesAtNs(job: Job): bigint {
    return job.createdAtNs + (job.expiresAtNs - job.createdAtNs) / 2n;
}

/** The most that the job can cost: what is held. */
export function holdOf(job: Job): bigint {
    return job.maxUnits * job.unitPriceCredits;
}

/** Units that were done and are paid. */
export function unitsUsed(job: Job): bigint {
    const { state } = job;
    return 'units' in state ? state.units : 0n;
}

/** A cancelled job's receipt names no output. */
const NO_OUTPUT = new Uint8Array(32);

/** The receipt of a job that is paid (G5): a function of the job, so it is not stored. */
function receiptOf(job: Job): Receipt | undefined {
    const { id, state, lease } = job;
    const isPaid = state.kind === 'Completed' || (state.kind === 'Cancelled' && state.units > 0n);
    if (!isPaid || lease === undefined) return undefined;
    const outputHash = state.kind === 'Completed' ? state.outputHash : NO_OUTPUT;
    return { jobId: id, attempt: lease.attempt, node: lease.node, outputHash, units: state.units };
}

/** Its hash, for queries: an update would pay more for the SHA-256 than for the rest of a completion. */
export function receiptHashOf(job: Job): Uint8Array | undefined {
    const receipt = receiptOf(job);
    if (receipt === undefined) return undefined;
    return job.receiptForm === 1 ? firstReceiptHash(receipt) : receiptHash(receipt);
}

/** What the hub is told of it, which knows the job and the node: its body, from which the hub computes the hash when it is asked for it. */
export function receiptToldOf(job: Job): Uint8Array | undefined {
    const receipt = receiptOf(job);
    if (receipt === undefined) return undefined;
    return job.receiptForm === 1 ? firstReceiptHash(receipt) : receiptBody(receipt);
}

export function creditsUsed(job: Job): bigint {
    return 'creditsUsed' in job.state ? job.state.creditsUsed : 0n;
}

/** When the job must be looked at without anybody asking; the payloads of a finished one go at its due time. */
export function dueNs(job: Job, limits: Limits): bigint {
    const { state } = job;
    if (isTerminal(state)) return state.finishedAtNs + limits.retentionS * NS_PER_S;
    switch (state.kind) {
        case 'Opening':
            return job.createdAtNs + OPENING_LIMIT_NS;
        case 'Queued':
            return ages(job) ? minAmount(agesAtNs(job), job.expiresAtNs) : job.expiresAtNs;
        case 'Waiting':
            return minAmount(state.untilNs, job.expiresAtNs);
        case 'Leased':
        case 'Cancelling':
            return job.lease?.deadlineNs ?? job.expiresAtNs;
    }
}
