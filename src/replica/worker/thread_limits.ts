import { freemem } from 'node:os';

/**
 * Of all threads that execute canisters, so that it does not depend on the thread how deep they can recurse. The replica gives canister
 * code 5 MiB of stack; V8's frames for the same code are larger.
 */
export const threadLimits = { stackSizeMb: 32 } as const;

/** A thread that had nothing to do for so long is ended: it may hold the memory of what it executed last. */
export const idleMs = 2_000;

/** In the other thread the pages are taken twice for a moment; as much again is left to everybody else. */
const roomFactor = 4;

/** Whether the machine has memory for a copy of so many bytes. What is too large is executed in its place, and all wait for it. */
export function hasRoom(bytes: number): boolean {
    return bytes * roomFactor < freemem();
}

const noThreadCodes: ReadonlySet<unknown> = new Set(['ERR_WORKER_INIT_FAILED', 'ERR_WORKER_OUT_OF_MEMORY']);

/** A new thread; undefined when the system gives none, because there are too many or no memory for it. */
export function tryThread<T>(make: () => T): T | undefined {
    try {
        return make();
    } catch (error) {
        if (error instanceof Error && 'code' in error && noThreadCodes.has(error.code)) return undefined;
        throw error;
    }
}
