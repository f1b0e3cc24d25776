/** Executions on a copy of a canister, in another thread. */
import { attachMemory, type DetachedResult, type DetachedState } from './detached_state';
import { createSandbox, type WasmSandbox } from './sandbox';
import type { ExecutionInput } from './types';

/** Makes the canister again, for one execution. Its state was that of a working instance, so it fits its module. */
export function attach({ code, heap, globals, tables, stable }: DetachedState): WasmSandbox {
    const sandbox = createSandbox(code, attachMemory(stable));
    sandbox.load({ heap: attachMemory(heap), globals });
    sandbox.loadTables(tables);
    return sandbox;
}

/** One execution on a copy of the state. */
export function executeDetached(state: DetachedState, input: ExecutionInput): DetachedResult {
    return attach(state).executeOnce(input);
}
