/** A canister's code and memories, as the rest of the state machine sees them. */
import type { installModule, LoadedModule } from '../execution';
import type { MetadataSection } from './api';

/** What a canister has between install and uninstall. */
export interface InstalledModule {
    readonly code: LoadedModule;
    readonly metadata: readonly MetadataSection[];
    readonly sandbox: InstalledSandbox;
}

/** What a successful installation brings: a sandbox that an upgrade can take stable memory and heap from. */
export type InstalledSandbox = Extract<ReturnType<typeof installModule>, { readonly ok: true }>['sandbox'];

/** Code with its memories, and the sections of it that the state tree shows. */
export function installed(code: LoadedModule, sandbox: InstalledSandbox): InstalledModule {
    const metadata = [...code.metadata].map(([name, { visibility, data }]) => ({ name, visibility, content: data }));
    return { code, metadata, sandbox };
}

/** Whether the module exports the entry point (`canister_init`, `canister_update greet`). */
export function exportsEntry(module: InstalledModule, name: string): boolean {
    return module.sandbox.exportedMethods.has(name);
}
