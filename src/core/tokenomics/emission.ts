/**
 * How much a round emits (domain.md A.3, AS-01 … AS-11). Periods count from 1, epochs and rounds from 0. All amounts are exact
 * rationals until one floor at the end.
 */
import { epochOfRound, isLastRoundOfEpoch, roundAt, type ClockParams } from '../clock';
import type { Ratio } from '../amount';
import type { DecayKind, EmissionRules } from './profile';

/** Where an instant lies in the emission's calendar. */
export interface EmissionTime {
    readonly round: bigint;
    readonly epoch: bigint;
    readonly period: bigint;
}

/** What a period of the node reward emits, in e8s. */
export interface PeriodSchedule {
    readonly period: bigint;
    readonly firstEpoch: bigint;
    readonly epochs: bigint;
    /** floor(R(n)), for the period's whole length. */
    readonly periodE8s: bigint;
    readonly epochE8s: bigint;
    /** Rounds of an epoch but the last. */
    readonly roundE8s: bigint;
    /** The epoch's last round also takes the remainder of the division. */
    readonly lastRoundE8s: bigint;
}

/** Round, epoch and period of an instant; before genesis all are the first. */
export function emissionTime(rules: EmissionRules, clock: ClockParams, atNs: bigint): EmissionTime {
    const round = roundAt(clock, atNs);
    const epoch = epochOfRound(clock, round);
    return { round, epoch, period: periodOfEpoch(rules, epoch) };
}

/** Epochs of a period: the length grows by `growth.factor` after every `growth.every` periods. */
export function epochsOfPeriod(rules: EmissionRules, period: bigint): bigint {
    return rules.epochsPerPeriod * rules.growth.factor ** ((period - 1n) / rules.growth.every);
}

/** Period that contains an epoch. */
export function periodOfEpoch(rules: EmissionRules, epoch: bigint): bigint {
    const { every, factor } = rules.growth;
    if (factor === 1n) return epoch / rules.epochsPerPeriod + 1n;
    let period = 1n;
    let left = epoch;
    for (let length = rules.epochsPerPeriod; ; length *= factor, period += every) {
        if (left < length * every) return period + left / length;
        left -= length * every;
    }
}

/** First epoch of a period. */
export function firstEpochOfPeriod(rules: EmissionRules, period: bigint): bigint {
    const { every, factor } = rules.growth;
    let epoch = 0n;
    let length = rules.epochsPerPeriod;
    let before = period - 1n;
    for (; before > every && factor !== 1n; before -= every, length *= factor) epoch += length * every;
    return epoch + before * length;
}

/** R(n) / R(1) as an exact ratio. */
export function decayOfPeriod(decay: DecayKind, period: bigint): Ratio {
    return decay.kind === 'fibonacci'
        ? { num: 1n, den: fibonacci(period) }
        : eulerPiDecay(period, decay.piNum, decay.piDen);
}

/** F(n) with F(1) = F(2) = 1. */
export function fibonacci(n: bigint): bigint {
    let [previous, current] = [0n, 1n];
    for (let i = 1n; i < n; i++) [previous, current] = [current, previous + current];
    return current;
}

/**
 * Product of (1+1/k)^k / pi for k = 2 … n; the first period counts 1 by decree (F3). The powers telescope:
 * the product of ((k+1)/k)^k for k = 1 … n is (n+1)^n / n!, and the factor of k = 1 is 2.
 */
function eulerPiDecay(period: bigint, piNum: bigint, piDen: bigint): Ratio {
    let factorial = 1n;
    for (let k = 2n; k <= period; k++) factorial *= k;
    return {
        num: (period + 1n) ** period * piDen ** (period - 1n),
        den: 2n * factorial * piNum ** (period - 1n)
    };
}

/** Amount of every epoch of a period: decay applies to it, whatever the period's length (F4). */
export function epochAmount(rules: EmissionRules, period: bigint): bigint {
    const { num, den } = decayOfPeriod(rules.decay, period);
    return (rules.firstPeriodE8s * num) / (den * rules.epochsPerPeriod);
}

/** Scheduled emission of a round, before the cap. */
export function roundAmount(rules: EmissionRules, clock: ClockParams, round: bigint): bigint {
    const epochE8s = epochAmount(rules, periodOfEpoch(rules, epochOfRound(clock, round)));
    const roundE8s = epochE8s / clock.roundsPerEpoch;
    return isLastRoundOfEpoch(clock, round) ? epochE8s - roundE8s * (clock.roundsPerEpoch - 1n) : roundE8s;
}

/** What one period pays. */
export function periodSchedule(rules: EmissionRules, clock: ClockParams, period: bigint): PeriodSchedule {
    const { num, den } = decayOfPeriod(rules.decay, period);
    const epochs = epochsOfPeriod(rules, period);
    const epochE8s = epochAmount(rules, period);
    const roundE8s = epochE8s / clock.roundsPerEpoch;
    return {
        period,
        firstEpoch: firstEpochOfPeriod(rules, period),
        epochs,
        periodE8s: (rules.firstPeriodE8s * num * epochs) / (den * rules.epochsPerPeriod),
        epochE8s,
        roundE8s,
        lastRoundE8s: epochE8s - roundE8s * (clock.roundsPerEpoch - 1n)
    };
}
