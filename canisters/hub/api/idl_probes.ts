/** Candid types of probes and their TypeScript twins. */
import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import type { Opt } from './idl_errors';

export const DueProbe = IDL.Record({ probe_id: IDL.Nat64, node: IDL.Principal, due_ns: IDL.Nat64 });
export interface CandidDueProbe {
    probe_id: bigint;
    node: Principal;
    due_ns: bigint;
}

export const ProbeStatus = IDL.Variant({
    Success: IDL.Null,
    Failed: IDL.Null,
    Timeout: IDL.Null,
    Unreachable: IDL.Null
});
export type CandidProbeStatus = { Success: null } | { Failed: null } | { Timeout: null } | { Unreachable: null };

/** `request_id`: the hub's request that the probe travelled as; absent when it became none. */
export const SubmitProbeArgs = IDL.Record({
    probe_id: IDL.Nat64,
    node: IDL.Principal,
    status: ProbeStatus,
    elapsed_ms: IDL.Nat64,
    request_id: IDL.Opt(IDL.Nat64)
});
export interface CandidSubmitProbeArgs {
    probe_id: bigint;
    node: Principal;
    status: CandidProbeStatus;
    elapsed_ms: bigint;
    request_id: Opt<bigint>;
}

export const NextProbe = IDL.Record({ next_due_ns: IDL.Nat64 });
export interface CandidNextProbe {
    next_due_ns: bigint;
}

export const ProbeView = IDL.Record({
    probe_id: IDL.Nat64,
    validator: IDL.Principal,
    node: IDL.Principal,
    status: ProbeStatus,
    elapsed_ms: IDL.Nat64,
    request_id: IDL.Opt(IDL.Nat64),
    due_ns: IDL.Nat64,
    submitted_at_ns: IDL.Nat64
});
export interface CandidProbeView {
    probe_id: bigint;
    validator: Principal;
    node: Principal;
    status: CandidProbeStatus;
    elapsed_ms: bigint;
    request_id: Opt<bigint>;
    due_ns: bigint;
    submitted_at_ns: bigint;
}

/** What the plan rests on, for operators. */
export const ProbePlanView = IDL.Record({
    min_s: IDL.Nat64,
    max_s: IDL.Nat64,
    online_nodes: IDL.Nat64,
    validators: IDL.Vec(IDL.Principal),
    waiting: IDL.Nat64,
    results: IDL.Nat64
});
export interface CandidProbePlanView {
    min_s: bigint;
    max_s: bigint;
    online_nodes: bigint;
    validators: Principal[];
    waiting: bigint;
    results: bigint;
}
