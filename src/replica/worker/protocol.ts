import type { NetworkApi, NetworkIdentity } from './api';

/** Of the network, across threads. */
export type MethodName = keyof NetworkApi;

/** One message to the worker. */
export interface WorkerRequest {
    readonly id: number;
    readonly method: MethodName;
    readonly args: readonly unknown[];
}

/** Messages from the worker: first `ready`, then one answer per request, and news. */
export type WorkerMessage =
    | { readonly kind: 'ready'; readonly identity: NetworkIdentity }
    /** A subnet has come into being. */
    | { readonly kind: 'identity'; readonly identity: NetworkIdentity }
    | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
    /** A bug: expected failures are results. */
    | { readonly kind: 'error'; readonly id: number; readonly error: string };
