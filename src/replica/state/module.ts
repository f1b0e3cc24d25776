/** A canister's code and memories, as the rest of the state machine sees them. */
import type { Sandbox } from '../execution/types';
import type { MetadataSection } from './api';

export interface InstalledModule {
    /** As uploaded, gzip included. */
    readonly bytes: Uint8Array;
    /** sha256 of `bytes`. */
    readonly hash: Uint8Array;
    readonly metadata: readonly MetadataSection[];
    readonly sandbox: Sandbox;
}

/** Whether the module exports the entry point (`canister_init`, `canister_update greet`). */
export function exportsEntry(module: InstalledModule, name: string): boolean {
    return module.sandbox.exportedMethods.has(name);
}
