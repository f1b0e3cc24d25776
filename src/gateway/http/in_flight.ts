/** Counts requests between their arrival and the end of their answer. */
export class InFlight {
    private count = 0;
    private waiting: (() => void)[] = [];

    constructor(private readonly limit: number) {}

    get isFull(): boolean {
        return this.count >= this.limit;
    }

    enter(): void {
        this.count++;
    }

    leave(): void {
        this.count--;
        if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
    }

    /** Resolves when no request is left. */
    drained(): Promise<void> {
        if (this.count === 0) return Promise.resolve();
        return new Promise((resolve) => this.waiting.push(resolve));
    }
}
