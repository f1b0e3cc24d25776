import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { ITEM_KINDS, type ItemKind } from '../../../src/core/consensus/state_item';
import type { ProposalStatus } from '../domain/agreement';
import { MISDEEDS, type Misdeed } from '../domain/agreement_records';
import { COMMITMENT_STATUSES, type CommitmentStatus } from '../domain/commitment_records';
import { tags, type Opt, type Tag } from './idl';

const Digest = IDL.Vec(IDL.Nat8);
const Path = IDL.Vec(Digest);
export const CandidItemKind = tags(ITEM_KINDS);

export const Item = IDL.Record({ kind: CandidItemKind, ref: IDL.Nat64, digest: Digest });
export interface Item {
    kind: Tag<ItemKind>;
    ref: bigint;
    digest: Uint8Array;
}

export const ProposeArgs = IDL.Record({
    height: IDL.Nat64,
    round: IDL.Nat32,
    parent_hash: Digest,
    items: IDL.Vec(Item)
});
export interface ProposeArgs {
    height: bigint;
    round: number;
    parent_hash: Uint8Array;
    items: Item[];
}

export const VoteArgs = IDL.Record({ height: IDL.Nat64, round: IDL.Nat32, hash: Digest, yes: IDL.Bool });
export interface VoteArgs {
    height: bigint;
    round: number;
    hash: Uint8Array;
    yes: boolean;
}

export const CandidProposalStatus = tags(['Pending', 'Final', 'Rejected', 'Expired'] satisfies ProposalStatus[]);

export const StateView = IDL.Record({
    height: IDL.Nat64,
    round: IDL.Nat32,
    status: CandidProposalStatus,
    hash: Digest,
    parent_hash: Digest,
    payload_root: Digest,
    item_count: IDL.Nat32,
    proposer: IDL.Principal,
    proposed_at_ns: IDL.Nat64,
    final_at_ns: IDL.Opt(IDL.Nat64),
    yes: IDL.Vec(IDL.Principal),
    no: IDL.Vec(IDL.Principal)
});
export interface StateView {
    height: bigint;
    round: number;
    status: Tag<ProposalStatus>;
    hash: Uint8Array;
    parent_hash: Uint8Array;
    payload_root: Uint8Array;
    item_count: number;
    proposer: Principal;
    proposed_at_ns: bigint;
    final_at_ns: Opt<bigint>;
    yes: Principal[];
    no: Principal[];
}

export const StatePage = IDL.Record({ states: IDL.Vec(StateView), next: IDL.Opt(IDL.Nat64) });
export interface StatePage {
    states: StateView[];
    next: Opt<bigint>;
}

const Cursors = IDL.Record({ poc_results: IDL.Nat64, task_digests: IDL.Nat64, trades: IDL.Nat64 });

export const TurnView = IDL.Record({
    height: IDL.Nat64,
    round: IDL.Nat32,
    proposer: IDL.Principal,
    parent_hash: Digest,
    deadline_ns: IDL.Nat64,
    started_ns: IDL.Nat64,
    last_final_ns: IDL.Opt(IDL.Nat64),
    next_refs: Cursors,
    poc_results: IDL.Nat64,
    proposal: IDL.Opt(StateView)
});
export interface TurnView {
    height: bigint;
    round: number;
    proposer: Principal;
    parent_hash: Uint8Array;
    /** First instant of the next round. */
    deadline_ns: bigint;
    started_ns: bigint;
    last_final_ns: Opt<bigint>;
    /** Least reference of each kind that a proposal may hold. */
    next_refs: { poc_results: bigint; task_digests: bigint; trades: bigint };
    /** Decided proofs so far. */
    poc_results: bigint;
    proposal: Opt<StateView>;
}

export const EvidenceView = IDL.Record({
    validator: IDL.Principal,
    height: IDL.Nat64,
    round: IDL.Nat32,
    misdeed: tags(MISDEEDS),
    first_hash: Digest,
    second_hash: Digest,
    seen_at_ns: IDL.Nat64
});
export interface EvidenceView {
    validator: Principal;
    height: bigint;
    round: number;
    misdeed: Tag<Misdeed>;
    first_hash: Uint8Array;
    second_hash: Uint8Array;
    seen_at_ns: bigint;
}

export const EvidencePage = IDL.Record({ evidence: IDL.Vec(EvidenceView), next: IDL.Opt(IDL.Nat64) });
export interface EvidencePage {
    evidence: EvidenceView[];
    next: Opt<bigint>;
}

export const HeadView = IDL.Record({
    chain_id: Digest,
    tip_height: IDL.Nat64,
    tip_hash: Digest,
    commitments: IDL.Nat64,
    commitments_root: Digest
});
export interface HeadView {
    /** What tells this log from all others. */
    chain_id: Uint8Array;
    tip_height: bigint;
    tip_hash: Uint8Array;
    commitments: bigint;
    commitments_root: Uint8Array;
}

export const TipView = IDL.Record({ head: HeadView, certificate: IDL.Opt(IDL.Vec(IDL.Nat8)) });
export interface TipView {
    head: HeadView;
    /** Absent when the question came as an update call. */
    certificate: Opt<Uint8Array>;
}

export const RangeArgs = IDL.Record({ from: IDL.Nat64, to: IDL.Nat64, root: Digest });
export interface RangeArgs {
    from: bigint;
    to: bigint;
    root: Uint8Array;
}

export const AttestCommitmentArgs = IDL.Record({ index: IDL.Nat64, ok: IDL.Bool });
export interface AttestCommitmentArgs {
    index: bigint;
    ok: boolean;
}

export const CommitmentView = IDL.Record({
    index: IDL.Nat64,
    from: IDL.Nat64,
    to: IDL.Nat64,
    root: Digest,
    status: tags(COMMITMENT_STATUSES),
    submitted_by: IDL.Principal,
    submitted_at_ns: IDL.Nat64,
    decided_at_ns: IDL.Opt(IDL.Nat64),
    confirmed_by: IDL.Vec(IDL.Principal),
    rejected_by: IDL.Vec(IDL.Principal)
});
export interface CommitmentView {
    index: bigint;
    from: bigint;
    to: bigint;
    root: Uint8Array;
    status: Tag<CommitmentStatus>;
    submitted_by: Principal;
    submitted_at_ns: bigint;
    decided_at_ns: Opt<bigint>;
    confirmed_by: Principal[];
    rejected_by: Principal[];
}

export const CommitmentPage = IDL.Record({
    commitments: IDL.Vec(CommitmentView),
    next: IDL.Opt(IDL.Nat64),
    /** First height that no commitment covers. */
    next_from: IDL.Nat64
});
export interface CommitmentPage {
    commitments: CommitmentView[];
    next: Opt<bigint>;
    next_from: bigint;
}

export const ProofArgs = IDL.Variant({
    Item: IDL.Record({ kind: CandidItemKind, ref: IDL.Nat64 }),
    State: IDL.Nat64
});
export type ProofArgs = { Item: { kind: Tag<ItemKind>; ref: bigint } } | { State: bigint };

export const ProofView = IDL.Record({
    height: IDL.Nat64,
    parent_hash: Digest,
    payload_root: Digest,
    item_count: IDL.Nat32,
    item: IDL.Opt(IDL.Record({ item: Item, index: IDL.Nat32, path: Path })),
    commitment: IDL.Record({
        index: IDL.Nat64,
        from: IDL.Nat64,
        to: IDL.Nat64,
        state_path: Path,
        log_path: Path
    }),
    head: HeadView,
    certificate: IDL.Vec(IDL.Nat8)
});
export interface ProofView {
    height: bigint;
    parent_hash: Uint8Array;
    payload_root: Uint8Array;
    item_count: number;
    item: Opt<{ item: Item; index: number; path: Uint8Array[] }>;
    commitment: { index: bigint; from: bigint; to: bigint; state_path: Uint8Array[]; log_path: Uint8Array[] };
    head: HeadView;
    certificate: Uint8Array;
}
