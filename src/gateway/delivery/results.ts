import type { DirectResult } from './live_result';

/** Results that nodes have handed over: the chain has only their hashes. By job; the oldest go when there is no more room. */
export interface ResultStore {
    /** Resolves when the result will be found again: then, and not before, its node may be told that it was taken. */
    put(jobId: bigint, result: DirectResult): Promise<void>;
    get(jobId: bigint): Promise<DirectResult | undefined>;
}

/** Results in memory: a crash takes them along. */
export class MemoryResults implements ResultStore {
    private readonly kept = new Map<bigint, DirectResult>();
    private bytes = 0;

    constructor(private readonly capacityBytes: number) {}

    async put(jobId: bigint, result: DirectResult): Promise<void> {
        if (this.kept.has(jobId)) return;
        this.kept.set(jobId, result);
        this.bytes += result.output.length;
        for (const [oldest, { output }] of this.kept) {
            if (this.bytes <= this.capacityBytes) return;
            this.kept.delete(oldest);
            this.bytes -= output.length;
        }
    }

    async get(jobId: bigint): Promise<DirectResult | undefined> {
        return this.kept.get(jobId);
    }
}
