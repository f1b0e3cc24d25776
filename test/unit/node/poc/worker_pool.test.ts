import { memoryLayout } from '../../../../src/node/poc/wasm/layout';
import { WorkerLost, WorkerPool } from '../../../../src/node/poc/wasm/worker_pool';

const shape = { dimension: 64, rows: 128 };

/** (module (import "env" "memory" (memory 1 65536 shared))): loads, and has no function to call. */
const EMPTY_KERNEL = Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 2, 18, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 128, 128, 4]
);

test('a thread that fails ends the round, and every later one, with its reason', async () => {
    const layout = memoryLayout(shape, 2);
    const size = { initial: layout.pages, maximum: 65_536, shared: true };
    const memory = new WebAssembly.Memory(size);
    const pool = new WorkerPool({ module: new WebAssembly.Module(EMPTY_KERNEL), memory, layout, shape });
    const failure = await pool.round().then(
        () => undefined,
        (reason: unknown) => reason
    );
    expect(failure).toBeInstanceOf(WorkerLost);
    await expect(pool.round()).rejects.toBe(failure);
    await pool.close();
});

test('layout: no two parts overlap and all are aligned for SIMD', () => {
    const layout = memoryLayout({ dimension: 1024, rows: 65_536 }, 3);
    const starts = [layout.key, layout.nextBlock, layout.constants, layout.matrix, layout.folds, ...layout.scratch];
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.every((start) => start % 16 === 0)).toBe(true);
    expect(layout.folds - layout.matrix).toBe(2 * 1024 * 1024);
    expect(layout.scratch[0]! - layout.folds).toBe(8 * 65_536);
    expect(layout.pages * 65_536).toBeGreaterThanOrEqual(layout.scratch[2]! + 128 * 1024 + 2048);
});
