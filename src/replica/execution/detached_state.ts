/**
 * Executions in another thread: a canister's state goes there as a copy, and what the execution changed comes back. Both can be cloned
 * between threads, and their bytes, which are nobody else's, can be moved.
 */
import type { ModuleCode } from '../wasm';
import type { TableImage } from './heap_image';
import type { GlobalValue } from './heap_state';
import { STABLE_PAGE_BYTES, StableMemory } from './stable_memory';
import type { DeploymentOutput } from './deployment';
import type { ExecutionOutput } from './types';

/** Bytes and where they belong. */
export type Placed = readonly [offset: number, bytes: Uint8Array];

/** What of a memory was written, and its size in pages of 64 KiB. */
export interface DetachedMemory {
    readonly pages: number;
    readonly written: readonly Placed[];
}

/** All that an instance is made of. Its pages are those of the canister, which copies them before it changes them. */
export interface DetachedState {
    readonly code: ModuleCode;
    readonly heap: DetachedMemory;
    readonly globals: readonly GlobalValue[];
    /** Of modules that change their tables. */
    readonly tables: readonly TableImage[] | undefined;
    readonly stable: DetachedMemory;
}

/** What an execution changed in the memories of its canister. */
export interface DetachedChanges {
    readonly heap: DetachedMemory;
    /** All that is not written is zero; else it is as it was. */
    readonly isWholeHeap: boolean;
    readonly globals: readonly GlobalValue[];
    readonly tables: readonly TableImage[] | undefined;
    readonly stable: DetachedMemory;
}

/** Without changes when the execution trapped, or was one that keeps none. */
export interface ExecutionResult {
    readonly kind: 'execution';
    readonly output: ExecutionOutput;
    readonly changes?: DetachedChanges;
}

/** Without changes when the deployment trapped; else those of the new code's heap, and of the stable memory that was there before. */
export interface DeploymentResult {
    readonly kind: 'deployment';
    readonly output: DeploymentOutput;
    readonly changes?: DetachedChanges;
}

/** What another thread has found out. */
export type DetachedResult = ExecutionResult | DeploymentResult;

/** A memory of this many pages, and those that hold anything: views, not copies. */
export function viewOfPages(
    pages: number,
    written: Iterable<readonly [page: number, bytes: Uint8Array]>
): DetachedMemory {
    return { pages, written: Array.from(written, ([page, bytes]) => [page * STABLE_PAGE_BYTES, bytes] as const) };
}

/** The memory again, of whole pages. */
export function attachMemory({ pages, written }: DetachedMemory): StableMemory {
    const memory = new StableMemory();
    memory.grow(pages);
    for (const [offset, bytes] of written) memory.adoptPage(offset / STABLE_PAGE_BYTES, bytes);
    return memory;
}

/** The buffers of a message that can be moved instead of copied. */
export function buffersOf(written: readonly Placed[]): ArrayBuffer[] {
    const buffers = written.map(([, bytes]) => bytes.buffer);
    return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
}
