import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { creditsUsed, holdOf, receiptToldOf, type Job, type Payer } from './job';
import { purseOf } from './socket';
import type { DueKey, GatewayTables } from './tables';

/** Closed list; stored by position, so append only. */
export const RESULT_STATUSES = ['Success', 'Failed', 'Timeout', 'Cancelled'] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

/** What the hub is told about a finished request. */
export interface ResultRecord {
    readonly requestId: bigint;
    readonly node?: Principal;
    readonly status: ResultStatus;
    readonly creditsUsed: bigint;
    /** The body of a job's receipt (`RECEIPT_BODY_BYTES`), or any other receipt's SHA-256. */
    readonly receipt?: Uint8Array;
}

/** A question for a hold. */
export interface OpenRequest {
    readonly requestId: bigint;
    readonly payer: Payer;
    readonly appId: string;
    readonly maxCredits: bigint;
    /** The compute socket's account at the hub that pays for the payer. */
    readonly purse?: Principal;
}

export type OutboxMessage =
    /** The job with the request's id has ended: its record is a function of the job. */
    | { readonly kind: 'Ended'; readonly requestId: bigint }
    | { readonly kind: 'Record'; readonly record: ResultRecord }
    /** The price of a compute socket goes to its purse. */
    | { readonly kind: 'Fund'; readonly requestId: bigint; readonly socketId: bigint }
    /** Nobody knows whether the hold was made: ask again, and give it back if it was. */
    | { readonly kind: 'Release'; readonly request: OpenRequest };

export interface OutboxEntry {
    readonly message: OutboxMessage;
    readonly tries: number;
}

/** A message that is to be sent now; the key settles it. */
export interface DueMessage {
    readonly key: DueKey;
    readonly message: OutboxMessage;
}

const MAX_RETRY_NS = 300n * NS_PER_S;
const NONE: readonly DueMessage[] = [];

/** The record of a job's end; undefined while it has none. */
export function recordOf(job: Job): ResultRecord | undefined {
    const status = statusOf(job);
    if (status === undefined) return undefined;
    const node = job.lease?.node;
    return { requestId: job.id, node, status, creditsUsed: creditsUsed(job), receipt: receiptToldOf(job) };
}

function statusOf(job: Job): ResultStatus | undefined {
    switch (job.state.kind) {
        case 'Completed':
            return 'Success';
        case 'Failed':
            return 'Failed';
        case 'TimedOut':
        case 'Expired':
            return 'Timeout';
        case 'Cancelled':
            return 'Cancelled';
        case 'Opening':
        case 'Queued':
        case 'Waiting':
        case 'Leased':
        case 'Cancelling':
            return undefined;
    }
}

export function openRequestOf(job: Job): OpenRequest {
    const purse = job.socket === undefined ? undefined : purseOf(job.socket);
    return { requestId: job.id, payer: job.payer, appId: job.appId, maxCredits: holdOf(job), purse };
}

/** Messages to the hub that outlive every failure: kept until the hub has answered for good. One per request id. */
export class Outbox {
    /** Pushed in this message and not sent yet. Whatever loses them, they are stored, and due again soon. */
    private fresh: DueMessage[] = [];

    constructor(private readonly entries: GatewayTables['outbox']) {}

    size(): number {
        return this.entries.size();
    }

    push(message: OutboxMessage, nowNs: bigint): void {
        const key = { atNs: nowNs + retryNs(0), id: requestIdOf(message) };
        this.entries.set(key, { message, tries: 1 });
        this.fresh.push({ key, message });
    }

    /** What this message has pushed, at most `limit`: stored for its second try, to be sent now for the first time. */
    takeFresh(limit: number): readonly DueMessage[] {
        if (this.fresh.length === 0) return NONE;
        const taken = this.fresh.slice(0, limit);
        this.fresh = [];
        return taken;
    }

    /**
     * Takes what is due, oldest first, at most `limit`. Each is moved to its next try first: when no answer ever comes,
     * it is sent again, which the hub answers like the first time.
     */
    take(nowNs: bigint, limit: number): readonly DueMessage[] {
        const taken: DueMessage[] = [];
        while (taken.length < limit) {
            const key = this.entries.firstKey();
            const entry = key === undefined || key.atNs > nowNs ? undefined : this.entries.get(key);
            if (key === undefined || entry === undefined) break;
            this.entries.delete(key);
            const nextKey = { atNs: nowNs + retryNs(entry.tries), id: key.id };
            this.entries.set(nextKey, { ...entry, tries: entry.tries + 1 });
            taken.push({ key: nextKey, message: entry.message });
        }
        return taken;
    }

    /** The hub has answered for good. */
    settle(key: DueKey): void {
        this.entries.delete(key);
    }
}

/** 5 s, 10 s, 20 s … five minutes. */
function retryNs(tries: number): bigint {
    const waitNs = (5n * NS_PER_S) << BigInt(Math.min(tries, 10));
    return waitNs < MAX_RETRY_NS ? waitNs : MAX_RETRY_NS;
}

export function requestIdOf(message: OutboxMessage): bigint {
    switch (message.kind) {
        case 'Ended':
        case 'Fund':
            return message.requestId;
        case 'Record':
            return message.record.requestId;
        case 'Release':
            return message.request.requestId;
    }
}
