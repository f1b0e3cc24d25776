/** What the table says a value counts. */
export type Unit = 'instructions' | 'cycles' | 's' | 'ms' | 'calls/s' | 'jobs/s' | 'GMAC/s' | '%';

/** Something that can be measured alone. */
export interface Benchmark {
    /** snake_case; how it is asked for and found in the results. */
    readonly name: string;
    readonly unit: Unit;
    /** What exactly is measured, in one sentence. */
    readonly description: string;
    /** Why it cannot be measured here, when it needs what not every machine has; it is then left out and not failed. */
    readonly missing?: () => Promise<string | undefined>;
    /** Measures; one value per repetition. What it starts it also ends. */
    readonly runs: () => Promise<readonly number[]>;
}

/** Does the work when it is first asked for, and once: for fixtures that several benchmarks share. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
    let result: Promise<T> | undefined;
    return () => (result ??= work());
}
