import { hasRandomness, seedRandomness } from '../../../src/azle/random';
import { after } from '../../../src/azle/timers';

/** Draws fresh randomness after install and after every upgrade; no call can be made in those messages themselves. */
export function seedTokensSoon(): void {
    after(0, seedRandomness);
}

/** Makes sure that fencing tokens can be drawn that nobody can guess. */
export async function ensureSeeded(): Promise<void> {
    if (!hasRandomness()) await seedRandomness();
}
