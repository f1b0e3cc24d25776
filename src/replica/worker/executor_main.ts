/** Entry of a thread that carries long executions and queries through, one after the other. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { Copies, type CopyMessage } from '../query/elsewhere';
import { ArrivedPages, noPages } from '../scheduler/detached_pages';
import { runDetached, transferOfResult, withPages, type ExecutorMessage } from '../scheduler/detached_execution';

/** Who waits for a short message goes before who waits for a long one. Of threads, only Linux knows priorities. */
const nice = 5;

function serve(port: NonNullable<typeof parentPort>): void {
    const pages = new ArrivedPages();
    const copies = new Copies();
    port.on('message', (message: ExecutorMessage | CopyMessage) => {
        if (message.kind === 'pages') return pages.add(message);
        if (message.kind === 'run') {
            const result = runDetached(withPages(message.execution, pages.take()));
            return port.postMessage(result, transferOfResult(result));
        }
        const output = copies.take(message, message.kind === 'attach' ? pages.take() : noPages);
        if (output !== undefined) port.postMessage(output);
    });
}

if (parentPort !== null) {
    if (process.platform === 'linux') setPriority(nice);
    serve(parentPort);
}
