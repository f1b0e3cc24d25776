/** What every prover offers. All are bit-identical: whichever did the rounds, any can open them. */
import { Chain } from '../../core/poc/chain';
import { leavesOf } from '../../core/poc/fold';
import { MAX_ROUNDS, type Shape } from '../../core/poc/shape';
import { rootOf } from '../../core/poc/tree';
import type { Digest } from '../../core/sha256';

/** What all challenges of a slot share. */
export interface Slot {
    readonly shape: Shape;
    /** σ, 32 bytes. */
    readonly slotSeed: Uint8Array;
}

/** Asked before each round (or batch of rounds) with the number of rounds done. */
export type GoOn = (rounds: number) => boolean;

export type ProverName = 'typescript' | 'wasm' | 'webgpu';

/** {@link Prover.folds} or {@link Prover.run} before {@link Prover.load}: a bug of the caller. */
export class NoSlot extends Error {
    constructor() {
        super('the prover was given no slot');
        this.name = 'NoSlot';
    }
}

export interface Prover {
    readonly name: ProverName;
    /** What it runs on, for logs and figures. */
    readonly device: string;
    /** Takes up a slot; everything that follows is about it. */
    load(slot: Slot): Promise<void>;
    /** Roots of the rounds that it does until it is told to stop, or has done `limit` of them. */
    run(nodeSeed: Uint8Array, goOn: GoOn, limit?: number): Promise<readonly Digest[]>;
    /** Folds of all rows of the round with a key: lane 0 and lane 1 of row 0, of row 1, … */
    folds(roundKey: Digest): Promise<Int32Array>;
    close(): Promise<void>;
}

/** The rounds of a prover that is told the key of each. */
export async function runRounds(
    folds: (roundKey: Digest) => Promise<Int32Array>,
    nodeSeed: Uint8Array,
    goOn: GoOn,
    limit = MAX_ROUNDS
): Promise<readonly Digest[]> {
    const chain = new Chain(nodeSeed);
    while (chain.rounds < limit && goOn(chain.rounds)) chain.append(rootOf(leavesOf(await folds(chain.nextKey()))));
    return chain.roots;
}
