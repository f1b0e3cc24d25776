/** Remembers answers for a while, at most so many; the oldest go first. Concurrent questions share one answer. */
export class Cached<T> {
    private readonly entries = new Map<string, { readonly value: Promise<T>; readonly untilMs: number }>();

    constructor(
        private readonly ttlMs: number,
        private readonly capacity: number,
        private readonly nowMs: () => number = () => performance.now()
    ) {}

    /** The remembered answer, or a new one. An answer that failed is not remembered. */
    get(key: string, ask: () => Promise<T>): Promise<T> {
        const known = this.entries.get(key);
        if (known !== undefined && this.nowMs() < known.untilMs) return known.value;
        const value = ask();
        this.entries.delete(key);
        this.entries.set(key, { value, untilMs: this.nowMs() + this.ttlMs });
        this.trim();
        value.catch(() => this.forget(key, value));
        return value;
    }

    private forget(key: string, value: Promise<T>): void {
        if (this.entries.get(key)?.value === value) this.entries.delete(key);
    }

    private trim(): void {
        for (const key of this.entries.keys()) {
            if (this.entries.size <= this.capacity) return;
            this.entries.delete(key);
        }
    }
}
