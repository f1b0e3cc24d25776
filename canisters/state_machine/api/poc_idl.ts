import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { PocMode, PocSpecView } from '../../../src/azle/poc_candid';
import { CLASSES, type PocClass } from '../../../src/core/poc/spec';
import { CHALLENGE_FAULTS, CHALLENGE_STATES, type ChallengeFault, type ChallengeState } from '../domain/poc/records';
import { tags, type Opt, type Tag } from './tags';

export const Blob = IDL.Vec(IDL.Nat8);

/** What a deployment may set; absent fields keep their defaults. */
export const PocInit = IDL.Record({
    mode: IDL.Opt(PocMode),
    slot_s: IDL.Opt(IDL.Nat64),
    spacing_s: IDL.Opt(IDL.Nat64),
    attestation_s: IDL.Opt(IDL.Nat64),
    epoch_s: IDL.Opt(IDL.Nat64),
    checks_per_hour: IDL.Opt(IDL.Nat32),
    min_e_value_e8: IDL.Opt(IDL.Nat),
    spec: IDL.Opt(PocSpecView)
});
export interface PocInit {
    mode: Opt<PocMode>;
    slot_s: Opt<bigint>;
    spacing_s: Opt<bigint>;
    attestation_s: Opt<bigint>;
    epoch_s: Opt<bigint>;
    checks_per_hour: Opt<number>;
    min_e_value_e8: Opt<bigint>;
    spec: Opt<PocSpecView>;
}

export const PocView = IDL.Record({
    id: IDL.Nat64,
    node: IDL.Principal,
    requested_by: IDL.Principal,
    version: IDL.Nat32,
    class: tags(CLASSES),
    dimension: IDL.Nat32,
    rows: IDL.Nat32,
    window_ms: IDL.Nat64,
    samples: IDL.Nat32,
    newcomer: IDL.Bool,
    state: tags(CHALLENGE_STATES),
    fault: IDL.Opt(tags(CHALLENGE_FAULTS)),
    slot_seed: Blob,
    node_seed: IDL.Opt(Blob),
    commitment: IDL.Opt(Blob),
    rounds: IDL.Opt(IDL.Nat32),
    sample_randomness: IDL.Opt(Blob),
    check_randomness: IDL.Opt(Blob),
    requested_at_ns: IDL.Nat64,
    accepted_at_ns: IDL.Opt(IDL.Nat64),
    committed_at_ns: IDL.Opt(IDL.Nat64),
    final_at_ns: IDL.Opt(IDL.Nat64),
    deadline_ns: IDL.Opt(IDL.Nat64),
    voters: IDL.Vec(IDL.Principal),
    votes_ok: IDL.Nat32,
    votes_bad: IDL.Nat32,
    e_value_e8: IDL.Opt(IDL.Nat)
});
/** A challenge with everything that a node, a validator or anybody who repeats the check needs of it. */
export interface PocView {
    id: bigint;
    node: Principal;
    requested_by: Principal;
    version: number;
    class: Tag<PocClass>;
    dimension: number;
    /** m of the class. */
    rows: number;
    window_ms: bigint;
    /** Rows to open. */
    samples: number;
    newcomer: boolean;
    state: Tag<ChallengeState>;
    fault: Opt<Tag<ChallengeFault>>;
    /** σ */
    slot_seed: Uint8Array;
    /** ν */
    node_seed: Opt<Uint8Array>;
    commitment: Opt<Uint8Array>;
    /** K */
    rounds: Opt<number>;
    /** ρ' */
    sample_randomness: Opt<Uint8Array>;
    /** ρ'' of the canister's own check, if there was one. */
    check_randomness: Opt<Uint8Array>;
    requested_at_ns: bigint;
    /** T0 */
    accepted_at_ns: Opt<bigint>;
    /** T1 */
    committed_at_ns: Opt<bigint>;
    final_at_ns: Opt<bigint>;
    /** Of the current step, when it is the node's or the validators'. */
    deadline_ns: Opt<bigint>;
    voters: Principal[];
    votes_ok: number;
    votes_bad: number;
    e_value_e8: Opt<bigint>;
}

export const PocPage = IDL.Record({ pocs: IDL.Vec(PocView), next: IDL.Opt(IDL.Nat64) });
export interface PocPage {
    pocs: PocView[];
    next: Opt<bigint>;
}

export const FalseVerdictView = IDL.Record({
    validator: IDL.Principal,
    poc: IDL.Nat64,
    said_ok: IDL.Bool,
    opening_hash: Blob,
    seen_at_ns: IDL.Nat64
});
export interface FalseVerdictView {
    validator: Principal;
    poc: bigint;
    said_ok: boolean;
    /** SHA-256: what a case against the validator may name as its evidence. */
    opening_hash: Uint8Array;
    seen_at_ns: bigint;
}

export const FalseVerdictPage = IDL.Record({ verdicts: IDL.Vec(FalseVerdictView), next: IDL.Opt(IDL.Nat64) });
export interface FalseVerdictPage {
    verdicts: FalseVerdictView[];
    next: Opt<bigint>;
}

export const PocSuspensionView = IDL.Record({
    suspended: IDL.Bool,
    since_ns: IDL.Opt(IDL.Nat64),
    votes: IDL.Vec(IDL.Principal),
    threshold: IDL.Nat32
});
/** The validators' emergency pause. */
export interface PocSuspensionView {
    suspended: boolean;
    /** While it lasts. */
    since_ns: Opt<bigint>;
    /** Validators of today that stand for it. */
    votes: Principal[];
    /** Votes that suspend. */
    threshold: number;
}

export const CommitArgs = IDL.Record({ id: IDL.Nat64, commitment: Blob, rounds: IDL.Nat32 });
export interface CommitArgs {
    id: bigint;
    commitment: Uint8Array;
    rounds: number;
}

export const AttestArgs = IDL.Record({ id: IDL.Nat64, ok: IDL.Bool });
export interface AttestArgs {
    id: bigint;
    ok: boolean;
}

export const PocScore = IDL.Record({
    node: IDL.Principal,
    proven: IDL.Bool,
    probed_by: IDL.Vec(IDL.Principal),
    failures: IDL.Nat32,
    epoch: IDL.Nat64,
    probes: IDL.Vec(IDL.Nat),
    next_class: tags(CLASSES)
});
export interface PocScore {
    node: Principal;
    /** No newcomer: three probes by three validators have passed. */
    proven: boolean;
    /** Validators whose probes count for a newcomer now. */
    probed_by: Principal[];
    /** Failed probes in a row. */
    failures: number;
    epoch: bigint;
    /** E of the epoch's probes, a failed one as zero. */
    probes: bigint[];
    next_class: Tag<PocClass>;
}
