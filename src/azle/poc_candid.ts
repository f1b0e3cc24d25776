/** Candid of what governance decides about EMC-PoC-1: said by state_machine, voted on in rewards. */
import { IDL } from 'azle';
import { VERIFICATION_MODES, type ChallengePolicy, type VerificationMode } from '../core/poc/policy';
import { CLASSES, type PocSpec } from '../core/poc/spec';
import type { PocSpecView as SpecView } from '../core/poc/spec_view';

export { toSpecView } from '../core/poc/spec_view';
export type PocSpecView = SpecView;

/** A version of the specification (docs/poc.md §1). */
export const PocSpecView = IDL.Record({
    version: IDL.Nat32,
    activation_epoch: IDL.Nat64,
    dimension: IDL.Nat32,
    rows: IDL.Record(Object.fromEntries(CLASSES.map((name) => [name, IDL.Nat32]))),
    window_ms: IDL.Nat64,
    slack_ms: IDL.Nat64,
    accept_within_ms: IDL.Nat64,
    commit_within_ms: IDL.Nat64,
    open_within_ms: IDL.Nat64,
    samples: IDL.Nat32,
    newcomer_samples: IDL.Nat32,
    standard_work: IDL.Nat,
    vectors_hash: IDL.Vec(IDL.Nat8)
});

/** Who verifies: a variant without data. */
export const PocMode = IDL.Variant(Object.fromEntries(VERIFICATION_MODES.map((name) => [name, IDL.Null])));
export type PocMode = { [Name in VerificationMode]: { [N in Name]: null } }[VerificationMode];

export const PocPolicyView = IDL.Record({
    mode: PocMode,
    slot_s: IDL.Nat64,
    spacing_s: IDL.Nat64,
    attestation_s: IDL.Nat64,
    epoch_s: IDL.Nat64,
    checks_per_hour: IDL.Opt(IDL.Nat32),
    min_e_value_e8: IDL.Opt(IDL.Nat)
});
export interface PocPolicyView {
    mode: PocMode;
    slot_s: bigint;
    spacing_s: bigint;
    attestation_s: bigint;
    epoch_s: bigint;
    /** Where it is left out the present one stays; answers have it. */
    checks_per_hour: [] | [number];
    min_e_value_e8: [] | [bigint];
}

export function fromSpecView(view: PocSpecView): PocSpec {
    return {
        version: view.version,
        activationEpoch: view.activation_epoch,
        dimension: view.dimension,
        rows: view.rows,
        windowMs: view.window_ms,
        slackMs: view.slack_ms,
        acceptWithinMs: view.accept_within_ms,
        commitWithinMs: view.commit_within_ms,
        openWithinMs: view.open_within_ms,
        samples: view.samples,
        newcomerSamples: view.newcomer_samples,
        standardWork: view.standard_work,
        vectorsHash: Uint8Array.from(view.vectors_hash)
    };
}

export function fromPocMode(tag: PocMode): VerificationMode {
    return VERIFICATION_MODES.find((name) => name in tag) ?? 'hybrid';
}

/** What the view says; the rest stays as it is. */
export function fromPolicyView(view: PocPolicyView): Partial<ChallengePolicy> {
    return {
        mode: fromPocMode(view.mode),
        slotS: view.slot_s,
        spacingS: view.spacing_s,
        attestationS: view.attestation_s,
        epochS: view.epoch_s,
        checksPerHour: view.checks_per_hour[0],
        minEValueE8: view.min_e_value_e8[0]
    };
}

export function toPolicyView(policy: ChallengePolicy): PocPolicyView {
    return {
        mode: { [policy.mode]: null } as PocMode,
        slot_s: policy.slotS,
        spacing_s: policy.spacingS,
        attestation_s: policy.attestationS,
        epoch_s: policy.epochS,
        checks_per_hour: [policy.checksPerHour],
        min_e_value_e8: [policy.minEValueE8]
    };
}
