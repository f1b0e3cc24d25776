import type { NetworkApi, NetworkIdentity } from './api';

/** Of the network, across threads. */
export type MethodName = keyof NetworkApi;

/** One message to the worker. */
export interface WorkerRequest {
    readonly id: number;
    readonly method: MethodName;
    readonly args: readonly unknown[];
}

/** Messages from the worker: first `ready`, then one answer per request. */
export type WorkerMessage =
    | { readonly kind: 'ready'; readonly identity: NetworkIdentity }
    | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
    /** A bug: expected failures are results. */
    | { readonly kind: 'error'; readonly id: number; readonly error: string };
