/** What a successful execution did, made part of the state. */
import type { ExecutionOutput, OutgoingCall, Response } from '../execution/types';
import type { Network } from '../state/network';
import type { CallContext, CallMessage, CallResponse, Callback } from '../state/message';
import type { Canister } from '../state/canister';
import { touchCanister } from '../state/network';
import { reject, reply } from '../state/message';
import { rejectedByCanister } from '../state/failures';
import { idKey, managementId, sameId } from '../state/principals';
import { subnetById, subnetOf } from '../state/subnet';
import { selfAuthenticating } from '../wire/der';
import { mint, pricesOf, spend } from '../cycles/account';
import { answerContext } from './contexts';

/** Cycles, certified data, timer, calls, response, logs and version of one committed execution. */
export function applyOutput(network: Network, canister: Canister, context: CallContext, output: ExecutionOutput): void {
    applyEffects(network, canister, output);
    canister.balance += output.cyclesAccepted;
    context.cyclesAvailable -= output.cyclesAccepted;
    for (const call of output.calls) sendCall(network, canister, context, call);
    if (output.response !== undefined) answerContext(network, context, toCallResponse(output.response));
    canister.version += 1n;
}

/** What executions without a call context (init, upgrades) can do, too. */
export function applyEffects(network: Network, canister: Canister, output: ExecutionOutput): void {
    if (output.cyclesMinted !== undefined) mint(network, canister, output.cyclesMinted);
    canister.balance -= output.cyclesBurned;
    spend(network, canister, output.cyclesBurned, 'burned');
    if (output.certifiedData !== undefined) {
        canister.certifiedData = output.certifiedData;
        touchCanister(network, canister);
    }
    if (output.globalTimerNs !== undefined) canister.globalTimerNs = output.globalTimerNs;
}

/** Texts that the canister printed; they stay when the execution traps. */
export function applyLogs(network: Network, canister: Canister, output: ExecutionOutput, timeNs: bigint): void {
    const limit = Number(canister.settings.logMemoryLimit);
    const texts = output.trap?.log === undefined ? output.logs : [...output.logs, Buffer.from(output.trap.log)];
    for (const text of texts) {
        canister.log.append(text, timeNs, limit);
        network.config.onCanisterLog?.(canister.id, timeNs, text);
    }
}

function toCallResponse(response: Response): CallResponse {
    return response.kind === 'reply' ? reply(response.data) : reject(rejectedByCanister(response.message));
}

function sendCall(network: Network, canister: Canister, context: CallContext, call: OutgoingCall): void {
    const callback = registerCallback(network, canister, context, call);
    canister.balance -= call.fee + call.cycles;
    const sent = call.fee - callback.responseReserve - callback.executionReserve;
    spend(network, canister, sent, 'transmission');
    network.queue.push({
        kind: 'call',
        origin: { kind: 'canister', canisterId: canister.id, callbackId: callback.id },
        caller: canister.id,
        callerVersion: canister.version,
        ...addressee(network, canister, call.callee),
        method: call.method,
        argument: call.argument,
        cycles: call.cycles,
        deadlineNs: callback.deadlineNs
    });
}

/** Canisters of the root subnet may call the management canister of any subnet, by the subnet's id. */
function addressee(network: Network, canister: Canister, callee: Uint8Array): Pick<CallMessage, 'callee' | 'subnetId'> {
    const isOfRoot = (): boolean =>
        sameId(subnetOf(network, canister.id).subnetId, selfAuthenticating(network.config.rootKeyDer));
    const named = callee.length === 0 ? undefined : subnetById(network, callee);
    return named !== undefined && isOfRoot() ? { callee: managementId, subnetId: callee } : { callee };
}

function registerCallback(network: Network, canister: Canister, context: CallContext, call: OutgoingCall): Callback {
    const callback: Callback = {
        id: canister.nextCallbackId,
        contextId: context.id,
        callee: call.callee,
        onReply: call.onReply,
        onReject: call.onReject,
        onCleanup: call.onCleanup,
        responseReserve: pricesOf(network, canister).responseReserve(),
        executionReserve: pricesOf(network, canister).callbackReserve(),
        deadlineNs: deadline(network, call)
    };
    canister.nextCallbackId += 1;
    canister.callbacks.set(callback.id, callback);
    context.outstanding += 1;
    const calleeKey = idKey(call.callee);
    canister.outstandingTo.set(calleeKey, (canister.outstandingTo.get(calleeKey) ?? 0) + 1);
    if (callback.deadlineNs > 0n) {
        network.deadlines.push({
            canisterKey: canister.key,
            callbackId: callback.id,
            deadlineNs: callback.deadlineNs
        });
    }
    return callback;
}

const maxTimeoutSeconds = 300;

function deadline(network: Network, call: OutgoingCall): bigint {
    if (call.timeoutSeconds === undefined) return 0n;
    return network.roundNs + BigInt(Math.min(call.timeoutSeconds, maxTimeoutSeconds)) * 1_000_000_000n;
}
