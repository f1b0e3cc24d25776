import { InvalidWasm, type ModuleCode, Reserved } from '../wasm';
import { createSandbox, type WasmSandbox } from './sandbox';
import { StableMemory } from './stable_memory';
import { HostTrap } from './traps';
import type { ExecutionInput, ExecutionOutput, Trap } from './types';

/** A module and what it is installed with. */
export interface InstallRequest {
    readonly module: ModuleCode;
    /** The sandbox that an upgrade replaces: its stable memory is carried on. Absent for install and reinstall. */
    readonly upgradeOf?: WasmSandbox;
    /** `wasm_memory_persistence = keep`: the heap of `upgradeOf` is carried on as well. */
    readonly keepsHeap?: boolean;
    /** What the start function may see; its entry and context are set here. */
    readonly start: Omit<ExecutionInput, 'entry' | 'context'>;
}

/** An instance behind its start function, and what that has done, or why there is none. */
export type Installation =
    | { readonly ok: true; readonly sandbox: WasmSandbox; readonly start?: ExecutionOutput }
    | { readonly ok: false; readonly trap: Trap; readonly instructions: bigint; readonly logs: readonly Uint8Array[] };

function failed(error: unknown): Installation {
    return { ok: false, trap: instantiationTrap(error), instructions: 0n, logs: [] };
}

/** Why `createSandbox` made none; what else it threw is a bug, and thrown again. */
export function instantiationTrap(error: unknown): Trap {
    if (error instanceof HostTrap) return error.trap;
    if (!(error instanceof InvalidWasm)) throw error;
    return { code: error.code, message: error.message };
}

function instantiate({ module, upgradeOf, keepsHeap }: InstallRequest): WasmSandbox {
    const sandbox = createSandbox(module, upgradeOf?.stable ?? new StableMemory());
    if (upgradeOf !== undefined && keepsHeap) sandbox.takeHeapFrom(upgradeOf);
    return sandbox;
}

/**
 * Makes the sandbox of a new module and runs its start function (context `s`). The returned sandbox has an open bracket: run
 * `canister_init` or `canister_post_upgrade` in it, then `commit`, or `dispose` it.
 *
 * Upgrade protocol. `begin` the old sandbox, run `canister_pre_upgrade` in it, then call this with `upgradeOf`. Both sandboxes
 * share one stable memory, whose bracket belongs to the old one. Success: `commit` the new, then `commit` and `dispose` the
 * old. Failure at any point: `dispose` the new (if there is one), `rollback` the old, and it is as it was before `begin`, its
 * stable memory included.
 */
export function installModule(request: InstallRequest): Installation {
    let sandbox: WasmSandbox;
    try {
        sandbox = instantiate(request);
    } catch (error) {
        return failed(error);
    }
    sandbox.begin();
    if (!request.module.layout.hasStart) return { ok: true, sandbox };
    const start = sandbox.execute({ ...request.start, context: 's', entry: { export: Reserved.start } });
    if (start.trap === undefined) return { ok: true, sandbox, start };
    sandbox.dispose();
    return { ok: false, trap: start.trap, instructions: start.instructions, logs: start.logs };
}
