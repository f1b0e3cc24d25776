import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { sessionReceiptHash } from '../../../src/core/compute/session_receipt';
import { samePrincipal } from '../../../src/core/principals';
import { OPENING_LIMIT_NS, type Payer } from './job';
import type { ResultRecord } from './outbox';

export type SessionState =
    /** The intent is written, the hub is being asked for the hold. */
    | { readonly kind: 'Opening' }
    | { readonly kind: 'Open' }
    /** Over for the payer, or by time; until then the node may still bring its latest receipt. */
    | { readonly kind: 'Closing'; readonly untilNs: bigint }
    | { readonly kind: 'Ended'; readonly finishedAtNs: bigint };

/** What a session has come to: the fields of a receipt that change. */
export interface Usage {
    readonly calls: number;
    /** Cumulative; it never falls. */
    readonly units: bigint;
    /** 32 bytes. */
    readonly digest: Uint8Array;
}

/**
 * A session of interactive calls that go to one node directly (compute.md §5.6): the payer's credits are held once, the payer
 * signs cumulative receipts off chain, and the last one that is brought here is what is captured.
 */
export interface SessionLease {
    /** Of the same sequence as jobs, since the hub knows both as requests. */
    readonly id: bigint;
    readonly appId: string;
    readonly payer: Payer;
    /** Who called: the payer itself, or the gateway that acts for the owner of an API key. */
    readonly opener: Principal;
    /** Known when the hub has answered. */
    readonly owner?: Principal;
    /** Whoever asked for a certain node; otherwise chosen when the hold is there. */
    readonly node?: Principal;
    /** Ed25519 key of the receipts; 32 bytes, and of no other session. */
    readonly publicKey: Uint8Array;
    readonly maxUnits: bigint;
    readonly unitPriceCredits: bigint;
    readonly createdAtNs: bigint;
    readonly expiresAtNs: bigint;
    readonly settled: Usage;
    /** When a signature of it was verified last; 0 when never. */
    readonly verifiedAtNs: bigint;
    readonly state: SessionState;
}

export const NOTHING_USED: Usage = { calls: 0, units: 0n, digest: new Uint8Array(32) };

export const DEFAULT_SESSION_S = 900n;
export const MAX_SESSION_S = 86_400n;
/** How long a node may bring its latest receipt after the payer has closed, or time has. */
export const CONTEST_NS = 120n * NS_PER_S;

/** When time alone changes a session; the row of an ended one goes at its due time. */
export function sessionDueNs(lease: SessionLease, retentionS: bigint): bigint {
    const { state, createdAtNs, expiresAtNs } = lease;
    switch (state.kind) {
        case 'Opening':
            return createdAtNs + OPENING_LIMIT_NS;
        case 'Open':
            return expiresAtNs;
        case 'Closing':
            return state.untilNs;
        case 'Ended':
            return state.finishedAtNs + retentionS * NS_PER_S;
    }
}

/** Whether usage says at least as much as was settled, and, where it says as much, the same. */
export function isNoOlder(usage: Usage, settled: Usage): boolean {
    return usage.units >= settled.units && usage.calls >= settled.calls;
}

/** Who may close a session and see it. */
export function isSessionParty(lease: SessionLease, who: Principal): boolean {
    const { opener, owner } = lease;
    return samePrincipal(opener, who) || (owner !== undefined && samePrincipal(owner, who));
}

export function creditsOf(lease: SessionLease): bigint {
    const { settled, unitPriceCredits } = lease;
    return settled.units * unitPriceCredits;
}

/** What the hub is told at the end: what the latest receipt says is captured, the rest goes back. */
export function recordOfSession(session: SessionLease, gateway: Principal): ResultRecord {
    const { id: requestId, node, settled } = session;
    const creditsUsed = creditsOf(session);
    if (settled.units === 0n) return { requestId, node, status: 'Cancelled', creditsUsed };
    const receipt = sessionReceiptHash({ gateway, sessionId: requestId, ...settled });
    return { requestId, node, status: 'Success', creditsUsed, receipt };
}
