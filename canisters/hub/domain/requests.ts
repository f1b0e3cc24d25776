import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { equalBytes } from '../../../src/core/bytes';
import { pageRange } from '../../../src/core/page';
import { DONE, err, ok, type Result } from '../../../src/core/result';
import type { Cell, Lists, Table } from '../../../src/core/table';
import type { ApiKeys, Origin } from './api_keys';
import type { CreditBook } from './credit_book';
import type { ErrorOf } from './errors';
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
    readonly receiptHash?: Uint8Array;
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
    readonly outcome?: Outcome;
}

export type Payer =
    { readonly kind: 'Principal'; readonly owner: Principal } | { readonly kind: 'ApiKey'; readonly hash: Uint8Array };

export interface OpenRequest {
    readonly requestId: bigint;
    readonly payer: Payer;
    readonly appId: string;
    readonly maxCredits: bigint;
}

export interface RecordResult {
    readonly requestId: bigint;
    readonly node?: Principal;
    readonly status: FinalStatus;
    readonly creditsUsed: bigint;
    readonly receiptHash?: Uint8Array;
}

export interface RequestCounters {
    readonly opened: bigint;
    readonly closed: bigint;
}

export interface RequestTables {
    readonly requests: Table<bigint, CallRequest>;
    readonly requestsByOwner: Lists<Principal, bigint>;
    readonly requestsByNode: Lists<Principal, bigint>;
    readonly counters: Cell<RequestCounters>;
}

/** Who pays, and as what. */
export interface Opened {
    readonly owner: Principal;
    readonly origin: Origin;
}

type OpenRefused = ErrorOf<'KeyNotFound' | 'KeyRevoked' | 'InsufficientCredits' | 'DuplicateRequest'>;
type RecordRefused = ErrorOf<'NotFound' | 'AlreadyRecorded' | 'CreditsExceedReservation' | 'InvalidArgument'>;

/** Call records: opened with a reservation, closed once by a capture or a release. Both are idempotent. */
export class Requests {
    constructor(
        private readonly tables: RequestTables,
        private readonly keys: ApiKeys,
        private readonly credits: CreditBook,
        private readonly windows: WindowBook
    ) {}

    /** Reserves the credits that a request may cost. The identical call again answers the same. */
    open(call: OpenRequest, nowNs: bigint): Result<Opened, OpenRefused> {
        const known = this.tables.requests.get(call.requestId);
        if (known !== undefined) return isSameOpening(known, call) ? ok(known) : err({ kind: 'DuplicateRequest' });
        const payer = this.resolve(call.payer);
        if (!payer.ok) return payer;
        const held = this.credits.hold(payer.value.owner, call.maxCredits);
        if (!held.ok) return held;
        this.tables.requests.set(call.requestId, {
            requestId: call.requestId,
            ...payer.value,
            appId: call.appId,
            creditsHeld: call.maxCredits,
            openedAtNs: nowNs
        });
        this.tables.requestsByOwner.append(payer.value.owner, call.requestId);
        this.bump({ opened: 1n, closed: 0n });
        return ok(payer.value);
    }

    /**
     * Closes a request: captures what a Success used, releases the rest, counts it into the given window.
     * Any other status consumes nothing, whatever it claims (H4, AS-71). The identical call again answers the same.
     */
    record(result: RecordResult, window: bigint, nowNs: bigint): Result<void, RecordRefused> {
        const request = this.tables.requests.get(result.requestId);
        if (request === undefined) return err({ kind: 'NotFound' });
        const success = result.status === 'Success';
        const creditsUsed = success ? result.creditsUsed : 0n;
        if (request.outcome !== undefined) {
            const same = isSameOutcome(request.outcome, { ...result, creditsUsed });
            return same ? DONE : err({ kind: 'AlreadyRecorded' });
        }
        if (success && result.node === undefined) {
            return err({ kind: 'InvalidArgument', detail: 'a Success names the node that earned it' });
        }
        if (creditsUsed > request.creditsHeld) return err({ kind: 'CreditsExceedReservation' });
        const { node, status, receiptHash } = result;
        this.close(request, { node, status, receiptHash, creditsUsed, closedAtNs: nowNs, window });
        return DONE;
    }

    get(requestId: bigint): CallRequest | undefined {
        return this.tables.requests.get(requestId);
    }

    /** Requests that a principal paid, newest first. */
    listByOwner(owner: Principal, start: bigint, take: bigint): readonly CallRequest[] {
        return this.newestFirst(this.tables.requestsByOwner, owner, start, take);
    }

    /** Requests that a node executed, newest first. */
    listByNode(node: Principal, start: bigint, take: bigint): readonly CallRequest[] {
        return this.newestFirst(this.tables.requestsByNode, node, start, take);
    }

    counters(): RequestCounters {
        return this.tables.counters.get();
    }

    private resolve(payer: Payer): Result<Opened & { keyHash?: Uint8Array }, ErrorOf<'KeyNotFound' | 'KeyRevoked'>> {
        if (payer.kind === 'Principal') return ok({ owner: payer.owner, origin: 'ApiUser' });
        const key = this.keys.usable(payer.hash);
        if (!key.ok) return key;
        return ok({ owner: key.value.owner, origin: key.value.origin, keyHash: payer.hash });
    }

    private close(request: CallRequest, outcome: Outcome): void {
        this.credits.capture(request.owner, request.creditsHeld, outcome.creditsUsed);
        this.tables.requests.set(request.requestId, { ...request, outcome });
        if (outcome.node !== undefined) this.tables.requestsByNode.append(outcome.node, request.requestId);
        this.windows.count(outcome.window, {
            node: outcome.node,
            buyer: request.owner,
            success: outcome.status === 'Success',
            credits: outcome.creditsUsed
        });
        this.bump({ opened: 0n, closed: 1n });
    }

    private bump(by: RequestCounters): void {
        const { opened, closed } = this.tables.counters.get();
        this.tables.counters.set({ opened: opened + by.opened, closed: closed + by.closed });
    }

    private newestFirst(
        lists: Lists<Principal, bigint>,
        who: Principal,
        start: bigint,
        take: bigint
    ): readonly CallRequest[] {
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

/** Who may read a request besides peers and controllers: its payer, the node that executed it, and every prober. */
export function concerns(request: CallRequest, who: Principal, isProber: boolean): boolean {
    const node = request.outcome?.node;
    return (
        isProber ||
        comparePrincipals(request.owner, who) === 0 ||
        (node !== undefined && comparePrincipals(node, who) === 0)
    );
}

function isSameOpening(request: CallRequest, call: OpenRequest): boolean {
    const samePayer =
        call.payer.kind === 'ApiKey'
            ? request.keyHash !== undefined && equalBytes(request.keyHash, call.payer.hash)
            : request.keyHash === undefined && comparePrincipals(request.owner, call.payer.owner) === 0;
    return samePayer && request.appId === call.appId && request.creditsHeld === call.maxCredits;
}

function isSameOutcome(outcome: Outcome, result: RecordResult): boolean {
    return (
        outcome.status === result.status &&
        outcome.creditsUsed === result.creditsUsed &&
        bothOrNeither(outcome.node, result.node, (a, b) => comparePrincipals(a, b) === 0) &&
        bothOrNeither(outcome.receiptHash, result.receiptHash, equalBytes)
    );
}

function bothOrNeither<T>(a: T | undefined, b: T | undefined, same: (a: T, b: T) => boolean): boolean {
    return a === undefined || b === undefined ? a === b : same(a, b);
}
