import type { Principal } from '@dfinity/principal';
import { equalBytes } from '../../../src/core/bytes';
import { NS_PER_S } from '../../../src/core/clock';
import { SESSION_KEY_BYTES, verifySessionReceipt } from '../../../src/core/compute/session_receipt';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { Payer } from './job';
import type { JobBook } from './job_book';
import type { OpenRequest } from './outbox';
import { countBadReceipt, mayVerify } from './receipt_gate';
import { route, type Place } from './routing';
import {
    CONTEST_NS,
    DEFAULT_SESSION_S,
    isNoOlder,
    isSessionParty,
    MAX_SESSION_S,
    NOTHING_USED,
    recordOfSession,
    sessionDueNs,
    type SessionLease,
    type Usage
} from './session_lease';
import { affordableUnits, checkRoom, type OpenAnswer, type OpenRefusal } from './submit';

export interface SessionOrder {
    readonly appId: string;
    readonly payer: Payer;
    readonly opener: Principal;
    readonly maxCredits: bigint;
    readonly publicKey: Uint8Array;
    /** The node that is wanted; absent: the best one. */
    readonly node?: Principal;
    readonly near?: Place;
    readonly ttlS?: bigint;
}

/** A receipt with the payer's signature, as a node brings it. */
export interface SignedUsage extends Usage {
    readonly signature: Uint8Array;
}

export type OpenSessionError =
    | OpenRefusal
    | ErrorOf<
          | 'Unauthorized'
          | 'AppNotFound'
          | 'InvalidArgument'
          | 'PriceTooHigh'
          | 'IdempotencyConflict'
          | 'Busy'
          | 'NoNodeAvailable'
      >;
export type SettleError = ErrorOf<
    'NotFound' | 'Unauthorized' | 'SessionEnded' | 'StaleReceipt' | 'UsageTooHigh' | 'BadReceipt' | 'RateLimited'
>;
export type CloseError = ErrorOf<'NotFound' | 'Unauthorized' | 'SessionEnded' | 'StaleReceipt' | 'UsageTooHigh'>;

export type SessionIntent =
    | { readonly kind: 'Known'; readonly session: SessionLease }
    | { readonly kind: 'Ask'; readonly request: OpenRequest; readonly order: SessionOrder };

/** Session leases (G12): the settled usage never falls, never exceeds the hold, and is captured once, at the end. */
export class SessionBook {
    constructor(
        private readonly book: JobBook,
        /** The canister that the receipts name. */
        private readonly gateway: () => Principal
    ) {}

    get(id: bigint): SessionLease | undefined {
        return this.book.tables.sessionLeases.get(id);
    }

    /** Writes the intent. The same key again is the same session: a key signs for one session only. */
    open(order: SessionOrder, nowNs: bigint): Result<SessionIntent, OpenSessionError> {
        const { tables } = this.book;
        const app = tables.appsById.get(order.appId);
        if (app === undefined) return err({ kind: 'AppNotFound' });
        const { publicKey, ttlS = DEFAULT_SESSION_S, payer, maxCredits } = order;
        if (publicKey.length !== SESSION_KEY_BYTES) return err({ kind: 'InvalidArgument', reason: 'session_key' });
        if (ttlS === 0n || ttlS > MAX_SESSION_S) return err({ kind: 'InvalidArgument', reason: 'ttl_s' });
        const maxUnits = affordableUnits(app, maxCredits, maxCredits);
        if (maxUnits === 0n) return err({ kind: 'PriceTooHigh', unitPriceCredits: app.unitPriceCredits });
        const known = tables.sessionIdsByKey.get(publicKey);
        const earlier = known === undefined ? undefined : this.get(known);
        if (earlier !== undefined) return repeated(earlier, order, maxUnits);
        const room = checkRoom(this.book, app, payer, nowNs);
        if (!room.ok) return room;
        if (!this.hasNode(order, nowNs)) return err({ kind: 'NoNodeAvailable' });
        const session = this.create(order, { maxUnits, unitPriceCredits: app.unitPriceCredits, ttlS }, nowNs);
        return ok({ kind: 'Ask', request: requestOf(session), order });
    }

    /** Brings the hub's answer in: with the hold the session has its node, without it there was none. */
    settleOpening(
        { request, order }: Extract<SessionIntent, { kind: 'Ask' }>,
        answer: OpenAnswer,
        nowNs: bigint
    ): Result<SessionLease, OpenSessionError> {
        const session = this.get(request.requestId);
        const isOpening = session?.state.kind === 'Opening';
        if (answer.kind === 'Held') {
            if (session === undefined) return this.giveBack(request, nowNs);
            if (!isOpening) return ok(session);
            const allowed = route(this.book, { ...order, allowed: answer.nodes }, nowNs)[0];
            if (allowed === undefined) {
                this.end({ ...session, owner: answer.owner }, nowNs);
                return err({ kind: 'NoNodeAvailable' });
            }
            return ok(this.begin({ ...session, owner: answer.owner, node: allowed.node }));
        }
        if (isOpening) this.drop(session);
        if (answer.kind === 'Refused') return err(answer.error);
        if (isOpening) this.book.outbox.push({ kind: 'Release', request }, nowNs);
        return err({ kind: 'TemporarilyUnavailable', reason: answer.reason });
    }

    /**
     * Takes the node's latest receipt; `isFinal` ends the session with it. The one that is settled already is the same
     * success and costs no verification, an older one is refused. Verifications are rationed ({@link mayVerify}).
     */
    settle(
        id: bigint,
        node: Principal,
        receipt: SignedUsage | undefined,
        isFinal: boolean,
        nowNs: bigint
    ): Result<SessionLease, SettleError> {
        const session = this.get(id);
        if (session === undefined) return err({ kind: 'NotFound' });
        const isHolder = session.node !== undefined && samePrincipal(session.node, node);
        // A node that was asked for holds nothing before the hub has answered.
        if (!isHolder || session.state.kind === 'Opening') return err({ kind: 'Unauthorized' });
        const isNews = receipt !== undefined && !isSettled(session, receipt);
        if (isNews) {
            const checked = this.checkReceipt(session, receipt, node, isFinal, nowNs);
            if (!checked.ok) return checked;
        }
        if (session.state.kind === 'Ended') return isNews ? err({ kind: 'SessionEnded' }) : ok(session);
        const brought = isNews ? { ...session, settled: usageOf(receipt), verifiedAtNs: nowNs } : session;
        return ok(isFinal ? this.end(brought, nowNs) : this.store(session, brought));
    }

    /** The payer is done, and says what it owes: no less than was settled. The node may bring more for a while. */
    close(id: bigint, caller: Principal, owed: Usage | undefined, nowNs: bigint): Result<SessionLease, CloseError> {
        const session = this.get(id);
        if (session === undefined) return err({ kind: 'NotFound' });
        if (!isSessionParty(session, caller)) return err({ kind: 'Unauthorized' });
        const { state, maxUnits, settled } = session;
        if (state.kind === 'Opening' || state.kind === 'Ended') return err({ kind: 'SessionEnded' });
        if (owed !== undefined && !isNoOlder(owed, settled)) return err({ kind: 'StaleReceipt' });
        if (owed !== undefined && owed.units > maxUnits) return err({ kind: 'UsageTooHigh', maxUnits });
        const closing = state.kind === 'Closing' ? state : ({ kind: 'Closing', untilNs: nowNs + CONTEST_NS } as const);
        return ok(this.store(session, { ...session, settled: owed ?? settled, state: closing }));
    }

    /** Live sessions of a node, for a node that looks for its work; at most as many as it has slots. */
    ofNode(node: Principal): readonly SessionLease[] {
        return (this.book.tables.leases.get(node) ?? []).flatMap((id) => this.get(id) ?? []);
    }

    /** Looks at what is due, at most `budget` sessions. Returns whether more is waiting. */
    sweep(nowNs: bigint, budget: number): boolean {
        const { sessionSchedule } = this.book.tables;
        for (let left = budget; ; left--) {
            const key = sessionSchedule.firstKey();
            if (key === undefined || key.atNs > nowNs) return false;
            if (left <= 0) return true;
            sessionSchedule.delete(key);
            const session = this.get(key.id);
            if (session !== undefined) this.wake(session, nowNs);
        }
    }

    private wake(session: SessionLease, nowNs: bigint): void {
        switch (session.state.kind) {
            case 'Opening':
                this.drop(session);
                this.book.outbox.push({ kind: 'Release', request: requestOf(session) }, nowNs);
                return;
            case 'Open':
                this.store(session, {
                    ...session,
                    state: { kind: 'Closing', untilNs: session.expiresAtNs + CONTEST_NS }
                });
                return;
            case 'Closing':
                this.end(session, nowNs);
                return;
            case 'Ended':
                this.drop(session);
        }
    }

    private checkReceipt(
        session: SessionLease,
        { signature, ...usage }: SignedUsage,
        node: Principal,
        isFinal: boolean,
        nowNs: bigint
    ): Result<void, ErrorOf<'StaleReceipt' | 'UsageTooHigh' | 'BadReceipt' | 'RateLimited'>> {
        const { id, settled, maxUnits, publicKey } = session;
        if (!isNoOlder(usage, settled)) return err({ kind: 'StaleReceipt' });
        if (usage.units === settled.units && usage.calls === settled.calls) return err({ kind: 'StaleReceipt' });
        if (usage.units > maxUnits) return err({ kind: 'UsageTooHigh', maxUnits });
        if (session.state.kind === 'Ended') return ok(undefined);
        const allowed = mayVerify(this.book.tables, node, session, isFinal, nowNs);
        if (!allowed.ok) return allowed;
        const receipt = { ...usage, gateway: this.gateway(), sessionId: id };
        const isSigned = usage.digest.length === 32 && verifySessionReceipt(receipt, signature, publicKey);
        if (isSigned) return ok(undefined);
        countBadReceipt(this.book.tables, node, nowNs);
        return err({ kind: 'BadReceipt', reason: 'signature' });
    }

    private hasNode(order: SessionOrder, nowNs: bigint): boolean {
        return route(this.book, order, nowNs).length > 0;
    }

    private create(
        { appId, payer, opener, publicKey, node }: SessionOrder,
        terms: { readonly maxUnits: bigint; readonly unitPriceCredits: bigint; readonly ttlS: bigint },
        nowNs: bigint
    ): SessionLease {
        const { nextJobId, sessionIdsByKey, sessionLeases } = this.book.tables;
        const id = nextJobId.get();
        nextJobId.set(id + 1n);
        const { maxUnits, unitPriceCredits, ttlS } = terms;
        const session: SessionLease = {
            id,
            appId,
            payer,
            opener,
            node,
            publicKey,
            maxUnits,
            unitPriceCredits,
            createdAtNs: nowNs,
            expiresAtNs: nowNs + ttlS * NS_PER_S,
            settled: NOTHING_USED,
            verifiedAtNs: 0n,
            state: { kind: 'Opening' }
        };
        sessionIdsByKey.set(publicKey, id);
        this.book.countSession(payer, 1);
        sessionLeases.set(id, session);
        this.schedule(session);
        return session;
    }

    /** The node's slot is taken with the session's first state that has a node. */
    private begin(session: SessionLease): SessionLease {
        const { leases } = this.book.tables;
        if (session.node !== undefined) leases.set(session.node, [...(leases.get(session.node) ?? []), session.id]);
        return this.store(this.get(session.id) ?? session, { ...session, state: { kind: 'Open' } });
    }

    private end(session: SessionLease, nowNs: bigint): SessionLease {
        const before = this.get(session.id) ?? session;
        const wasOpen = before.state.kind !== 'Opening';
        if (wasOpen) this.freeSlot(session);
        this.book.countSession(session.payer, -1);
        const record = recordOfSession(wasOpen ? session : { ...session, node: undefined }, this.gateway());
        this.book.outbox.push({ kind: 'Record', record }, nowNs);
        return this.store(before, { ...session, state: { kind: 'Ended', finishedAtNs: nowNs } });
    }

    private freeSlot(lease: SessionLease): void {
        const { id, node } = lease;
        if (node === undefined) return;
        const { leases } = this.book.tables;
        leases.set(
            node,
            (leases.get(node) ?? []).filter((held) => held !== id)
        );
    }

    private store(before: SessionLease, after: SessionLease): SessionLease {
        this.unschedule(before);
        this.book.tables.sessionLeases.set(after.id, after);
        this.schedule(after);
        return after;
    }

    /** Forgets a session that never began, or whose time is over; its key could be used again, were it not random. */
    private drop(session: SessionLease): void {
        const { sessionLeases, sessionIdsByKey } = this.book.tables;
        if (session.state.kind === 'Opening') this.book.countSession(session.payer, -1);
        this.unschedule(session);
        sessionIdsByKey.delete(session.publicKey);
        sessionLeases.delete(session.id);
    }

    private giveBack(request: OpenRequest, nowNs: bigint): Result<never, OpenSessionError> {
        const record = { requestId: request.requestId, status: 'Cancelled', creditsUsed: 0n } as const;
        this.book.outbox.push({ kind: 'Record', record }, nowNs);
        return err({ kind: 'TemporarilyUnavailable', reason: 'the session was given up meanwhile' });
    }

    private schedule(session: SessionLease): void {
        this.book.tables.sessionSchedule.set({ atNs: this.dueNs(session), id: session.id }, session.id);
    }

    private unschedule(session: SessionLease): void {
        this.book.tables.sessionSchedule.delete({ atNs: this.dueNs(session), id: session.id });
    }

    private dueNs(session: SessionLease): bigint {
        return sessionDueNs(session, this.book.tables.limits.get().retentionS);
    }
}

function repeated(
    earlier: SessionLease,
    order: SessionOrder,
    maxUnits: bigint
): Result<SessionIntent, ErrorOf<'IdempotencyConflict'>> {
    const isSame =
        earlier.appId === order.appId && earlier.maxUnits === maxUnits && samePrincipal(earlier.opener, order.opener);
    if (!isSame) return err({ kind: 'IdempotencyConflict', jobId: earlier.id });
    if (earlier.state.kind !== 'Opening') return ok({ kind: 'Known', session: earlier });
    return ok({ kind: 'Ask', request: requestOf(earlier), order });
}

function requestOf(lease: SessionLease): OpenRequest {
    const { id, payer, appId, maxUnits, unitPriceCredits } = lease;
    return { requestId: id, payer, appId, maxCredits: maxUnits * unitPriceCredits };
}

function usageOf(usage: SignedUsage): Usage {
    const { calls, units, digest } = usage;
    return { calls, units, digest };
}

function isSettled(lease: SessionLease, usage: Usage | undefined): boolean {
    const { settled } = lease;
    if (usage === undefined) return true;
    return usage.units === settled.units && usage.calls === settled.calls && equalBytes(usage.digest, settled.digest);
}
