/** How large the crowds of benchmarks are. */

/** What docs/benchmarks.md tells. */
const FULL_NODES = 10_000;
/** Portions of a hundred fill a crowd. */
const STEP = 100;

/** BENCH_NODES is no size. */
class BadSize extends Error {
    constructor(readonly given: string) {
        super(`BENCH_NODES is a multiple of ${STEP}, at most ${FULL_NODES}; it is ${given}`);
        this.name = 'BadSize';
    }
}

/** Nodes of a full crowd, or of a smaller one for a quick look. @throws {@link BadSize} */
export function crowdNodes(environment: NodeJS.ProcessEnv = process.env): number {
    const given = environment.BENCH_NODES;
    if (given === undefined) return FULL_NODES;
    const nodes = Number(given);
    if (!Number.isInteger(nodes) || nodes < STEP || nodes > FULL_NODES || nodes % STEP !== 0) throw new BadSize(given);
    return nodes;
}

/** Whether what is measured is worth writing down. */
export function isFullSize(): boolean {
    return crowdNodes() === FULL_NODES;
}
