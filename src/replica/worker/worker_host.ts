import { Worker } from 'node:worker_threads';
import type { AgentApi, ControlApi, NetworkApi, NetworkIdentity, SessionOptions } from './api';
import { workerScript } from './bundle.cjs';
import type { MethodName, WorkerMessage, WorkerRequest } from './protocol';
import { threadLimits } from './thread_limits';

/** The worker is gone, and with it everything that was asked and not yet answered. */
export class NetworkStoppedError extends Error {
    constructor(readonly reason: string) {
        super(`The network has stopped: ${reason}`);
        this.name = 'NetworkStoppedError';
    }
}

/** Something in the worker threw: a bug. `detail` is the worker's stack. */
export class NetworkFaultError extends Error {
    constructor(readonly detail: string) {
        super(`The network failed internally: ${detail}`);
        this.name = 'NetworkFaultError';
    }
}

/** A network in a worker thread. */
export interface HostedNetwork {
    readonly api: NetworkApi;
    /** As of now: a network of PocketIC may get further subnets. */
    readonly identity: NetworkIdentity;
    /** Ends the thread and frees everything; waiting calls fail with NetworkStoppedError. */
    close(): Promise<void>;
}

/**
 * Starts a worker with a network of its own; resolves when it answers.
 * `onCrash` is told when the thread ends without having been closed: a bug, or memory that ran out.
 */
export function hostNetwork(
    options: SessionOptions,
    onCrash: (error: NetworkStoppedError) => void
): Promise<HostedNetwork> {
    // The parent's own flags, such as tsx's, are not for the bundle.
    const worker = new Worker(workerScript(), { workerData: options, execArgv: [], resourceLimits: threadLimits });
    return new WorkerConnection(worker, options.stateFolder !== undefined, onCrash).ready;
}

type Changing<T> = { -readonly [Field in keyof T]: T[Field] };
type Settle = { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void };

class WorkerConnection {
    readonly ready: Promise<HostedNetwork>;
    readonly #worker: Worker;
    readonly #hasState: boolean;
    readonly #open = new Map<number, Settle>();
    #nextId = 1;
    #stopped: NetworkStoppedError | undefined;

    constructor(worker: Worker, hasState: boolean, onCrash: (error: NetworkStoppedError) => void) {
        this.#worker = worker;
        this.#hasState = hasState;
        this.ready = new Promise((resolve, reject) => {
            this.#open.set(0, { resolve: () => undefined, reject });
            let hosted: Changing<HostedNetwork> | undefined;
            worker.on('message', (message: WorkerMessage) => {
                if (message.kind === 'ready') {
                    this.#open.delete(0);
                    hosted = { api: remoteApi(this), identity: message.identity, close: () => this.#close() };
                    resolve(hosted);
                } else if (message.kind === 'identity') {
                    if (hosted !== undefined) hosted.identity = message.identity;
                } else {
                    this.#settle(message);
                }
            });
        });
        const crashed = (reason: string): void => {
            if (this.#stopped === undefined) {
                onCrash(this.#fail(reason));
            }
        };
        worker.on('error', (error) => crashed(error.stack ?? error.message));
        worker.on('exit', (code) => crashed(`its thread ended with code ${code}`));
    }

    invoke(method: MethodName, args: readonly unknown[]): Promise<unknown> {
        return new Promise((resolve, reject) => {
            if (this.#stopped !== undefined) {
                reject(this.#stopped);
                return;
            }
            const id = this.#nextId;
            this.#nextId += 1;
            this.#open.set(id, { resolve, reject });
            const request: WorkerRequest = { id, method, args };
            this.#worker.postMessage(request);
        });
    }

    #settle(message: Exclude<WorkerMessage, { kind: 'ready' | 'identity' }>): void {
        const waiting = this.#open.get(message.id);
        this.#open.delete(message.id);
        if (message.kind === 'result') {
            waiting?.resolve(message.result);
        } else {
            waiting?.reject(new NetworkFaultError(message.error));
        }
    }

    #fail(reason: string): NetworkStoppedError {
        const stopped = new NetworkStoppedError(reason);
        this.#stopped = stopped;
        for (const { reject } of this.#open.values()) {
            reject(stopped);
        }
        this.#open.clear();
        return stopped;
    }

    async #close(): Promise<void> {
        if (this.#hasState) {
            // A network that has died has written what it did.
            await this.invoke('persist', []).catch(() => undefined);
        }
        this.#fail('it was closed');
        await this.#worker.terminate();
    }
}

const agentMethods = { call: true, query: true, readState: true } satisfies Record<keyof AgentApi, true>;
const controlMethods = {
    identity: true,
    tick: true,
    time: true,
    setTime: true,
    setCertifiedTime: true,
    submitUnsigned: true,
    awaitIngress: true,
    ingressStatus: true,
    queryUnsigned: true,
    controllers: true,
    place: true,
    publicMetadata: true,
    cycles: true,
    addCycles: true,
    stableMemory: true,
    setStableMemory: true,
    httpOutcalls: true,
    answerHttpOutcall: true,
    startLive: true,
    stopLive: true,
    isLive: true,
    persist: true
} satisfies Record<keyof ControlApi, true>;

const methods = { ...agentMethods, ...controlMethods };

function isMethod(name: string | symbol): name is MethodName {
    return name in methods;
}

/** The worker's methods as if they were here. The types hold because the worker runs the same interface. */
function remoteApi(connection: WorkerConnection): NetworkApi {
    const handler: ProxyHandler<object> = {
        get: (_target, name) =>
            isMethod(name) ? (...args: readonly unknown[]) => connection.invoke(name, args) : undefined
    };
    return new Proxy({}, handler) as NetworkApi;
}
