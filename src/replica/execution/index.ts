/** Execution of canister code: modules, sandboxes, stable memory, and the System API (replica.md b.2, d.1, h.3). */
export {
    InvalidWasm,
    loadModule,
    type CanisterMetadata,
    type LoadedModule,
    type LoadResult,
    type MetadataSection
} from '../wasm';
export { installModule, instantiationTrap, type InstallRequest, type Installation } from './install';
export {
    adoptDeployment,
    deployCode,
    keepDeployment,
    undoDeployment,
    type Deployed,
    type DeploymentOutput,
    type DeploymentRequest,
    type Upgrade
} from './deployment';
export { attachSandbox, deployDetached, executeDetached, type DetachedDeployment } from './detached';
export {
    buffersOf,
    type DeploymentResult,
    type DetachedChanges,
    type DetachedResult,
    type DetachedState,
    type Placed,
    type ExecutionResult
} from './detached_state';
export type { GlobalValue, HeapState } from './heap_state';
export type { TableImage } from './heap_image';
export { createSandbox, type WasmSandbox } from './sandbox';
export { StableMemory } from './stable_memory';
export type * from './types';
