/** There is nothing to take a statistic of. */
export class NoValues extends Error {
    constructor() {
        super('a statistic needs at least one value');
        this.name = 'NoValues';
    }
}

/** The middle value; of an even number of values, the mean of the middle two. @throws {@link NoValues} */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const upper = at(sorted, Math.floor(sorted.length / 2));
    return sorted.length % 2 === 1 ? upper : (at(sorted, sorted.length / 2 - 1) + upper) / 2;
}

/** Smallest value that at least the share `q` (0 … 1) of the values does not exceed. @throws {@link NoValues} */
export function quantile(values: readonly number[], q: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    return at(sorted, Math.max(0, Math.ceil(q * sorted.length) - 1));
}

function at(sorted: readonly number[], index: number): number {
    const value = sorted[index];
    if (value === undefined) throw new NoValues();
    return value;
}
