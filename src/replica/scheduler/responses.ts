/** Responses arriving at the canister that called: refund, callback, cleanup. */
import type { ExecutionOutput } from '../execution/types';
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import type { CallContext, Callback, CallResponse, ResponseMessage } from '../state/message';
import type { IcError } from '../state/errors';
import type { CallbackStep, CleanupStep } from '../state/long_execution';
import type { InstalledModule } from '../state/module';
import { findCanister } from '../state/network';
import { rejectCodeOf } from '../state/errors';
import { cleanupTrapped, trapped } from '../state/failures';
import { idKey } from '../state/principals';
import { consume, pricesOf, settle } from '../cycles/account';
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
        pricesOf(network, canister).callResponse(BigInt(bytes)),
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

function runCallback(network: Network, { canister, module, context, callback, message }: Delivery): bigint {
    const { response, refund } = message;
    const replied = response.kind === 'reply';
    const step: CallbackStep = { kind: 'callback', contextId: context.id, callback, message };
    const { used, output } = execute(network, {
        canister,
        module,
        callContext: context,
        mode: replied ? 'Ry' : 'Rt',
        entry: { closure: replied ? callback.onReply : callback.onReject },
        instructionLimit: subnetOf(network, canister.id).limits.message,
        input: { cyclesRefunded: refund, ...responseInput(response) },
        step
    });
    return used + (output === undefined ? 0n : finishCallback(network, canister, step, output));
}

/** Settles a delivered response, or cleans up after a callback that trapped; returns the instructions that this took. */
export function finishCallback(
    network: Network,
    canister: Canister,
    step: CallbackStep,
    { trap, instructions }: ExecutionOutput
): bigint {
    const { callback, contextId } = step;
    if (trap !== undefined && callback.onCleanup !== undefined) {
        return runCleanup(network, canister, step, { kind: 'cleanup', callback, contextId, trap, instructions });
    }
    settleResponse(network, canister, step, instructions, trap && trapped(canister, trap));
    return 0n;
}

function settleResponse(
    network: Network,
    canister: Canister,
    { contextId, callback }: CallbackStep | CleanupStep,
    instructions: bigint,
    failure: IcError | undefined
): void {
    const price = pricesOf(network, canister).execution(instructions);
    settle(network, canister, callback.executionReserve, price, 'instructions');
    const context = canister.contexts.get(contextId);
    if (context !== undefined) settleContext(network, canister, context, failure);
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

function runCleanup(network: Network, canister: Canister, { message }: CallbackStep, step: CleanupStep): bigint {
    const { module } = canister;
    const callContext = canister.contexts.get(step.contextId);
    const { onCleanup } = step.callback;
    if (module === undefined || callContext === undefined || onCleanup === undefined) return 0n;
    const limit = subnetOf(network, canister.id).limits.message;
    const rest = limit - step.instructions;
    const least = (limit * cleanupPercent) / 100n;
    const { used, output } = execute(network, {
        canister,
        module,
        callContext,
        mode: 'C',
        entry: { closure: onCleanup },
        instructionLimit: rest > least ? rest : least,
        input: { rejectCode: responseInput(message.response).rejectCode ?? 0 },
        step
    });
    if (output !== undefined) finishCleanup(network, canister, step, output);
    return used;
}

/** Settles a response whose callback trapped and was cleaned up after. */
export function finishCleanup(network: Network, canister: Canister, step: CleanupStep, output: ExecutionOutput): void {
    const failure =
        output.trap === undefined ? trapped(canister, step.trap) : cleanupTrapped(canister, step.trap, output.trap);
    settleResponse(network, canister, step, step.instructions + output.instructions, failure);
}
