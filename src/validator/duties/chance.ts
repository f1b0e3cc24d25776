import type { Clock } from '../ports';

/** Where random choices come from. */
export type Chance = Pick<Clock, 'random'>;

/** A whole number from an interval, both ends included. */
export function between(chance: Chance, least: number, most: number): number {
    return least + Math.floor(chance.random() * (most - least + 1));
}

/** One of a list that is not empty. */
export function pick<T>(chance: Chance, from: readonly T[]): T {
    // `random` is below 1.
    return from[Math.floor(chance.random() * from.length)] as T;
}

/** Something, with a probability; otherwise undefined, which JSON leaves out. */
export function maybe<T>(chance: Chance, probability: number, make: () => T): T | undefined {
    return chance.random() < probability ? make() : undefined;
}
