import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { answer } from './answers';
import { CandidPayer, HOLD_ERRORS, type Opt, type Tags } from './idl';

/** Candid types of sessions and of routing. */
const Blob = IDL.Vec(IDL.Nat8);

export const OpenSessionArgs = IDL.Record({
    app_id: IDL.Text,
    max_credits: IDL.Nat64,
    payer: CandidPayer,
    session_key: Blob,
    node: IDL.Opt(IDL.Principal),
    region: IDL.Opt(IDL.Text),
    ttl_s: IDL.Opt(IDL.Nat64)
});
export interface OpenSessionArgs {
    app_id: string;
    /** What all calls together may cost: held. */
    max_credits: bigint;
    payer: CandidPayer;
    /** Ed25519 public key of the receipts; 32 bytes, new for each session. */
    session_key: Uint8Array;
    /** The node that is wanted. */
    node: Opt<Principal>;
    /** Where the caller is: a near node is preferred among equally loaded ones. */
    region: Opt<string>;
    ttl_s: Opt<bigint>;
}

const usage = { calls: IDL.Nat32, units: IDL.Nat64, digest: Blob };
interface CandidUsage {
    calls: number;
    /** Cumulative. */
    units: bigint;
    /** Of all calls; see src/core/compute/session_receipt. 32 bytes. */
    digest: Uint8Array;
}

export const SessionUsage = IDL.Record(usage);
export type SessionUsage = CandidUsage;

export const SignedReceipt = IDL.Record({ ...usage, signature: Blob });
export interface SignedReceipt extends CandidUsage {
    /** Ed25519, 64 bytes. */
    signature: Uint8Array;
}

export const SESSION_STATES = ['Opening', 'Open', 'Closing', 'Ended'] as const;

const ofNode = {
    session_id: IDL.Nat64,
    app_id: IDL.Text,
    node: IDL.Opt(IDL.Principal),
    session_key: Blob,
    state: IDL.Variant(Object.fromEntries(SESSION_STATES.map((state) => [state, IDL.Null]))),
    max_units: IDL.Nat64,
    unit_price_credits: IDL.Nat64,
    settled: SessionUsage,
    created_at_ns: IDL.Nat64,
    expires_at_ns: IDL.Nat64,
    closes_at_ns: IDL.Opt(IDL.Nat64),
    reply_url: IDL.Opt(IDL.Text)
};

/** A session for its node, which is not told who pays (docs/decisions/0022-what-tells-a-probe.md). */
export const NodeSessionView = IDL.Record(ofNode);
export interface NodeSessionView {
    session_id: bigint;
    app_id: string;
    node: Opt<Principal>;
    session_key: Uint8Array;
    state: Tags<(typeof SESSION_STATES)[number]>;
    max_units: bigint;
    unit_price_credits: bigint;
    settled: CandidUsage;
    created_at_ns: bigint;
    expires_at_ns: bigint;
    /** Until when the node may bring a last receipt, or when it ended. */
    closes_at_ns: Opt<bigint>;
    /** Where the gateway that opened it waits for the node. */
    reply_url: Opt<string>;
}

export const SessionView = IDL.Record({ ...ofNode, owner: IDL.Principal });
export interface SessionView extends NodeSessionView {
    owner: Principal;
}

export const RouteArgs = IDL.Record({
    app_id: IDL.Text,
    exclude: IDL.Vec(IDL.Principal),
    region: IDL.Opt(IDL.Text)
});
export interface RouteArgs {
    app_id: string;
    exclude: Principal[];
    region: Opt<string>;
}

export const RouteView = IDL.Record({
    node: IDL.Principal,
    region: IDL.Text,
    held: IDL.Nat32,
    slots: IDL.Nat32
});
export interface RouteView {
    node: Principal;
    region: string;
    held: number;
    slots: number;
}

export const OpenSessionAnswer = answer<SessionView>(SessionView)(
    'Anonymous',
    'Unauthorized',
    'AppNotFound',
    'InvalidArgument',
    'PriceTooHigh',
    'IdempotencyConflict',
    'Busy',
    'NoNodeAvailable',
    ...HOLD_ERRORS
);
export const SettleSessionAnswer = answer<NodeSessionView>(NodeSessionView)(
    'Anonymous',
    'NotFound',
    'Unauthorized',
    'SessionEnded',
    'StaleReceipt',
    'UsageTooHigh',
    'BadReceipt',
    'RateLimited'
);
export const CloseSessionAnswer = answer<SessionView>(SessionView)(
    'Anonymous',
    'NotFound',
    'Unauthorized',
    'SessionEnded',
    'StaleReceipt',
    'UsageTooHigh',
    'InvalidArgument'
);
export const GetSessionAnswer = answer<SessionView>(SessionView)('NotFound', 'Unauthorized');
export const RouteAnswer = answer<RouteView[]>(IDL.Vec(RouteView))('AppNotFound', 'NoNodeAvailable');
