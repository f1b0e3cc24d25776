import type { DirectResult } from './live_result';
import { LiveResult } from './live_result';

interface Entry {
    readonly live: LiveResult;
    /** Secret that acknowledges the result, where it is taken directly. */
    readonly ack?: Uint8Array;
    waiting: number;
}

/** Bytes of handed-over results that are kept for repeated questions. */
const KEPT_BYTES = 64 * 1_048_576;

/**
 * Results that somebody waits for, by job. Whoever asks the same again, by an idempotency key, waits with the first; the
 * job is given up only when all have left.
 */
export class LiveResults {
    private readonly entries = new Map<bigint, Entry>();
    /** Results that exist nowhere else, oldest first. */
    private readonly kept = new Map<bigint, DirectResult>();
    private keptBytes = 0;

    constructor(private readonly capacityBytes = KEPT_BYTES) {}

    /** What a node may deliver to. */
    get(jobId: bigint): { readonly live: LiveResult; readonly ack?: Uint8Array } | undefined {
        return this.entries.get(jobId);
    }

    /** A result that was handed over a while ago. */
    recent(jobId: bigint): DirectResult | undefined {
        return this.kept.get(jobId);
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
        const { finished } = entry.live;
        if (finished === undefined) entry.live.abandon();
        else this.keep(jobId, finished);
        return true;
    }

    private keep(jobId: bigint, result: DirectResult): void {
        if (this.kept.has(jobId)) return;
        this.kept.set(jobId, result);
        this.keptBytes += result.output.length;
        for (const [oldest, { output }] of this.kept) {
            if (this.keptBytes <= this.capacityBytes) return;
            this.kept.delete(oldest);
            this.keptBytes -= output.length;
        }
    }
}
