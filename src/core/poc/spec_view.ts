import type { PocClass, PocSpec } from './spec';

/** A version of the specification as Candid has it (docs/poc.md §1). */
export interface PocSpecView {
    version: number;
    activation_epoch: bigint;
    dimension: number;
    rows: Record<PocClass, number>;
    window_ms: bigint;
    slack_ms: bigint;
    accept_within_ms: bigint;
    commit_within_ms: bigint;
    open_within_ms: bigint;
    samples: number;
    newcomer_samples: number;
    standard_work: bigint;
    vectors_hash: Uint8Array;
}

/** What canisters and their clients say of a version, in the same fields. */
export function toSpecView(spec: PocSpec): PocSpecView {
    return {
        version: spec.version,
        activation_epoch: spec.activationEpoch,
        dimension: spec.dimension,
        rows: { ...spec.rows },
        window_ms: spec.windowMs,
        slack_ms: spec.slackMs,
        accept_within_ms: spec.acceptWithinMs,
        commit_within_ms: spec.commitWithinMs,
        open_within_ms: spec.openWithinMs,
        samples: spec.samples,
        newcomer_samples: spec.newcomerSamples,
        standard_work: spec.standardWork,
        vectors_hash: spec.vectorsHash
    };
}
