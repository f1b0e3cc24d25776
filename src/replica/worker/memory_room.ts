import { freemem } from 'node:os';
import type { IngressMessage } from '../state/api';
import type { IcError } from '../state/errors';
import { managementId, sameId } from '../state/principals';

/** Left to everybody else on the machine, and to what takes memory besides canisters. */
const headroomBytes = 128 * 2 ** 20;
/** The system is not asked more often. */
const maxAgeMs = 50;

/** What makes room, or needs none, is taken even when there is none left. */
const frugalMethods: ReadonlySet<string> = new Set([
    'stop_canister',
    'uninstall_code',
    'delete_canister',
    'delete_canister_snapshot',
    'clear_chunk_store',
    'update_settings'
]);

/** Bytes that this process can still take; negative when it should take none. `limitBytes` is what it may have altogether. */
export function roomOfProcess(limitBytes = Number.POSITIVE_INFINITY): number {
    // Without a limit of its container this is larger than any machine.
    const limit = Math.min(limitBytes, process.constrainedMemory() || Number.POSITIVE_INFINITY);
    const own = Number.isFinite(limit) ? limit - process.memoryUsage.rss() : Number.POSITIVE_INFINITY;
    return Math.min(own, freemem()) - headroomBytes;
}

/** What is left of the machine's memory for the canisters of one network. */
export class MemoryRoom {
    #askedMs = Number.NEGATIVE_INFINITY;
    #bytes = 0;
    #isTold = false;

    constructor(private readonly limitBytes: number | undefined) {}

    #ask(): void {
        const nowMs = performance.now();
        if (nowMs - this.#askedMs < maxAgeMs) return;
        this.#askedMs = nowMs;
        this.#bytes = roomOfProcess(this.limitBytes);
        this.#isTold = false;
    }

    /** Bytes that the canisters may grow by, once for each figure: undefined while it is the last one. Half is left to other networks. */
    measured(): bigint | undefined {
        this.#ask();
        if (this.#isTold) return undefined;
        this.#isTold = true;
        return BigInt(Math.max(0, Math.floor(this.#bytes / 2)));
    }

    /** IC0101 for a message when nothing is left, unless it makes room. */
    refusal({ canisterId, methodName }: Pick<IngressMessage, 'canisterId' | 'methodName'>): IcError | undefined {
        this.#ask();
        if (this.#bytes >= 0 || (sameId(canisterId, managementId) && frugalMethods.has(methodName))) return undefined;
        const message =
            'This machine has no memory left for canisters: delete some, or close other networks of this process.';
        return { code: 'SubnetOversubscribed', message };
    }
}
