/** Rows whose folds make one leaf of a round's tree. */
export const LEAF_ROWS = 64;

export const MIN_DIMENSION = 64;
/** Every sum of a product is exact in float32, too, up to here: 1024 · 128² = 2^24. */
export const MAX_DIMENSION = 1024;
export const MAX_ROWS = 1 << 20;
/** Rounds that a commitment may claim. */
export const MAX_ROUNDS = 1 << 24;

/** Size of the products of one round: (rows × dimension) times (dimension × dimension). */
export interface Shape {
    /** D: a multiple of 64 from {@link MIN_DIMENSION} to {@link MAX_DIMENSION}. */
    readonly dimension: number;
    /** m: a power of two from {@link LEAF_ROWS} to {@link MAX_ROWS}. */
    readonly rows: number;
}

export function isShape({ dimension, rows }: Shape): boolean {
    const dimensionFits = dimension >= MIN_DIMENSION && dimension <= MAX_DIMENSION && dimension % MIN_DIMENSION === 0;
    return dimensionFits && rows >= LEAF_ROWS && rows <= MAX_ROWS && (rows & (rows - 1)) === 0;
}

/** Whether a number of rounds can be committed to. */
export function isRounds(rounds: number): boolean {
    return Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS;
}

/** Levels above the leaves of a tree with so many leaves: ⌈log2⌉. */
export function depthOf(leaves: number): number {
    let depth = 0;
    while (2 ** depth < leaves) depth++;
    return depth;
}

/** Levels of the tree over a round's leaves. */
export function roundDepth(shape: Shape): number {
    return depthOf(shape.rows / LEAF_ROWS);
}

/** Multiply-accumulates of a round. */
export function roundWork({ dimension, rows }: Shape): number {
    return rows * dimension * dimension;
}
