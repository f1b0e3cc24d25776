/** How far the memories may grow: by the canister's settings, and by what it can pay for. */
import { HostTrap, insufficientCyclesInMemoryGrow, wasmMemoryLimitExceeded } from '../traps';
import type { Context, Trap } from '../types';
import type { Execution } from './execution';

const WASM_PAGE_BYTES = 65_536n;

/** The heap limit of `wasm_memory_limit` applies to installation and updates only, as in the replica. */
const LIMITED_CONTEXTS: ReadonlySet<Context> = new Set(['I', 's', 'U']);

/** Callbacks may grow a frozen canister, queries leave nothing, and installations are checked at their end. */
const PAID_CONTEXTS: ReadonlySet<Context> = new Set(['U', 'T']);

function settingsLimit({ input: { context, wasmMemoryLimit } }: Execution): bigint | undefined {
    return wasmMemoryLimit > 0n && LIMITED_CONTEXTS.has(context) ? wasmMemoryLimit : undefined;
}

/** Bytes of everything that the balance of this moment keeps above the freezing limit; undefined for no bound. */
function affordableBytes(x: Execution): bigint | undefined {
    const { memoryUse, context, costs } = x.input;
    if (memoryUse === undefined || !PAID_CONTEXTS.has(context)) return undefined;
    const most = costs.affordableBytes(x.balance, memoryUse);
    return most !== undefined && most < memoryUse.allocation ? memoryUse.allocation : most;
}

/** Pages that the heap may have, never fewer than it has; undefined for no bound. */
export function heapLimitPages(x: Execution): bigint | undefined {
    const settings = settingsLimit(x);
    const affordable = affordableBytes(x);
    const bySettings = settings && settings / WASM_PAGE_BYTES;
    if (affordable === undefined) return bySettings;
    const heap = BigInt(x.machine.heapBytes());
    const growth = affordable - x.usedBytes;
    const byCycles = (growth > 0n ? heap + growth : heap) / WASM_PAGE_BYTES;
    return bySettings !== undefined && bySettings < byCycles ? bySettings : byCycles;
}

/** Of a heap that grew to `pages`, against `heapLimitPages`. */
export function heapGrowthTrap(x: Execution, pages: bigint): Trap {
    const reached = pages * WASM_PAGE_BYTES;
    const limit = settingsLimit(x);
    if (limit !== undefined && reached > limit) return wasmMemoryLimitExceeded(reached, limit);
    return unaffordable(x, x.usedBytes, reached - x.heapBytesBefore);
}

/** Traps (IC0532) when the canister could not pay for a stable memory that is larger by so many bytes. */
export function requireAffordable(x: Execution, bytes: bigint): void {
    const affordable = affordableBytes(x);
    const after = x.usedBytes + bytes;
    if (affordable !== undefined && bytes > 0n && after > affordable) throw new HostTrap(unaffordable(x, after, bytes));
}

function unaffordable(x: Execution, usedBytes: bigint, bytes: bigint): Trap {
    const { costs, memoryUse, controllers, caller } = x.input;
    const required = memoryUse === undefined ? 0n : costs.freezingLimit(usedBytes, memoryUse);
    const missing = required - x.balance;
    const isController = controllers.some((id) => Buffer.compare(id, caller) === 0);
    return insufficientCyclesInMemoryGrow(bytes, isController ? missing : undefined);
}
