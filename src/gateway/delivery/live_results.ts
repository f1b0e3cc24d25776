import { LiveResult } from './live_result';

interface Entry {
    readonly live: LiveResult;
    /** Secret that acknowledges the result, where it is taken directly. */
    readonly ack?: Uint8Array;
    waiting: number;
}

/**
 * Results that somebody waits for, by job. Whoever asks the same again, by an idempotency key, waits with the first; the
 * job is given up only when all have left.
 */
export class LiveResults {
    private readonly entries = new Map<bigint, Entry>();

    /** What a node may deliver to. */
    get(jobId: bigint): { readonly live: LiveResult; readonly ack?: Uint8Array } | undefined {
        return this.entries.get(jobId);
    }

    join(jobId: bigint, ack?: Uint8Array): LiveResult {
        const entry = this.entries.get(jobId) ?? { live: new LiveResult(), waiting: 0, ack };
        entry.waiting++;
        this.entries.set(jobId, entry);
        return entry.live;
    }

    /** Whether nobody waits any more. */
    leave(jobId: bigint): boolean {
        const entry = this.entries.get(jobId);
        if (entry === undefined) return true;
        entry.waiting--;
        if (entry.waiting > 0) return false;
        this.entries.delete(jobId);
        if (entry.live.finished === undefined) entry.live.abandon();
        return true;
    }
}
