import { Worker } from 'node:worker_threads';
import { LEAF_ROWS, type Shape } from '../../../core/poc/shape';
import type { MemoryLayout } from './layout';
import { WORKER_SOURCE } from './worker_source';

/** A thread of the prover ended by itself. */
export class WorkerLost extends Error {
    constructor(
        readonly thread: number,
        options?: ErrorOptions
    ) {
        super(`thread ${thread} of the prover is gone`, options);
        this.name = 'WorkerLost';
    }
}

/** What the threads of a slot share. */
export interface SharedKernel {
    readonly module: WebAssembly.Module;
    readonly memory: WebAssembly.Memory;
    readonly layout: MemoryLayout;
    readonly shape: Shape;
}

/** Threads that do one round together; one round at a time. */
export class WorkerPool {
    private readonly workers: readonly Worker[];
    private pending = 0;
    private settle: { resolve: () => void; reject: (reason: WorkerLost) => void } | undefined;
    private lost: WorkerLost | undefined;
    private closing = false;

    constructor(private readonly kernel: SharedKernel) {
        const { module, memory, layout, shape } = kernel;
        const common = { module, memory, layout, dimension: shape.dimension, blocks: shape.rows / LEAF_ROWS };
        this.workers = layout.scratch.map((_, thread) => {
            const worker = new Worker(WORKER_SOURCE, { eval: true, workerData: { ...common, thread } });
            worker.on('message', () => this.finished());
            worker.on('error', (cause) => this.fail(new WorkerLost(thread, { cause })));
            worker.on('exit', () => this.fail(new WorkerLost(thread)));
            return worker;
        });
    }

    /** Folds of all rows under the key that stands in the memory. @throws {@link WorkerLost} */
    async round(): Promise<void> {
        if (this.lost !== undefined) throw this.lost;
        const { memory, layout } = this.kernel;
        new Int32Array(memory.buffer)[layout.nextBlock / 4] = 0;
        this.pending = this.workers.length;
        const done = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
        for (const worker of this.workers) worker.postMessage(undefined);
        await done;
    }

    async close(): Promise<void> {
        this.closing = true;
        await Promise.all(this.workers.map((worker) => worker.terminate()));
    }

    private finished(): void {
        this.pending -= 1;
        if (this.pending === 0) this.settle?.resolve();
    }

    /** The first reason counts; a thread that is told to end is not lost. */
    private fail(reason: WorkerLost): void {
        if (this.closing) return;
        this.lost ??= reason;
        this.settle?.reject(this.lost);
    }
}
