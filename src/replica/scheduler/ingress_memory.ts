/**
 * What messages of users may take in memory: those that wait to be executed, and the answers that are kept for who asks for them. Both are
 * bounded, so that nobody can fill the machine by sending, or by answering, a lot.
 */
import type { IngressMessage } from '../state/api';
import type { IcError } from '../state/errors';
import type { CallMessage, Message } from '../state/message';
import type { Network, RequestRecord } from '../state/network';
import { setRequestStatus } from '../state/network';
import { idKey, managementId, sameId } from '../state/principals';
import { ingressLimits } from '../state/limits';

/** A record takes some room however small the message is. */
const recordBytes = 1_024;

function sizeOf({ methodName, argument }: Pick<IngressMessage, 'methodName' | 'argument'>): number {
    return recordBytes + methodName.length + argument.length;
}

/** The canister that a message waits for. */
function receiverKey({ canisterId, effectiveCanisterId }: RequestRecord | IngressMessage): string {
    return idKey(sameId(canisterId, managementId) ? effectiveCanisterId : canisterId);
}

/** IC0204, when too much waits for this canister or for all. */
export function ingressRefusal({ waitingIngress }: Network, message: IngressMessage): IcError | undefined {
    const size = sizeOf(message);
    const ofReceiver = waitingIngress.byReceiver.get(receiverKey(message)) ?? 0;
    const isFull =
        ofReceiver + size > ingressLimits.waitingOfOneBytes || waitingIngress.bytes + size > ingressLimits.waitingBytes;
    return isFull ? { code: 'IngressHistoryFull', message: 'Service is overloaded, try again later.' } : undefined;
}

/** The message waits from now on. */
export function noteWaiting(network: Network, message: IngressMessage): void {
    count(network, receiverKey(message), sizeOf(message));
}

/** The call is about to be executed. */
export function noteExecuted(network: Network, request: RequestRecord, call: CallMessage): void {
    count(network, receiverKey(request), -sizeOf({ methodName: call.method, argument: call.argument }));
}

function count({ waitingIngress }: Network, key: string, size: number): void {
    const left = (waitingIngress.byReceiver.get(key) ?? 0) + size;
    if (left > 0) waitingIngress.byReceiver.set(key, left);
    else waitingIngress.byReceiver.delete(key);
    waitingIngress.bytes += size;
}

/** Counts again, from messages and answers that came with an image. */
export function countIngress(network: Network): void {
    const waiting = [...network.queue, ...[...network.canisters.values()].flatMap((canister) => canister.waiting)];
    for (const message of waiting) countMessage(network, message);
    for (const request of network.requests.values()) network.answerBytes += answerSize(request);
}

function countMessage(network: Network, message: Message): void {
    if (message.kind !== 'call' || message.origin.kind !== 'ingress') return;
    const request = network.requests.get(message.origin.requestKey);
    const { method: methodName, argument } = message;
    if (request !== undefined) count(network, receiverKey(request), sizeOf({ methodName, argument }));
}

function answerSize({ status }: RequestRecord): number {
    if (status.kind === 'replied') return status.data.length;
    return status.kind === 'rejected' ? status.rejection.message.length : 0;
}

/** The request has its answer. When all answers together are too large, the oldest are dropped: their requests are `done`. */
export function noteAnswer(network: Network, request: RequestRecord): void {
    network.answerBytes += answerSize(request);
    if (network.answerBytes <= ingressLimits.answerBytes) return;
    // Some room at once, so that not every answer looks for the oldest.
    const enough = ingressLimits.answerBytes * 0.75;
    for (const oldest of network.requests.values()) {
        if (network.answerBytes <= enough) return;
        if (oldest === request || answerSize(oldest) === 0) continue;
        network.answerBytes -= answerSize(oldest);
        setRequestStatus(network, oldest, { kind: 'done' });
        network.doneRequests.push(oldest.requestId);
    }
}

/** The request is forgotten. */
export function forgetAnswer(network: Network, request: RequestRecord): void {
    network.answerBytes -= answerSize(request);
}
