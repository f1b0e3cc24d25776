/** Entry of the worker thread: one network, answering over its message port. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SessionOptions } from './api';
import type { WorkerMessage, WorkerRequest } from './protocol';
import { Session } from './session';

function serve(port: NonNullable<typeof parentPort>, options: SessionOptions): void {
    const session = new Session(options);
    const send = (message: WorkerMessage): void => port.postMessage(message);
    port.on('message', ({ id, method, args }: WorkerRequest) => {
        const answer: Promise<unknown> = Reflect.apply(session[method], session, args);
        answer.then(
            (result) => send({ kind: 'result', id, result }),
            (error: unknown) => send({ kind: 'error', id, error: describe(error) })
        );
    });
    session.onSubnetAdded = () => send({ kind: 'identity', identity: session.identityNow() });
    send({ kind: 'ready', identity: session.identityNow() });
}

function describe(error: unknown): string {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (parentPort !== null) {
    const options: SessionOptions = workerData;
    serve(parentPort, options);
}
