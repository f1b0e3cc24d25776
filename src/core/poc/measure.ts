/** From accepted probes to E: the seeds' 15000 ms / time, with the time that a standard task took (compute.md §4.5). */
import { E8S_PER_EMC } from '../amount';
import { roundWork } from './shape';
import { CLASSES, shapeOf, type PocClass, type PocSpec } from './spec';

/** An accepted probe. */
export interface Probe {
    readonly pocClass: PocClass;
    /** K, verified by samples. */
    readonly rounds: number;
    /** T1 − T0 by canister time, in milliseconds. */
    readonly elapsedMs: bigint;
}

type MeasureSpec = Pick<PocSpec, 'dimension' | 'rows' | 'windowMs' | 'slackMs' | 'standardWork'>;

/**
 * E of a probe in 10^-8: window · work / W_std / max(T1 − T0 − L, window). Committing early earns nothing, and the slack, if it
 * is worked through, at most L / window. Multiplied first and floored once.
 */
export function probeEValueE8(spec: MeasureSpec, { pocClass, rounds, elapsedMs }: Probe): bigint {
    const work = BigInt(rounds) * BigInt(roundWork(shapeOf(spec, pocClass)));
    const countedMs = elapsedMs - spec.slackMs;
    const dividedMs = countedMs < spec.windowMs ? spec.windowMs : countedMs;
    return (spec.windowMs * work * E8S_PER_EMC) / (spec.standardWork * dividedMs);
}

/** Rounds of a probe from which the next class is tried, and below which the one before. */
const MANY_ROUNDS = 16_384;
const FEW_ROUNDS = 512;

/**
 * The class of a node's next probe: rounds should be many enough to be counted and few enough that a device is busy with
 * products rather than with beginning the next round. Nobody but the measurement chooses it: a validator could fail an honest
 * node by too large a class, a node could share one large round among many machines.
 */
export function nextClass(pocClass: PocClass, rounds: number): PocClass {
    const step = rounds >= MANY_ROUNDS ? 1 : rounds < FEW_ROUNDS ? -1 : 0;
    return CLASSES[CLASSES.indexOf(pocClass) + step] ?? pocClass;
}

/** Finished probes that an epoch's E needs. */
export const MIN_PROBES = 3;

/** E of an epoch: the median of its probes, failed ones as zero, of two middle ones the lower; undefined with too few. */
export function epochEValueE8(probes: readonly bigint[]): bigint | undefined {
    if (probes.length < MIN_PROBES) return undefined;
    const sorted = [...probes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return sorted[(sorted.length - 1) >> 1];
}

/** E across epochs: halfway from the old value to the epoch's, so that the clock's granularity evens out. */
export function smoothedEValueE8(before: bigint | undefined, epoch: bigint): bigint {
    return before === undefined ? epoch : (before + epoch) / 2n;
}

/** Probes and different validators that make a newcomer an active node (compute.md §4.10). */
export const NEWCOMER = { probes: 3, validators: 3, withinMs: 86_400_000n } as const;

/** A newcomer's accepted probe. */
export interface NewcomerProbe {
    readonly acceptedAtMs: bigint;
    /** Text of the principal that asked for it. */
    readonly validator: string;
}

/** Those of a newcomer's probes that still count. */
export function recentProbes(probes: readonly NewcomerProbe[], nowMs: bigint): readonly NewcomerProbe[] {
    return probes.filter((probe) => nowMs - probe.acceptedAtMs <= NEWCOMER.withinMs);
}

/** Whether a newcomer has proved itself: enough recent probes, by enough validators. */
export function isProven(probes: readonly NewcomerProbe[], nowMs: bigint): boolean {
    const recent = recentProbes(probes, nowMs);
    const validators = new Set(recent.map((probe) => probe.validator));
    return recent.length >= NEWCOMER.probes && validators.size >= NEWCOMER.validators;
}
