import { availableParallelism } from 'node:os';
import { foldConstants } from '../../core/poc/fold';
import { derive } from '../../core/poc/seeds';
import type { Digest } from '../../core/sha256';
import { NoSlot, runRounds, type GoOn, type Prover, type Slot } from './prover';
import { KERNEL_BASE64 } from './wasm/kernel_bytes';
import { memoryLayout } from './wasm/layout';
import { WorkerPool, type SharedKernel } from './wasm/worker_pool';

/** What kernel.wat says of the memory that it imports. */
const MAX_PAGES = 65_536;

interface Kernel {
    pack(key: number, dimension: number, scratch: number, out: number): void;
}

/** The prover for machines without a GPU: WebAssembly SIMD on all cores; the caller's thread only hashes. */
export class WasmProver implements Prover {
    readonly name = 'wasm';
    readonly device: string;
    private loaded: { readonly kernel: SharedKernel; readonly pool: WorkerPool } | undefined;

    constructor(private readonly threads = availableParallelism()) {
        this.device = `${threads} threads of WebAssembly`;
    }

    async load({ shape, slotSeed }: Slot): Promise<void> {
        await this.close();
        const module = new WebAssembly.Module(Buffer.from(KERNEL_BASE64, 'base64'));
        const layout = memoryLayout(shape, this.threads);
        const size = { initial: layout.pages, maximum: MAX_PAGES, shared: true };
        const memory = new WebAssembly.Memory(size);
        const kernel = { module, memory, layout, shape };
        const { exports } = new WebAssembly.Instance(module, { env: { memory } });
        // The module is our own: its exports are those of kernel.wat.
        const { pack } = exports as unknown as Kernel;
        const words = new Int32Array(memory.buffer);
        words.set(derive('matrix', slotSeed), layout.key / 4);
        pack(layout.key, shape.dimension, layout.scratch[0] ?? 0, layout.matrix);
        words.set(foldConstants(derive('fold', slotSeed), shape.dimension), layout.constants / 4);
        this.loaded = { kernel, pool: new WorkerPool(kernel) };
    }

    run(nodeSeed: Uint8Array, goOn: GoOn, limit?: number): Promise<readonly Digest[]> {
        return runRounds((key) => this.folds(key), nodeSeed, goOn, limit);
    }

    async folds(roundKey: Digest): Promise<Int32Array> {
        if (this.loaded === undefined) throw new NoSlot();
        const { kernel, pool } = this.loaded;
        new Int32Array(kernel.memory.buffer).set(roundKey, kernel.layout.key / 4);
        await pool.round();
        return new Int32Array(kernel.memory.buffer, kernel.layout.folds, 2 * kernel.shape.rows).slice();
    }

    async close(): Promise<void> {
        const pool = this.loaded?.pool;
        this.loaded = undefined;
        await pool?.close();
    }
}
