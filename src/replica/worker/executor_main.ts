/** Entry of a thread that carries long executions through, one after the other. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { Placed } from '../execution';
import { runDetached, transferOfResult, withPages, type ExecutorMessage } from '../scheduler/detached_execution';

/** Who waits for a short message goes before who waits for a long one. Of threads, only Linux knows priorities. */
const nice = 5;

function serve(port: NonNullable<typeof parentPort>): void {
    let pages: { heap: Placed[]; stable: Placed[] } = { heap: [], stable: [] };
    port.on('message', (message: ExecutorMessage) => {
        if (message.kind === 'pages') {
            for (const placed of message.written) pages[message.memory].push(placed);
            return;
        }
        const execution = withPages(message.execution, pages);
        pages = { heap: [], stable: [] };
        const result = runDetached(execution);
        port.postMessage(result, transferOfResult(result));
    });
}

if (parentPort !== null) {
    if (process.platform === 'linux') setPriority(nice);
    serve(parentPort);
}
