import type { StableMemory } from './stable_memory';

/** The value of a mutable global. */
export type GlobalValue =
    { readonly type: 'i32' | 'f32' | 'f64'; readonly value: number } | { readonly type: 'i64'; readonly value: bigint };

/** What a canister has in its heap: enough to go on from with the same module. Tables are made anew from the module. */
export interface HeapState {
    /** Sparse, in pages of 64 KiB. */
    readonly heap: StableMemory;
    /** All mutable globals, in the order of their indices. */
    readonly globals: readonly GlobalValue[];
}

/** Undefined for types without a plain value. */
export function globalValue(type: string, value: unknown): GlobalValue | undefined {
    if (type === 'i64') return typeof value === 'bigint' ? { type, value } : undefined;
    const isNumber = type === 'i32' || type === 'f32' || type === 'f64';
    return isNumber && typeof value === 'number' ? { type, value } : undefined;
}
