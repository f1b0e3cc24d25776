/** The life of call contexts: opened by a call, closed when answered and when all their own calls are back. */
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import type { CallContext, CallResponse, Origin } from '../state/message';
import type { CallerInfo } from '../state/api';
import { reject, reply } from '../state/message';
import { uninstalled } from '../state/failures';
import { respond } from './respond';

/** The call that a context is opened for. */
export interface NewContext {
    readonly origin: Origin;
    readonly caller: Uint8Array;
    readonly deadlineNs: bigint;
    readonly cycles: bigint;
    readonly callerInfo?: CallerInfo;
}

/** A context with all its cycles still to be accepted; those of system tasks count as answered. */
export function openContext(canister: Canister, call: NewContext): CallContext {
    const context: CallContext = {
        id: canister.nextContextId,
        origin: call.origin,
        caller: call.caller,
        ...(call.callerInfo && { callerInfo: call.callerInfo }),
        deadlineNs: call.deadlineNs,
        cyclesAvailable: call.cycles,
        responded: call.origin.kind === 'system',
        outstanding: 0,
        deleted: false,
        instructions: 0n
    };
    canister.nextContextId += 1;
    canister.contexts.set(context.id, context);
    return context;
}

/** Answers the context's call with what is left of its cycles. A context answers once. */
export function answerContext(network: Network, context: CallContext, response: CallResponse): void {
    const refund = context.cyclesAvailable;
    context.cyclesAvailable = 0n;
    context.responded = true;
    respond(network, context.origin, response, refund);
}

/** Drops the context if nothing is left to do in it; the last context of a stopping canister lets it stop. */
export function closeIfDone(network: Network, canister: Canister, context: CallContext): void {
    if (context.outstanding > 0 || !context.responded) return;
    canister.contexts.delete(context.id);
    stopIfQuiet(network, canister);
}

/** The candid encoding of no values, which is what stop_canister replies. */
const emptyReply = new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0, 0]);

/** A stopping canister without open contexts is stopped, and all who asked for it are told. */
export function stopIfQuiet(network: Network, canister: Canister): void {
    if (canister.status.kind !== 'stopping' || canister.contexts.size > 0) return;
    const { requests } = canister.status;
    canister.status = { kind: 'stopped' };
    canister.version += 1n;
    for (const request of requests) respond(network, request.origin, reply(emptyReply), request.cycles);
}

/** Uninstalling: every open call is rejected, and responses on their way will only bring their refunds. */
export function abandonContexts(network: Network, canister: Canister): void {
    for (const context of [...canister.contexts.values()]) {
        if (!context.responded) answerContext(network, context, reject(uninstalled()));
        context.deleted = true;
        closeIfDone(network, canister, context);
    }
}
