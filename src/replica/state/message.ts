/** Messages between canisters, users and the management canister, and the contexts that they open. */
import type { Closure } from '../execution/types';
import type { CallerInfo } from './api';
import type { IcError } from './errors';

/** Where the response to a call goes. */
export type Origin =
    | { readonly kind: 'ingress'; readonly requestKey: string }
    | { readonly kind: 'canister'; readonly canisterId: Uint8Array; readonly callbackId: number }
    /** Heartbeats, timers and hooks: nobody waits. */
    | { readonly kind: 'system' };

/** The outcome of a call. */
export type CallResponse =
    { readonly kind: 'reply'; readonly data: Uint8Array } | { readonly kind: 'reject'; readonly error: IcError };

/** A call on its way to a canister or to the management canister. */
export interface CallMessage {
    readonly kind: 'call';
    readonly origin: Origin;
    readonly caller: Uint8Array;
    /** Version of the calling canister when it made the call. */
    readonly callerVersion?: bigint;
    readonly callee: Uint8Array;
    /** Of calls to the management canister that name the subnet which is to execute them. */
    readonly subnetId?: Uint8Array;
    readonly method: string;
    readonly argument: Uint8Array;
    readonly cycles: bigint;
    /** 0 for calls that wait for their response without bound. */
    readonly deadlineNs: bigint;
    /** Of users only. */
    readonly callerInfo?: CallerInfo;
}

/** A response on its way back to the canister that called. */
export interface ResponseMessage {
    readonly kind: 'response';
    readonly canisterId: Uint8Array;
    readonly callbackId: number;
    readonly response: CallResponse;
    readonly refund: bigint;
}

/** Whatever waits in the queue. */
export type Message = CallMessage | ResponseMessage;

/** All that belongs to one received call until it is answered and its own calls have come back. */
export interface CallContext {
    readonly id: number;
    readonly origin: Origin;
    readonly caller: Uint8Array;
    readonly callerInfo?: CallerInfo;
    readonly deadlineNs: bigint;
    cyclesAvailable: bigint;
    responded: boolean;
    /** Calls made in this context whose responses are still to come. */
    outstanding: number;
    /** The canister was uninstalled: responses only bring their refunds. */
    deleted: boolean;
    /** Instructions of all executions so far, for `performance_counter(1)`. */
    instructions: bigint;
}

/** A call that a canister made and that is not answered yet. */
export interface Callback {
    readonly id: number;
    readonly contextId: number;
    readonly callee: Uint8Array;
    readonly onReply: Closure;
    readonly onReject: Closure;
    readonly onCleanup?: Closure;
    /** Paid at `call_perform` for the longest response, given back as far as the response is shorter. */
    readonly responseReserve: bigint;
    /** Paid at `call_perform` for executing the callback. */
    readonly executionReserve: bigint;
    /** 0 without one. */
    readonly deadlineNs: bigint;
}

/** A response with data. */
export function reply(data: Uint8Array): CallResponse {
    return { kind: 'reply', data };
}

/** A response with an error. */
export function reject(error: IcError): CallResponse {
    return { kind: 'reject', error };
}
