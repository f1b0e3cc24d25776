import { Counter, Gauge, type Registry } from 'prom-client';
import { roundWork, type Shape } from '../../core/poc/shape';
import type { ChallengeState } from './ports';

/** What a node counts of its proofs of computing. */
export interface PocMetrics {
    worked(shape: Shape, rounds: number, seconds: number): void;
    ended(state: ChallengeState, eValueE8: bigint | undefined): void;
    dropped(): void;
}

const E8 = 1e8;
const GIGA = 1e9;

export function makePocMetrics(registry: Registry): PocMetrics {
    const registers = [registry];
    const probes = new Counter({
        name: 'emc_node_poc_total',
        help: 'Proofs of computing, by how they ended',
        labelNames: ['outcome'],
        registers
    });
    const rounds = new Counter({ name: 'emc_node_poc_rounds_total', help: 'Rounds done', registers });
    const seconds = new Counter({ name: 'emc_node_poc_seconds_total', help: 'Time spent on rounds', registers });
    const rate = new Gauge({
        name: 'emc_node_poc_gmac_per_second',
        help: '10^9 multiply-accumulates per second in the last proof',
        registers
    });
    const e = new Gauge({ name: 'emc_node_poc_e', help: 'E of the last proof that passed', registers });
    return {
        worked(shape, count, spent) {
            rounds.inc(count);
            seconds.inc(spent);
            rate.set((count * roundWork(shape)) / spent / GIGA);
        },
        ended(state, eValueE8) {
            probes.inc({ outcome: state });
            if (eValueE8 !== undefined) e.set(Number(eValueE8) / E8);
        },
        dropped: () => probes.inc({ outcome: 'dropped' })
    };
}
