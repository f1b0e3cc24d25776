import type { Canister } from '../state/canister';
import { memoryMetrics } from '../state/canister';

/** For a heap without a limit of its own; the replica takes 4 GiB for 64-bit memories, too. */
const wholeHeapBytes = 4n * 1024n * 1024n * 1024n;

/** Arms the low-memory hook when free heap has fallen below the threshold, disarms it when it has recovered. */
export function watchMemory(canister: Canister): void {
    if (!isLow(canister)) canister.lowMemoryHook = 'quiet';
    else if (canister.lowMemoryHook === 'quiet') canister.lowMemoryHook = 'due';
}

function isLow(canister: Canister): boolean {
    const { wasmMemoryLimit, wasmMemoryThreshold } = canister.settings;
    const limit = wasmMemoryLimit > 0n ? wasmMemoryLimit : wholeHeapBytes;
    return wasmMemoryThreshold > 0n && limit - memoryMetrics(canister).heap < wasmMemoryThreshold;
}
