/** Mulberry32: the same inputs in each run of the test. */
export function seeded(seed: number): { random(): number } {
    let state = seed;
    return {
        random() {
            state = (state + 0x6d2b79f5) | 0;
            let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
            mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
            return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
        }
    };
}
