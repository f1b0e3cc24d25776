import { invariant } from '../assert';
import { equalBytes, fromHex } from '../bytes';
import { MAX_SAMPLES } from './sampling';
import { isShape, type Shape } from './shape';

/** Sizes of a round: a node asks to be measured by the one whose rounds take it milliseconds. */
export const CLASSES = ['XS', 'S', 'L', 'XL'] as const;
export type PocClass = (typeof CLASSES)[number];

/** A version of the specification: what governance decides about. Times are canister time. */
export interface PocSpec {
    readonly version: number;
    /** First epoch in which probes are made by this version. */
    readonly activationEpoch: bigint;
    readonly dimension: number;
    /** m of each class. */
    readonly rows: Readonly<Record<PocClass, number>>;
    /** How long a node works, by its own clock. */
    readonly windowMs: bigint;
    /** L: what the transport of acceptance and commitment is worth. */
    readonly slackMs: bigint;
    readonly acceptWithinMs: bigint;
    /** T1 − T0 at most. */
    readonly commitWithinMs: bigint;
    readonly openWithinMs: bigint;
    readonly samples: number;
    /** Samples of a newcomer's probes. */
    readonly newcomerSamples: number;
    /** Multiply-accumulates in a window that are worth E = 1. */
    readonly standardWork: bigint;
    /** SHA-256 of the version's test vectors as compact JSON, so that two builds can tell that they mean the same version. */
    readonly vectorsHash: Uint8Array;
}

/** Everything of version 1 that does not depend on the network. */
export const SPEC_V1 = {
    version: 1,
    dimension: 1024,
    rows: { XS: 1_024, S: 4_096, L: 65_536, XL: 262_144 },
    windowMs: 15_000n,
    slackMs: 2_500n,
    acceptWithinMs: 30_000n,
    commitWithinMs: 25_000n,
    openWithinMs: 60_000n,
    samples: 32,
    newcomerSamples: 32
} as const satisfies Partial<PocSpec>;

/** SHA-256 of vectors.json without white space: the test vectors of version 1. */
export const VECTORS_V1_HASH = 'ec1652f679a187542b9cec43e5d66f3d5b4f5366f8dfce27b6ac193f7116649e';

/** W_std of networks with GPUs (compute.md §4.7), and where nodes have CPUs: E ≈ 2 of one core (docs/poc.md §12). */
export const STANDARD_WORK = { gpu: 1n << 49n, development: 1n << 38n } as const;

/** Version 1 on a network of GPUs, or with other parameters: a deployment chooses its sizes, the rules are the same. */
export function specV1(change: Partial<Omit<PocSpec, 'version'>> = {}): PocSpec {
    const vectorsHash = fromHex(VECTORS_V1_HASH);
    invariant(vectorsHash !== undefined, 'PoC1', 'the hash of the vectors is no hexadecimal text');
    return { ...SPEC_V1, activationEpoch: 0n, standardWork: STANDARD_WORK.gpu, vectorsHash, ...change };
}

export function shapeOf(spec: Pick<PocSpec, 'dimension' | 'rows'>, pocClass: PocClass): Shape {
    return { dimension: spec.dimension, rows: spec.rows[pocClass] };
}

/** Why parameters cannot be a specification. */
export type SpecFault = 'shape' | 'times' | 'samples' | 'standardWork' | 'vectorsHash';

/** The first fault of parameters that somebody proposes; undefined when there is none. */
export function specFault(spec: PocSpec): SpecFault | undefined {
    if (!CLASSES.every((pocClass) => isShape(shapeOf(spec, pocClass)))) return 'shape';
    const times = [spec.windowMs, spec.acceptWithinMs, spec.commitWithinMs, spec.openWithinMs];
    const reachable = spec.commitWithinMs >= spec.windowMs + spec.slackMs;
    if (times.some((ms) => ms <= 0n) || spec.slackMs < 0n || !reachable) return 'times';
    if (![spec.samples, spec.newcomerSamples].every(isSamples)) return 'samples';
    if (spec.standardWork <= 0n) return 'standardWork';
    return spec.vectorsHash.length === 32 ? undefined : 'vectorsHash';
}

/** Whether two records say the same. */
export function isSameSpec(a: PocSpec, b: PocSpec): boolean {
    const keys = Object.keys(a) as (keyof PocSpec)[];
    const plain = keys.filter((key) => key !== 'rows' && key !== 'vectorsHash');
    const sameRows = CLASSES.every((pocClass) => a.rows[pocClass] === b.rows[pocClass]);
    return sameRows && equalBytes(a.vectorsHash, b.vectorsHash) && plain.every((key) => a[key] === b[key]);
}

function isSamples(samples: number): boolean {
    return Number.isInteger(samples) && samples >= 2 && samples <= MAX_SAMPLES;
}

/**
 * Versions that a node may begin by in an epoch, newest first: the newest active one, and during its first epoch
 * the one before it, so that nobody is caught by the change (compute.md §4.10). `specs` ascend by activation epoch.
 */
export function acceptedSpecs(specs: readonly PocSpec[], epoch: bigint): readonly PocSpec[] {
    const active = specs.filter((spec) => spec.activationEpoch <= epoch);
    const newest = active.at(-1);
    if (newest === undefined) return [];
    const previous = active.at(-2);
    return newest.activationEpoch === epoch && previous !== undefined ? [newest, previous] : [newest];
}
