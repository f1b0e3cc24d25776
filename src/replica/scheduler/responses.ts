/** Responses arriving at the canister that called: refund, callback, cleanup. */
import type { ExecutionOutput } from '../execution/types';
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import type { CallContext, Callback, CallResponse, ResponseMessage } from '../state/message';
import type { IcError } from '../state/errors';
import type { InstalledModule } from '../state/module';
import { findCanister } from '../state/network';
import { rejectCodeOf } from '../state/errors';
import { cleanupTrapped, trapped } from '../state/failures';
import { idKey } from '../state/principals';
import { consume, settle } from '../cycles/account';
import { closeIfDone } from './contexts';
import { execute, settleContext } from './execution';
import { subnetOf } from '../state/subnet';

/** Delivers the response; returns the instructions used. */
export function executeResponse(network: Network, message: ResponseMessage): bigint {
    const canister = findCanister(network, message.canisterId);
    if (canister === undefined) {
        consume(network, message.refund);
        return 0n;
    }
    canister.balance += message.refund;
    const callback = takeCallback(canister, message.callbackId);
    // A best-effort call that expired was answered before: the late response only brings its refund.
    if (callback === undefined) return 0n;
    settleTransmission(network, canister, callback, message.response);
    const context = canister.contexts.get(callback.contextId);
    if (context === undefined) return giveBack(network, canister, callback);
    context.outstanding -= 1;
    if (context.deleted || canister.module === undefined) {
        closeIfDone(network, canister, context);
        return giveBack(network, canister, callback);
    }
    return runCallback(network, { canister, module: canister.module, context, callback, message });
}

function giveBack(network: Network, canister: Canister, callback: Callback): bigint {
    settle(network, canister, callback.executionReserve, 0n, 'instructions');
    return 0n;
}

/** Removes and returns the callback; a second response to the same call finds none. */
export function takeCallback(canister: Canister, callbackId: number): Callback | undefined {
    const callback = canister.callbacks.get(callbackId);
    if (callback === undefined) return undefined;
    canister.callbacks.delete(callbackId);
    const calleeKey = idKey(callback.callee);
    const left = (canister.outstandingTo.get(calleeKey) ?? 1) - 1;
    if (left > 0) canister.outstandingTo.set(calleeKey, left);
    else canister.outstandingTo.delete(calleeKey);
    return callback;
}

function settleTransmission(network: Network, canister: Canister, callback: Callback, response: CallResponse): void {
    const bytes = response.kind === 'reply' ? response.data.length : Buffer.byteLength(response.error.message);
    settle(
        network,
        canister,
        callback.responseReserve,
        subnetOf(network, canister.id).prices.callResponse(BigInt(bytes)),
        'transmission'
    );
}

interface Delivery {
    readonly canister: Canister;
    readonly module: InstalledModule;
    readonly context: CallContext;
    readonly callback: Callback;
    readonly message: ResponseMessage;
}

function runCallback(network: Network, delivery: Delivery): bigint {
    const { canister, context, callback } = delivery;
    const output = executeCallback(network, delivery);
    const cleanup = output.trap && callback.onCleanup && executeCleanup(network, delivery, output);
    const instructions = output.instructions + (cleanup?.instructions ?? 0n);
    settle(
        network,
        canister,
        callback.executionReserve,
        subnetOf(network, canister.id).prices.execution(instructions),
        'instructions'
    );
    settleContext(network, canister, context, failure(canister, output, cleanup));
    return instructions;
}

function executeCallback(
    network: Network,
    { canister, module, context, callback, message }: Delivery
): ExecutionOutput {
    const { response, refund } = message;
    const replied = response.kind === 'reply';
    return execute(network, {
        canister,
        module,
        callContext: context,
        mode: replied ? 'Ry' : 'Rt',
        entry: { closure: replied ? callback.onReply : callback.onReject },
        instructionLimit: subnetOf(network, canister.id).limits.message,
        input: { cyclesRefunded: refund, ...responseInput(response) }
    });
}

/** What a callback can read of the response. */
export function responseInput(response: CallResponse): {
    readonly argument?: Uint8Array;
    readonly rejectCode?: number;
    readonly rejectMessage?: string;
} {
    if (response.kind === 'reply') return { argument: response.data };
    return { rejectCode: rejectCodeOf(response.error.code), rejectMessage: response.error.message };
}

/** Share of the limit that cleanup may use even after its callback used all of it. */
const cleanupPercent = 5n;

function executeCleanup(network: Network, delivery: Delivery, failed: ExecutionOutput): ExecutionOutput | undefined {
    const { canister, module, context, callback, message } = delivery;
    if (callback.onCleanup === undefined) return undefined;
    const rest = subnetOf(network, canister.id).limits.message - failed.instructions;
    const least = (subnetOf(network, canister.id).limits.message * cleanupPercent) / 100n;
    return execute(network, {
        canister,
        module,
        callContext: context,
        mode: 'C',
        entry: { closure: callback.onCleanup },
        instructionLimit: rest > least ? rest : least,
        input: { rejectCode: responseInput(message.response).rejectCode ?? 0 }
    });
}

function failure(canister: Canister, callback: ExecutionOutput, cleanup?: ExecutionOutput): IcError | undefined {
    if (callback.trap === undefined) return undefined;
    return cleanup?.trap === undefined
        ? trapped(canister, callback.trap)
        : cleanupTrapped(canister, callback.trap, cleanup.trap);
}
