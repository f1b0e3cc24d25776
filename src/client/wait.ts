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
