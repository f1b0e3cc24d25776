import type { Network } from '../state/network';
import type { CallResponse, Origin } from '../state/message';
import { setRequestStatus } from '../state/network';
import { noteAnswer } from './ingress_memory';
import { toRejection } from '../state/rejection';

/** Sends the response, and the cycles that were not accepted, to whoever called. */
export function respond(network: Network, origin: Origin, response: CallResponse, refund: bigint): void {
    switch (origin.kind) {
        case 'ingress':
            return finishRequest(network, origin.requestKey, response);
        case 'canister':
            const { canisterId, callbackId } = origin;
            return network.queue.push({ kind: 'response', canisterId, callbackId, response, refund });
        case 'system':
            return;
    }
}

function finishRequest(network: Network, requestKey: string, response: CallResponse): void {
    const request = network.requests.get(requestKey);
    if (request === undefined) return;
    setRequestStatus(
        network,
        request,
        response.kind === 'reply'
            ? { kind: 'replied', data: response.data }
            : { kind: 'rejected', rejection: toRejection(response.error) }
    );
    noteAnswer(network, request);
}
