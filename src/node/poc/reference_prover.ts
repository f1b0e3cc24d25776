import { foldConstants, foldRow } from '../../core/poc/fold';
import { productRow, slotMatrix } from '../../core/poc/rows';
import { derive } from '../../core/poc/seeds';
import type { Digest } from '../../core/sha256';
import { runRounds, type GoOn, type Prover, type Slot } from './prover';

/** The prover to compare all others with: plain TypeScript, one thread, as docs/poc.md says it. */
export class ReferenceProver implements Prover {
    readonly name = 'typescript';
    readonly device = 'one thread of JavaScript';
    private rows = 0;
    private dimension = 0;
    private matrix: Int8Array = new Int8Array();
    private constants: Int32Array = new Int32Array();

    async load({ shape, slotSeed }: Slot): Promise<void> {
        this.rows = shape.rows;
        this.dimension = shape.dimension;
        this.matrix = slotMatrix(slotSeed, shape.dimension);
        this.constants = foldConstants(derive('fold', slotSeed), shape.dimension);
    }

    run(nodeSeed: Uint8Array, goOn: GoOn, limit?: number): Promise<readonly Digest[]> {
        return runRounds((key) => this.folds(key), nodeSeed, goOn, limit);
    }

    async folds(roundKey: Digest): Promise<Int32Array> {
        const folds = new Int32Array(2 * this.rows);
        for (let row = 0; row < this.rows; row++) {
            const product = productRow(roundKey, row, this.matrix, this.dimension);
            folds.set(foldRow(product, this.constants), 2 * row);
        }
        return folds;
    }

    async close(): Promise<void> {
        this.matrix = new Int8Array();
    }
}
