/** Candid types of windows and books, and their TypeScript twins. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import type { Opt } from './idl_errors';

export const WindowState = IDL.Variant({
    Open: IDL.Null,
    Frozen: IDL.Null,
    Transferring: IDL.Null,
    Settling: IDL.Null,
    Settled: IDL.Null
});
export type CandidWindowState =
    { Open: null } | { Frozen: null } | { Transferring: null } | { Settling: null } | { Settled: null };

/** What rewards answered when it settled the round. */
export const Receipt = IDL.Record({
    pool_e8s: IDL.Nat,
    emission_e8s: IDL.Nat,
    carry_in_e8s: IDL.Nat,
    carry_out_e8s: IDL.Nat,
    total_weight: IDL.Nat,
    shares: IDL.Nat64,
    trade_volume_e8s: IDL.Nat,
    settled_at_ns: IDL.Nat64
});
export interface CandidReceipt {
    pool_e8s: bigint;
    emission_e8s: bigint;
    carry_in_e8s: bigint;
    carry_out_e8s: bigint;
    total_weight: bigint;
    shares: bigint;
    trade_volume_e8s: bigint;
    settled_at_ns: bigint;
}

/**
 * `credits` of the records = credits of this window's trades + `returned_credits` + `carried_credits` − what came carried in;
 * likewise `market_e8s` of the orders and `carried_market_e8s`.
 */
export const WindowView = IDL.Record({
    window: IDL.Nat64,
    state: WindowState,
    starts_ns: IDL.Nat64,
    ends_ns: IDL.Nat64,
    records: IDL.Nat64,
    successes: IDL.Nat64,
    credits: IDL.Nat64,
    cancelled_credits: IDL.Nat64,
    market_e8s: IDL.Nat,
    money_e8s: IDL.Nat,
    trades: IDL.Nat64,
    weights: IDL.Nat64,
    returned_credits: IDL.Nat64,
    carried_credits: IDL.Nat64,
    carried_market_e8s: IDL.Nat,
    weight_pages: IDL.Nat64,
    trade_pages: IDL.Nat64,
    source_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
    block_index: IDL.Opt(IDL.Nat),
    receipt: IDL.Opt(Receipt)
});
export interface CandidWindowView {
    window: bigint;
    state: CandidWindowState;
    starts_ns: bigint;
    ends_ns: bigint;
    records: bigint;
    successes: bigint;
    credits: bigint;
    cancelled_credits: bigint;
    market_e8s: bigint;
    money_e8s: bigint;
    trades: bigint;
    weights: bigint;
    returned_credits: bigint;
    carried_credits: bigint;
    carried_market_e8s: bigint;
    weight_pages: bigint;
    trade_pages: bigint;
    source_hash: Opt<Uint8Array>;
    block_index: Opt<bigint>;
    receipt: Opt<CandidReceipt>;
}

export const NodeUsage = IDL.Record({
    records: IDL.Nat64,
    successes: IDL.Nat64,
    credits: IDL.Nat64,
    cancelled_credits: IDL.Nat64,
    returned: IDL.Nat64
});
export interface CandidNodeUsage {
    records: bigint;
    successes: bigint;
    credits: bigint;
    cancelled_credits: bigint;
    returned: bigint;
}

export const SettlementStatus = IDL.Record({
    next_window: IDL.Nat64,
    state: WindowState,
    running: IDL.Bool,
    failures: IDL.Nat64,
    last_failure: IDL.Opt(IDL.Record({ at_ns: IDL.Nat64, detail: IDL.Text }))
});
export interface CandidSettlementStatus {
    next_window: bigint;
    state: CandidWindowState;
    running: boolean;
    failures: bigint;
    last_failure: Opt<{ at_ns: bigint; detail: string }>;
}

/**
 * `backing_e8s` is what the hub's ledger account must hold:
 * (available + held + captured + withdrawing) × price + escrowed + orders due + refunding.
 */
export const Books = IDL.Record({
    credit_price_e8s: IDL.Nat,
    bought: IDL.Nat,
    available: IDL.Nat,
    held: IDL.Nat,
    captured: IDL.Nat,
    settled: IDL.Nat,
    withdrawing: IDL.Nat,
    withdrawn: IDL.Nat,
    orders_received_e8s: IDL.Nat,
    escrowed_e8s: IDL.Nat,
    orders_due_e8s: IDL.Nat,
    refunding_e8s: IDL.Nat,
    orders_settled_e8s: IDL.Nat,
    refunded_e8s: IDL.Nat,
    balanced: IDL.Bool,
    backing_e8s: IDL.Nat,
    accounts: IDL.Nat64,
    unresolved_movements: IDL.Nat64
});
export interface CandidBooks {
    credit_price_e8s: bigint;
    bought: bigint;
    available: bigint;
    held: bigint;
    captured: bigint;
    settled: bigint;
    withdrawing: bigint;
    withdrawn: bigint;
    orders_received_e8s: bigint;
    escrowed_e8s: bigint;
    orders_due_e8s: bigint;
    refunding_e8s: bigint;
    orders_settled_e8s: bigint;
    refunded_e8s: bigint;
    balanced: boolean;
    backing_e8s: bigint;
    accounts: bigint;
    unresolved_movements: bigint;
}

/** Sums over a page of accounts, so that anybody can add the totals up again. */
export const AccountSums = IDL.Record({
    bought: IDL.Nat,
    available: IDL.Nat,
    held: IDL.Nat,
    spent: IDL.Nat,
    withdrawn: IDL.Nat,
    next: IDL.Opt(IDL.Nat64)
});
export interface CandidAccountSums {
    bought: bigint;
    available: bigint;
    held: bigint;
    spent: bigint;
    withdrawn: bigint;
    next: Opt<bigint>;
}

export const Audit = IDL.Record({ books: Books, ledger_e8s: IDL.Nat, in_flight: IDL.Bool });
export interface CandidAudit {
    books: CandidBooks;
    /** What the ledger says that the hub holds. */
    ledger_e8s: bigint;
    /** Money was moving when the books were read: the two figures may differ by it. */
    in_flight: boolean;
}

export const WeightItem = IDL.Record({ node: IDL.Principal, weight: IDL.Nat });
export interface CandidWeightItem {
    node: Principal;
    weight: bigint;
}
