import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../src/core/assert';
import { equalBytes } from '../../../src/core/bytes';
import { RECEIPT_BODY_BYTES, receiptHash, receiptWith } from '../../../src/core/compute/receipt';
import { PAGE_LIMIT, pageRange } from '../../../src/core/page';
import { samePrincipal } from '../../../src/core/principals';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import type { OnceTable, Table } from '../../../src/core/table';
import type { ApiKeys, Origin } from './api_keys';
import type { CreditBook } from './credit_book';
import type { ErrorOf } from './errors';
import { allowsNode, type KeyUses, type LimitRefused } from './key_limits';
import type { WindowBook } from './window_book';

/** How a request ended. */
export const FINAL_STATUSES = ['Success', 'Failed', 'Timeout', 'Cancelled'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

/** The one final record of a request; never changed afterwards (H1). */
export interface Outcome {
    /** The node that executed it; absent when none did. */
    readonly node?: Principal;
    readonly status: FinalStatus;
    readonly creditsUsed: bigint;
    /** {@link RecordResult.receipt}. */
    readonly receipt?: Uint8Array;
    readonly closedAtNs: bigint;
    /** The window of recording (AS-72). */
    readonly window: bigint;
}

/** A call by a user or a validator; kept for good, whatever became of it (S0 step 4). */
export interface CallRequest {
    readonly requestId: bigint;
    readonly owner: Principal;
    /** The API key that paid, if one did. */
    readonly keyHash?: Uint8Array;
    readonly origin: Origin;
    readonly appId: string;
    readonly creditsHeld: bigint;
    readonly openedAtNs: bigint;
    /** Nodes that may execute it, as the key said when it was opened; absent when any may. */
    readonly nodes?: readonly Principal[];
    /** The compute socket's account that pays for the owner. */
    readonly purse?: Principal;
    readonly outcome?: Outcome;
}

export type Payer =
    { readonly kind: 'Principal'; readonly owner: Principal } | { readonly kind: 'ApiKey'; readonly hash: Uint8Array };

export interface OpenRequest {
    readonly requestId: bigint;
    readonly payer: Payer;
    readonly appId: string;
    readonly maxCredits: bigint;
    /** Pays instead of the payer, whose request it stays. */
    readonly purse?: Principal;
}

export interface RecordResult {
    readonly requestId: bigint;
    readonly node?: Principal;
    readonly status: FinalStatus;
    readonly creditsUsed: bigint;
    /** The body of a job's receipt, which is of no other request ({@link RECEIPT_BODY_BYTES}), or any receipt's SHA-256. */
    readonly receipt?: Uint8Array;
}

export interface RequestCounters {
    readonly opened: bigint;
    readonly closed: bigint;
}

/** Ids of requests, by whom they concern, in the order in which they were appended. */
export interface IdLists {
    length(who: Principal): bigint;
    get(who: Principal, index: bigint): bigint | undefined;
    append(who: Principal, id: bigint): void;
}

export interface RequestTables {
    readonly requests: Table<bigint, CallRequest>;
    /** How many requests have no outcome yet. */
    openCount(): bigint;
    readonly requestsByOwner: IdLists;
    readonly requestsByNode: IdLists;
    /** The request that each receipt was accepted for, of those that came as a hash. */
    readonly receipts: OnceTable<Uint8Array, bigint>;
    /** The latest call of each validator that its key let go to one node alone: a probe of that node. */
    readonly directedCalls: Table<OwnerAndNode, bigint>;
}

export interface OwnerAndNode {
    readonly owner: Principal;
    readonly node: Principal;
}

/** Who pays, and as what. */
export interface Opened {
    readonly owner: Principal;
    readonly origin: Origin;
    /** Nodes that may execute the request; absent when any may. */
    readonly nodes?: readonly Principal[];
}

/** What a search looks for; an absent field does not filter. */
export interface RequestFilter {
    readonly status?: FinalStatus | 'Open';
    readonly appId?: string;
    readonly node?: Principal;
    readonly keyHash?: Uint8Array;
    /** Of recording. */
    readonly window?: bigint;
}

export interface FoundRequests {
    readonly requests: readonly CallRequest[];
    /** Where the search goes on; absent at the end. */
    readonly next?: bigint;
}

/** Requests that one search looks at. */
const LOOKED_AT = 500n;

export const RECEIPT_HASH_BYTES = 32;

type KeyRefused = ErrorOf<'KeyNotFound' | 'KeyRevoked'>;
type OpenRefused = KeyRefused | LimitRefused | ErrorOf<'InsufficientCredits' | 'DuplicateRequest'>;
type PaymentRefused = ErrorOf<'BadReceipt' | 'NodeNotAllowed'>;
type FundRefused = ErrorOf<'NotFound' | 'AlreadyRecorded'>;
type RecordRefused =
    PaymentRefused | ErrorOf<'NotFound' | 'AlreadyRecorded' | 'CreditsExceedReservation' | 'InvalidArgument'>;

/** Call records: opened with a reservation, closed once by a capture or a release. Both are idempotent. */
export class Requests {
    constructor(
        private readonly tables: RequestTables,
        private readonly keys: ApiKeys,
        private readonly uses: KeyUses,
        private readonly credits: CreditBook,
        private readonly windows: WindowBook
    ) {}

    /** Reserves the credits that a request may cost. The identical call again answers the same. */
    open(call: OpenRequest, nowNs: bigint): Result<Opened, OpenRefused> {
        const known = this.tables.requests.get(call.requestId);
        if (known !== undefined) {
            return isSameOpening(known, call) ? ok(known) : err({ kind: 'DuplicateRequest' });
        }
        const payer = this.resolve(call, nowNs);
        if (!payer.ok) return payer;
        const { owner, origin, keyHash, nodes } = payer.value;
        const { purse } = call;
        const held = this.credits.hold(purse ?? owner, call.maxCredits);
        if (!held.ok) return held;
        const { requestId, appId, maxCredits: creditsHeld } = call;
        const request = { requestId, owner, keyHash, origin, appId, creditsHeld, openedAtNs: nowNs, nodes, purse };
        this.tables.requests.set(requestId, request);
        this.tables.requestsByOwner.append(owner, requestId);
        if (keyHash !== undefined) this.uses.opened(keyHash, creditsHeld, nowNs);
        const node = origin === 'Validator' && nodes?.length === 1 ? nodes[0] : undefined;
        if (node !== undefined) this.tables.directedCalls.set({ owner, node }, requestId);
        return ok(request);
    }

    /**
     * Closes a request: captures what a Success used, or what a Cancelled had used until then (compute.md scenario 11),
     * releases the rest, counts it into the given window. Failed and Timeout consume nothing, whatever they claim (AS-71).
     * What nobody may be paid for is kept with its whole reservation released, a Success as Failed. The identical call again
     * answers the same.
     */
    record(result: RecordResult, window: bigint, nowNs: bigint): Result<void, RecordRefused> {
        const request = this.tables.requests.get(result.requestId);
        if (request === undefined) return err({ kind: 'NotFound' });
        const success = result.status === 'Success';
        const creditsUsed = success || result.status === 'Cancelled' ? result.creditsUsed : 0n;
        const earns = success || creditsUsed > 0n;
        if (request.outcome !== undefined) {
            const same = isSameOutcome(request.outcome, { ...result, creditsUsed });
            return same ? DONE : err({ kind: 'AlreadyRecorded' });
        }
        if (earns && result.node === undefined) {
            return err({ kind: 'InvalidArgument', detail: 'what is paid names the node that earned it' });
        }
        if (creditsUsed > request.creditsHeld) return err({ kind: 'CreditsExceedReservation' });
        const { node, status, receipt } = result;
        const refused = earns ? this.paymentFault(request, result) : undefined;
        if (refused !== undefined) {
            const kept = success ? 'Failed' : status;
            this.close(request, { node, status: kept, creditsUsed: 0n, closedAtNs: nowNs, window });
            return err(refused);
        }
        this.close(request, { node, status, receipt, creditsUsed, closedAtNs: nowNs, window });
        return DONE;
    }

    /**
     * Closes a request by moving its whole reservation to a compute socket's purse: the price of the socket's units. The
     * identical call again answers the same.
     */
    fund(requestId: bigint, purse: Principal, window: bigint, nowNs: bigint): Result<void, FundRefused> {
        const request = this.tables.requests.get(requestId);
        if (request === undefined) return err({ kind: 'NotFound' });
        if (request.outcome !== undefined) {
            const isSame = request.purse !== undefined && samePrincipal(request.purse, purse);
            return isSame ? DONE : err({ kind: 'AlreadyRecorded' });
        }
        this.capture(request, 0n);
        this.credits.move(request.owner, purse, request.creditsHeld);
        this.keep({ ...request, purse }, { status: 'Cancelled', creditsUsed: 0n, closedAtNs: nowNs, window });
        return DONE;
    }

    /**
     * Why a node is not paid: its receipt is missing, or was paid before (AS-78), or the request's key did not allow the
     * node (AS-77). What the key allows by now is of no consequence: the node has done its work. A receipt is taken when
     * nothing else is wrong: to look for it first would walk the tree of all receipts twice.
     */
    private paymentFault(request: CallRequest, result: RecordResult): PaymentRefused | undefined {
        const { node, receipt } = result;
        const isBody = receipt?.length === RECEIPT_BODY_BYTES;
        if (receipt === undefined || (!isBody && receipt.length !== RECEIPT_HASH_BYTES)) return { kind: 'BadReceipt' };
        const isAllowed = node !== undefined && allowsNode(request, node);
        if (!isAllowed) return { kind: 'NodeNotAllowed' };
        // A body makes a receipt of its request alone, which is recorded once; a hash could be of any.
        const isFresh = isBody || this.tables.receipts.add(receipt, request.requestId);
        return isFresh ? undefined : { kind: 'BadReceipt' };
    }

    get(requestId: bigint): CallRequest | undefined {
        return this.tables.requests.get(requestId);
    }

    /** The latest call of a validator, by a key of that origin, which could go to the node alone. */
    directedCall(owner: Principal, node: Principal): CallRequest | undefined {
        const requestId = this.tables.directedCalls.get({ owner, node });
        return requestId === undefined ? undefined : this.get(requestId);
    }

    /** Requests that a principal paid, newest first. */
    listByOwner(owner: Principal, start: bigint, take: bigint): readonly CallRequest[] {
        return this.newestFirst(this.tables.requestsByOwner, owner, start, take);
    }

    /** Requests that a principal paid and that the filter lets through, newest first; a bounded search. */
    find(owner: Principal, filter: RequestFilter, start: bigint, take: bigint): FoundRequests {
        const { requestsByOwner } = this.tables;
        const length = requestsByOwner.length(owner);
        const [from, to] = pageRange(start, LOOKED_AT, length, LOOKED_AT);
        const found: CallRequest[] = [];
        let offset = from;
        for (; offset < to && found.length < Number(take < PAGE_LIMIT ? take : PAGE_LIMIT); offset++) {
            const requestId = requestsByOwner.get(owner, length - 1n - offset);
            const request = requestId === undefined ? undefined : this.tables.requests.get(requestId);
            if (request !== undefined && passes(request, filter)) found.push(request);
        }
        return { requests: found, next: offset < length ? offset : undefined };
    }

    /** Requests that a node executed, newest first. */
    listByNode(node: Principal, start: bigint, take: bigint): readonly CallRequest[] {
        return this.newestFirst(this.tables.requestsByNode, node, start, take);
    }

    counters(): RequestCounters {
        const opened = BigInt(this.tables.requests.size());
        return { opened, closed: opened - this.tables.openCount() };
    }

    private resolve(
        call: OpenRequest,
        nowNs: bigint
    ): Result<Opened & { keyHash?: Uint8Array }, KeyRefused | LimitRefused> {
        const { payer, appId, maxCredits: credits } = call;
        if (payer.kind === 'Principal') return ok({ owner: payer.owner, origin: 'ApiUser' });
        const { hash: keyHash } = payer;
        const key = this.keys.usable(keyHash);
        if (!key.ok) return key;
        const { owner, origin, limits } = key.value;
        const allowed = this.uses.check(keyHash, limits, { appId, credits }, nowNs);
        return allowed.ok ? ok({ owner, origin, keyHash, nodes: limits.nodes }) : allowed;
    }

    private close(request: CallRequest, outcome: Outcome): void {
        this.capture(request, outcome.creditsUsed);
        this.keep(request, outcome);
    }

    private capture(request: CallRequest, used: bigint): void {
        const { owner, purse, creditsHeld } = request;
        if (purse === undefined) this.credits.capture(owner, creditsHeld, used);
        else this.credits.captureFrom(purse, owner, creditsHeld, used);
    }

    private keep(request: CallRequest, outcome: Outcome): void {
        this.tables.requests.set(request.requestId, { ...request, outcome });
        if (request.keyHash !== undefined) {
            this.uses.closed(request.keyHash, request.creditsHeld, outcome.creditsUsed);
        }
        if (outcome.node !== undefined) this.tables.requestsByNode.append(outcome.node, request.requestId);
        this.windows.count(outcome.window, {
            node: outcome.node,
            buyer: request.owner,
            success: outcome.status === 'Success',
            credits: outcome.creditsUsed
        });
    }

    private newestFirst(lists: IdLists, who: Principal, start: bigint, take: bigint): readonly CallRequest[] {
        const length = lists.length(who);
        const [from, to] = pageRange(start, take, length);
        const page: CallRequest[] = [];
        for (let offset = from; offset < to; offset++) {
            const requestId = lists.get(who, length - 1n - offset);
            const request = requestId === undefined ? undefined : this.tables.requests.get(requestId);
            invariant(request !== undefined, 'H1', `request ${requestId} is listed and not kept`);
            page.push(request);
        }
        return page;
    }
}

/** SHA-256 of a paid request's receipt; computed for whoever asks, since an update would pay for it what all the rest costs. */
export function receiptHashOf({ requestId, outcome }: CallRequest): Uint8Array | undefined {
    const { node, receipt } = outcome ?? {};
    if (node === undefined || receipt?.length !== RECEIPT_BODY_BYTES) return receipt;
    return receiptHash(receiptWith(requestId, node, receipt));
}

/**
 * Who may read a request besides peers and controllers: its payer, and every prober. Not the node that executed it: a node that
 * learns who pays can tell a validator's probe.
 */
export function concerns(request: CallRequest, who: Principal, isProber: boolean): boolean {
    return isProber || samePrincipal(request.owner, who);
}

function passes({ outcome, ...request }: CallRequest, filter: RequestFilter): boolean {
    const { status, appId, node, keyHash, window } = filter;
    return (
        (status === undefined || status === (outcome?.status ?? 'Open')) &&
        (appId === undefined || appId === request.appId) &&
        (node === undefined || (outcome?.node !== undefined && samePrincipal(node, outcome.node))) &&
        (keyHash === undefined || (request.keyHash !== undefined && equalBytes(keyHash, request.keyHash))) &&
        (window === undefined || window === outcome?.window)
    );
}

function isSameOpening(request: CallRequest, call: OpenRequest): boolean {
    const samePayer =
        call.payer.kind === 'ApiKey'
            ? request.keyHash !== undefined && equalBytes(request.keyHash, call.payer.hash)
            : request.keyHash === undefined && samePrincipal(request.owner, call.payer.owner);
    const samePurse = bothOrNeither(request.purse, call.purse, samePrincipal);
    return samePayer && samePurse && request.appId === call.appId && request.creditsHeld === call.maxCredits;
}

function isSameOutcome(outcome: Outcome, result: RecordResult): boolean {
    return (
        outcome.status === result.status &&
        outcome.creditsUsed === result.creditsUsed &&
        bothOrNeither(outcome.node, result.node, samePrincipal) &&
        bothOrNeither(outcome.receipt, result.receipt, equalBytes)
    );
}

function bothOrNeither<T>(a: T | undefined, b: T | undefined, same: (a: T, b: T) => boolean): boolean {
    return a === undefined || b === undefined ? a === b : same(a, b);
}
