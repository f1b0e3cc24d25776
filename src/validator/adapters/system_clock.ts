import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../ports';

/** The machine's clock and random numbers. */
export const systemClock: Clock = {
    nowMs: () => Date.now(),
    async sleep(ms, signal) {
        // The only rejection is the abort, and whoever sleeps looks at the signal next.
        await wait(ms, undefined, { signal }).catch(() => undefined);
    },
    random: () => Math.random()
};
