/** Enough to see the canister's garbage collector at work: it makes equal calls cost unequally. */
const RUNS = 15;

/** The values of equal measurements in a row; each is told its number. */
export function repeat<T>(measure: (run: number) => T, runs = RUNS): readonly T[] {
    return Array.from({ length: runs }, (_, run) => measure(run));
}
