/** Waits, or returns at once when the signal is or becomes aborted. Never throws. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
        const timer = setTimeout(finish, milliseconds);
        signal?.addEventListener('abort', finish, { once: true });
        function finish(): void {
            clearTimeout(timer);
            signal?.removeEventListener('abort', finish);
            resolve();
        }
    });
}

/** Resolves when the signal is, or becomes, aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** The answer, or undefined when it does not come in time; what it throws is thrown. */
export async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T | undefined> {
    const done = new AbortController();
    const late = sleep(milliseconds, done.signal).then(() => undefined);
    try {
        return await Promise.race([answer, late]);
    } finally {
        done.abort();
    }
}

export interface BackoffRange {
    readonly minMs: number;
    readonly maxMs: number;
    readonly factor: number;
}

/** The next pause after one that brought nothing: longer, up to the maximum. Without a previous one: the shortest. */
export function nextPauseMs(range: BackoffRange, previousMs?: number): number {
    return previousMs === undefined ? range.minMs : Math.min(range.maxMs, previousMs * range.factor);
}

/** Spreads pauses over ±20 %, so that clients that started together do not ask together. `random` is in [0, 1). */
export function jitteredMs(pauseMs: number, random: number): number {
    return Math.round(pauseMs * (0.8 + 0.4 * random));
}
