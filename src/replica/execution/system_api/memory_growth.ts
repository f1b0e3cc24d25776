/** How far the memories may grow: by the canister's settings, and by what it can pay for. */
import { HostTrap, insufficientCyclesInMemoryGrow, outOfMemory, wasmMemoryLimitExceeded } from '../traps';
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

/** Bytes that the heap may have on this machine: what it grows by is taken twice, once for rollbacks. */
function heapRoom(x: Execution): bigint | undefined {
    const { roomBytes } = x.input;
    if (roomBytes === undefined) return undefined;
    const left = roomBytes - x.stableBytesTaken;
    return x.heapBytesBefore + (left > 0n ? left / 2n : 0n);
}

function least(limits: readonly (bigint | undefined)[]): bigint | undefined {
    return limits.reduce((most, limit) => (most === undefined || (limit !== undefined && limit < most) ? limit : most));
}

/** Pages that the heap may have; undefined for no bound. What it has already is only held against the settings. */
export function heapLimitPages(x: Execution): bigint | undefined {
    const affordable = affordableBytes(x);
    const heap = BigInt(x.machine.heapBytes());
    const growth = affordable === undefined ? undefined : affordable - x.usedBytes;
    const byCycles = growth === undefined ? undefined : growth > 0n ? heap + growth : heap;
    const bytes = least([settingsLimit(x), byCycles, heapRoom(x)]);
    return bytes === undefined ? undefined : bytes / WASM_PAGE_BYTES;
}

/** Of a heap that grew to `pages`, against `heapLimitPages`. */
export function heapGrowthTrap(x: Execution, pages: bigint): Trap {
    const reached = pages * WASM_PAGE_BYTES;
    const limit = settingsLimit(x);
    if (limit !== undefined && reached > limit) return wasmMemoryLimitExceeded(reached, limit);
    const room = heapRoom(x);
    if (room !== undefined && reached > room) return outOfMemory();
    return unaffordable(x, x.usedBytes, reached - x.heapBytesBefore);
}

/** Traps (IC0507) when the machine has no room for what is about to be written to stable memory, which takes room only then. */
export function requireRoom(x: Execution, bytes: number): void {
    const { roomBytes } = x.input;
    if (roomBytes !== undefined && x.stableBytesTaken + BigInt(bytes) > roomBytes) throw new HostTrap(outOfMemory());
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
