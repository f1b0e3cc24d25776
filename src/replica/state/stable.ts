/** Whole stable memories in and out, for test clients. */
import type { StableMemory } from '../execution';

const pageBytes = 65_536;

/** A copy of everything, unwritten pages as zeros. */
export function stableBytes(stable: StableMemory): Uint8Array {
    const bytes = new Uint8Array(stable.bytes);
    stable.read(0, bytes);
    return bytes;
}

/** Overwrites the memory: what lies behind `bytes` becomes zero. Grows as needed, never shrinks. */
export function replaceStable(stable: StableMemory, bytes: Uint8Array): void {
    const missing = Math.ceil(bytes.length / pageBytes) - stable.pages;
    if (missing > 0) stable.grow(missing);
    stable.clear();
    stable.write(0, bytes);
}
