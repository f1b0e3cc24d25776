interface Bucket {
    tokens: number;
    filledAtMs: number;
}

/** A token bucket per key: bursts up to a tenth of a minute's allowance (at least 10), then a steady rate. */
export class RateLimit {
    private readonly buckets = new Map<string, Bucket>();
    private readonly burst: number;
    private readonly perMs: number;

    constructor(
        perMinute: number,
        /** Keys remembered; one that is forgotten starts with a full bucket. */
        private readonly capacity = 10_000,
        private readonly nowMs: () => number = () => performance.now()
    ) {
        this.burst = Math.max(10, perMinute / 10);
        this.perMs = perMinute / 60_000;
    }

    /** Takes one token; otherwise answers how many milliseconds the next one takes. */
    take(key: string): number | undefined {
        const bucket = this.refilled(key);
        this.buckets.delete(key);
        this.buckets.set(key, bucket);
        this.trim();
        if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.perMs);
        bucket.tokens -= 1;
        return undefined;
    }

    private refilled(key: string): Bucket {
        const nowMs = this.nowMs();
        const bucket = this.buckets.get(key) ?? { tokens: this.burst, filledAtMs: nowMs };
        const tokens = Math.min(this.burst, bucket.tokens + (nowMs - bucket.filledAtMs) * this.perMs);
        return { tokens, filledAtMs: nowMs };
    }

    private trim(): void {
        for (const key of this.buckets.keys()) {
            if (this.buckets.size <= this.capacity) return;
            this.buckets.delete(key);
        }
    }
}
