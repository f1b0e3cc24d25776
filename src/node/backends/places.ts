/** So many at a time; the others wait in the order in which they came. */
export class Places {
    private taken = 0;
    private readonly waiting = new Set<() => void>();

    constructor(private readonly limit: number) {}

    /** Resolves when there is a place; whether there is one, and the signal did not come first. */
    enter(signal: AbortSignal): boolean | Promise<boolean> {
        if (signal.aborted) return false;
        if (this.taken < this.limit) {
            this.taken++;
            return true;
        }
        return new Promise((resolve) => {
            const turn = (): void => {
                signal.removeEventListener('abort', giveUp);
                resolve(true);
            };
            const giveUp = (): void => {
                this.waiting.delete(turn);
                resolve(false);
            };
            this.waiting.add(turn);
            signal.addEventListener('abort', giveUp, { once: true });
        });
    }

    /** Whoever waits longest takes the place over. */
    leave(): void {
        const [next] = this.waiting;
        if (next === undefined) {
            this.taken--;
            return;
        }
        this.waiting.delete(next);
        next();
    }
}
