import { INTERRUPTED_AFTER_NS } from '../../../src/core/transfer_intents';

/**
 * Keeps a flow that awaits from running twice at once. Lives on the heap on purpose: an upgrade ends every flow. A guard
 * expires, because a trap in a callback rolls back the line that would have released it; the flows stay safe without it
 * (intents and rechecks), it only spares calls.
 */
export class Guards {
    private readonly since = new Map<string, bigint>();

    enter(flow: string, nowNs: bigint): boolean {
        const entered = this.since.get(flow);
        if (entered !== undefined && nowNs - entered < INTERRUPTED_AFTER_NS) return false;
        this.since.set(flow, nowNs);
        return true;
    }

    leave(flow: string): void {
        this.since.delete(flow);
    }
}
