/** Entry of a thread that carries long executions through, one after the other. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { runDetached, transferOfResult, type DetachedExecution } from '../scheduler/detached_execution';

/** Who waits for a short message goes before who waits for a long one. Of threads, only Linux knows priorities. */
const nice = 5;

if (parentPort !== null) {
    if (process.platform === 'linux') setPriority(nice);
    const port = parentPort;
    port.on('message', (execution: DetachedExecution) => {
        const result = runDetached(execution);
        port.postMessage(result, transferOfResult(result));
    });
}
