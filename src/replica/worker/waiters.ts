import { toHex } from '../wire/bytes';

/** Those who wait for the end of a request. */
export class Waiters {
    readonly #waiting = new Map<string, Set<() => void>>();

    /** Resolves when the request is released, or after `timeoutMs` (infinite is possible). */
    wait(requestId: Uint8Array, timeoutMs: number): Promise<void> {
        const key = toHex(requestId);
        return new Promise((resolve) => {
            const waiting = this.#waiting.get(key) ?? new Set();
            this.#waiting.set(key, waiting);
            let timer: NodeJS.Timeout | undefined;
            const release = (): void => {
                clearTimeout(timer);
                waiting.delete(release);
                if (waiting.size === 0) {
                    this.#waiting.delete(key);
                }
                resolve();
            };
            if (Number.isFinite(timeoutMs)) {
                timer = setTimeout(release, timeoutMs);
            }
            waiting.add(release);
        });
    }

    release(requestId: Uint8Array): void {
        for (const release of this.#waiting.get(toHex(requestId)) ?? []) {
            release();
        }
    }

    releaseAll(): void {
        for (const waiting of [...this.#waiting.values()]) {
            for (const release of [...waiting]) {
                release();
            }
        }
    }
}
