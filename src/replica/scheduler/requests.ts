/** Ingress history: what became of each request id. */
import type { Network, RequestRecord } from '../state/network';
import { forgetAnswer } from './ingress_memory';

/** Statuses outlive their expiry a little, since the clocks of clients differ. */
const graceNs = 300_000_000_000n;

/** Looking through all requests in every round would make busy networks slow. */
const pruneIntervalNs = 10_000_000_000n;

/** Forgets finished requests whose ids can no longer be submitted. */
export function pruneRequests(network: Network): void {
    if (network.roundNs - network.prunedNs < pruneIntervalNs) return;
    network.prunedNs = network.roundNs;
    for (const [key, request] of network.requests) {
        if (!isOver(request) || request.expiryNs + graceNs >= network.roundNs) continue;
        network.requests.delete(key);
        forgetAnswer(network, request);
        network.version += 1;
    }
}

function isOver({ status }: RequestRecord): boolean {
    return status.kind === 'replied' || status.kind === 'rejected' || status.kind === 'done';
}
