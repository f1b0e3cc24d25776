/** Executions and deployments on a copy of a canister, in another thread. */
import type { ModuleCode } from '../wasm';
import { deployCode, type DeploymentRequest, type Upgrade } from './deployment';
import { attachMemory, type DeploymentResult, type DetachedState, type ExecutionResult } from './detached_state';
import { createSandbox, type WasmSandbox } from './sandbox';
import type { ExecutionInput } from './types';

/** Makes the canister again. Its state was that of a working instance, so it fits its module. */
export function attachSandbox({ code, heap, globals, tables, stable }: DetachedState): WasmSandbox {
    const sandbox = createSandbox(code, attachMemory(stable));
    sandbox.load({ heap: attachMemory(heap), globals });
    sandbox.loadTables(tables);
    return sandbox;
}

/** One execution on a copy of the state. */
export function executeDetached(state: DetachedState, input: ExecutionInput): ExecutionResult {
    return attachSandbox(state).executeOnce(input);
}

/** A deployment whose old code, if it has one, stands beside it. */
export interface DetachedDeployment {
    readonly code: ModuleCode;
    readonly upgrade?: Omit<Upgrade, 'old'> & { readonly state: DetachedState };
}

/** One deployment on a copy of the old code. */
export function deployDetached(
    { code, upgrade }: DetachedDeployment,
    input: DeploymentRequest['input']
): DeploymentResult {
    const from = upgrade && { ...upgrade, old: attachSandbox(upgrade.state) };
    const { output, sandbox } = deployCode({ code, input, ...(from && { upgrade: from }) });
    return { kind: 'deployment', output, ...(sandbox && { changes: sandbox.wholeChanges() }) };
}
