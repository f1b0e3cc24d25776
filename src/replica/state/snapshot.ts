/** Snapshots of canisters: code, memories and certified data of one moment, taken here or uploaded (replica.md b.3). */
import type { GlobalValue, StableMemory } from '../execution';

/** Whether an uploaded snapshot says so, or a canister was when it was taken. */
export type HookStatus = 'quiet' | 'due' | 'executed';

/** One snapshot. Only uploaded ones are ever changed. */
export interface Snapshot {
    /** Eight bytes of number, then the canister's id. */
    readonly id: Uint8Array;
    readonly source: 'taken' | 'uploaded';
    readonly takenAtNs: bigint;
    readonly canisterVersion: bigint;
    /** The module as uploaded, gzip included. */
    readonly wasm: Uint8Array;
    readonly heap: StableMemory;
    readonly stable: StableMemory;
    readonly globals: readonly GlobalValue[];
    readonly certifiedData: Uint8Array;
    /** By hex of their sha256. */
    readonly chunks: Map<string, Uint8Array>;
    /** 0 when it was not armed; undefined when whoever uploaded the snapshot left it open. */
    readonly globalTimerNs?: bigint | undefined;
    readonly hookStatus?: HookStatus | undefined;
}

const bytesPerGlobal = 8;

/** What a snapshot takes, for its owner's memory and for clients. */
export function snapshotBytes({ wasm, heap, stable, globals, certifiedData, chunks }: Snapshot): number {
    const stored = [...chunks.values()].reduce((total, chunk) => total + chunk.length, 0);
    return wasm.length + heap.bytes + stable.bytes + globals.length * bytesPerGlobal + certifiedData.length + stored;
}

/** The id of a canister's snapshot by its number. */
export function snapshotId(canisterId: Uint8Array, number: bigint): Uint8Array {
    const id = new Uint8Array(8 + canisterId.length);
    new DataView(id.buffer).setBigUint64(0, number);
    id.set(canisterId, 8);
    return id;
}
