import { rawRand } from '../../../src/azle/random';
import { after } from '../../../src/azle/timers';
import { isSeeded, stirSeed } from '../domain/tokens';
import { tables } from '../wiring';

/** Stirs fresh randomness in, after install and after every upgrade; no call can be made in those messages themselves. */
export function seedTokensSoon(): void {
    after(0, seedTokens);
}

/** Makes sure that tokens can be drawn. */
export async function ensureSeeded(): Promise<void> {
    if (!isSeeded(tables)) await seedTokens();
}

async function seedTokens(): Promise<void> {
    stirSeed(tables, await rawRand());
}
