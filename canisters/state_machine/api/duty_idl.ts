import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { CASE_KINDS, CASE_STATES, SLASH_REASONS } from '../domain/duty_records';
import type { CaseKind, CaseState, SlashReason } from '../domain/duty_records';
import { CandidClass, tags, type Opt, type Tag } from './idl';

export const ChargeArgs = IDL.Record({
    node: IDL.Principal,
    reason: IDL.Text,
    evidence_hash: IDL.Vec(IDL.Nat8)
});
export interface ChargeArgs {
    node: Principal;
    reason: string;
    evidence_hash: Uint8Array;
}

export const CaseVoteArgs = IDL.Record({ case: IDL.Nat64, yes: IDL.Bool });
export interface CaseVoteArgs {
    case: bigint;
    yes: boolean;
}

export const CaseView = IDL.Record({
    case: IDL.Nat64,
    kind: tags(CASE_KINDS),
    node: IDL.Principal,
    class: CandidClass,
    reason: IDL.Text,
    evidence_hash: IDL.Vec(IDL.Nat8),
    filed_by: IDL.Principal,
    filed_at_ns: IDL.Nat64,
    deadline_ns: IDL.Nat64,
    electorate: IDL.Nat64,
    yes: IDL.Nat64,
    no: IDL.Nat64,
    state: tags(CASE_STATES),
    decided_at_ns: IDL.Opt(IDL.Nat64),
    missed_duty: IDL.Vec(IDL.Principal),
    stake_held: IDL.Bool
});
export interface CaseView {
    case: bigint;
    kind: Tag<CaseKind>;
    node: Principal;
    class: Tag<NodeClass>;
    reason: string;
    evidence_hash: Uint8Array;
    filed_by: Principal;
    filed_at_ns: bigint;
    deadline_ns: bigint;
    electorate: bigint;
    yes: bigint;
    no: bigint;
    state: Tag<CaseState>;
    decided_at_ns: Opt<bigint>;
    /** Validators who did not respond to a key leak in time. */
    missed_duty: Principal[];
    /** Whether rewards keeps the accused's stake back because of this case. */
    stake_held: boolean;
}

export const CasePage = IDL.Record({ cases: IDL.Vec(CaseView), next: IDL.Opt(IDL.Nat64) });
export interface CasePage {
    cases: CaseView[];
    next: Opt<bigint>;
}

export const SlashView = IDL.Record({
    case: IDL.Nat64,
    node: IDL.Principal,
    reason: tags(SLASH_REASONS),
    windows: IDL.Nat64,
    all: IDL.Bool,
    decided_at_ns: IDL.Nat64,
    outcome: IDL.Opt(IDL.Record({ slashed_e8s: IDL.Nat, remaining_e8s: IDL.Nat, at_ns: IDL.Nat64 }))
});
export interface SlashView {
    case: bigint;
    node: Principal;
    reason: Tag<SlashReason>;
    windows: bigint;
    all: boolean;
    decided_at_ns: bigint;
    /** What rewards answered; absent until it has. */
    outcome: Opt<{ slashed_e8s: bigint; remaining_e8s: bigint; at_ns: bigint }>;
}

export const SlashPage = IDL.Record({ slashes: IDL.Vec(SlashView), next: IDL.Opt(IDL.Nat64) });
export interface SlashPage {
    slashes: SlashView[];
    next: Opt<bigint>;
}

export const DutyView = IDL.Record({
    stake_end_ns: IDL.Nat64,
    window_ns: IDL.Nat64,
    since_ns: IDL.Nat64,
    counted_from_ns: IDL.Nat64,
    windows_examined: IDL.Nat64
});
export interface DutyView {
    stake_end_ns: bigint;
    window_ns: bigint;
    since_ns: bigint;
    /** Participation from which windows are counted. */
    counted_from_ns: bigint;
    windows_examined: bigint;
}

export const PoolView = IDL.Record({
    pool: IDL.Nat64,
    name: IDL.Text,
    founder: IDL.Principal,
    founded_at_ns: IDL.Nat64,
    members: IDL.Nat64
});
export interface PoolView {
    pool: bigint;
    name: string;
    founder: Principal;
    founded_at_ns: bigint;
    members: bigint;
}

export const PoolPage = IDL.Record({ pools: IDL.Vec(PoolView), next: IDL.Opt(IDL.Nat64) });
export interface PoolPage {
    pools: PoolView[];
    next: Opt<bigint>;
}

export const MemberPage = IDL.Record({ nodes: IDL.Vec(IDL.Principal), next: IDL.Opt(IDL.Nat64) });
export interface MemberPage {
    nodes: Principal[];
    next: Opt<bigint>;
}
