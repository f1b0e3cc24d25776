/**
 * The code of a worker thread, as text: a file of its own would have to be found, and compiled, alike by tsx, by jest and in
 * a bundle. It takes blocks of 64 rows until none is left, so that a slow core does fewer of them.
 */
export const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, layout, thread, dimension, blocks } = workerData;
const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports;
const next = new Int32Array(memory.buffer, layout.nextBlock, 1);
const ROWS = 64;

parentPort.on('message', () => {
    let block;
    while ((block = Atomics.add(next, 0, 1)) < blocks) {
        kernel.folds(layout.key, block * ROWS, ROWS, dimension, layout.matrix, layout.constants,
            layout.scratch[thread], layout.folds + block * ROWS * 8);
    }
    parentPort.postMessage(thread);
});
`;
