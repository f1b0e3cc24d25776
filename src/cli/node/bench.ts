/** What a device is worth in EMC-PoC-1, and the standard work that would make it the reference device (docs/poc.md §9). */
import { nextClass, probeEValueE8 } from '../../core/poc/measure';
import { roundWork } from '../../core/poc/shape';
import { shapeOf, specV1, type PocClass, type PocSpec } from '../../core/poc/spec';
import { sha256 } from '../../core/hash';
import { chooseProver } from '../../node/poc/choose_prover';
import type { Prover, ProverName } from '../../node/poc/prover';
import type { Log } from '../../node/ports';
import { toJson } from '../start/outcome';
import type { Print } from '../print';
import { formatE } from './stake';

export interface BenchOptions {
    /** How long each class is measured; a probe's window is 15. */
    readonly seconds: number;
    readonly prover?: ProverName;
    /** One line of JSON instead of a table. */
    readonly json?: boolean;
}

/** What was measured, scaled to a probe's window. */
export interface Calibration {
    readonly prover: ProverName;
    readonly device: string;
    /** In which probes of this device end up. */
    readonly class: PocClass;
    readonly roundsPerWindow: number;
    /** 10^9 multiply-accumulates per second, chaining and hashing included. */
    readonly gmacPerSecond: number;
    /** Of a probe with these rounds by the specification's W_std, in 10^-8. */
    readonly eValueE8: bigint;
    /** W_std with which this device has E = 1. */
    readonly standardWork: bigint;
}

type Clock = () => number;

/** Measures the prover that a node here would use, and prints it. @throws {@link NoProver} */
export async function benchNode(options: BenchOptions, print: Print): Promise<void> {
    const prover = await chooseProver(passedOver(options.json ? () => undefined : print), { only: options.prover });
    try {
        const found = await calibrate(prover, specV1(), options.seconds * 1_000);
        if (options.json) return print(toJson(found));
        for (const [label, text] of rowsOf(found)) print(`${label.padEnd(16)} ${text}`);
    } finally {
        await prover.close();
    }
}

/**
 * Measures class after class as the network would choose them, until it would choose the same again or one that was measured.
 * `runMs`: how long each is measured, one round at the least.
 */
export async function calibrate(
    prover: Prover,
    spec: PocSpec,
    runMs: number,
    nowMs: Clock = () => performance.now()
): Promise<Calibration> {
    const seen = new Set<PocClass>();
    for (let pocClass: PocClass = 'XS'; ;) {
        seen.add(pocClass);
        const measured = await measure(prover, spec, pocClass, runMs, nowMs);
        const next = nextClass(pocClass, measured.roundsPerWindow);
        if (seen.has(next)) return measured;
        pocClass = next;
    }
}

async function measure(
    prover: Prover,
    spec: PocSpec,
    pocClass: PocClass,
    runMs: number,
    nowMs: Clock
): Promise<Calibration> {
    const shape = shapeOf(spec, pocClass);
    await prover.load({ shape, slotSeed: seed('slot') });
    await prover.run(seed('warm-up'), () => true, 1);
    const startedAt = nowMs();
    const roots = await prover.run(seed('node'), (rounds) => rounds === 0 || nowMs() - startedAt < runMs);
    const elapsedMs = nowMs() - startedAt;
    const roundsPerWindow = Math.floor((roots.length * Number(spec.windowMs)) / elapsedMs);
    const work = roundWork(shape);
    return {
        prover: prover.name,
        device: prover.device,
        class: pocClass,
        roundsPerWindow,
        gmacPerSecond: (roots.length * work) / elapsedMs / 1e6,
        eValueE8: probeEValueE8(spec, { pocClass, rounds: roundsPerWindow, elapsedMs: spec.windowMs }),
        standardWork: BigInt(roundsPerWindow) * BigInt(work)
    };
}

function seed(purpose: string): Uint8Array {
    return sha256(new TextEncoder().encode(`emc node bench: ${purpose}`));
}

function rowsOf(found: Calibration): readonly (readonly [string, string])[] {
    return [
        ['Prover', `${found.prover} on ${found.device}`],
        ['Class', found.class],
        ['Rounds in 15 s', `${found.roundsPerWindow}`],
        ['Rate', `${found.gmacPerSecond.toFixed(1)} GMAC/s`],
        ['E', `${formatE(found.eValueE8)} by the standard work of version 1`],
        ['W_std', `${found.standardWork} for E = 1 of this device (standard_work of a proposal PocSpec)`]
    ];
}

/** Says which faster provers could not be had, since a figure of a slower one would mislead. */
function passedOver(print: Print): Log {
    const tell = (fields: { readonly prover?: string; readonly reason?: string }, event: string): void => {
        if (event === 'poc_prover_passed_over') print(`Not ${fields.prover}: ${fields.reason}`);
    };
    return { info: tell, warn: tell, error: tell };
}
