/** Long executions as messages between threads. */
import {
    buffersOf,
    deployDetached,
    executeDetached,
    loadModule,
    type DetachedDeployment,
    type DetachedResult,
    type DetachedState
} from '../execution';
import type { Canister } from '../state/canister';
import type { DeploymentStep, PlainInput } from '../state/long_execution';
import type { Network } from '../state/network';
import { Prices, type PriceConfig } from '../cycles/prices';
import { findCanister } from '../state/network';
import { subnetOf } from '../state/subnet';
import { queueRoom } from './input';

/** What is executed, and on which copy. */
type Work =
    | { readonly kind: 'execution'; readonly state: DetachedState }
    | { readonly kind: 'deployment'; readonly deployment: DetachedDeployment };

/** All that an execution depends on. */
export interface DetachedExecution {
    readonly work: Work;
    readonly input: PlainInput;
    /** Calls to each callee that wait for their responses. */
    readonly outstandingTo: ReadonlyMap<string, number>;
    readonly prices: PriceConfig;
}

/** A copy of the canister's long execution and of its state; undefined where there is none, or none that can be copied. */
export function detachExecution(network: Network, canisterId: Uint8Array): DetachedExecution | undefined {
    const canister = findCanister(network, canisterId);
    if (canister?.longExecution === undefined) return undefined;
    const { step, input } = canister.longExecution;
    const work = step.kind === 'deployment' ? deploymentWork(canister, step) : executionWork(canister);
    if (work === undefined) return undefined;
    const { outstandingTo } = canister;
    return { work, input, outstandingTo, prices: subnetOf(network, canister.id).prices.config };
}

function executionWork({ module }: Canister): Work | undefined {
    const state = module?.sandbox.detach();
    return state && { kind: 'execution', state };
}

function deploymentWork(canister: Canister, step: DeploymentStep): Work | undefined {
    const loaded = loadModule(step.wasm);
    if (!loaded.ok) return undefined;
    const { compiled, layout, imports, exportedFunctions } = loaded.module;
    const code = { compiled, layout, imports, exportedFunctions };
    if (step.mode !== 'upgrade') return { kind: 'deployment', deployment: { code } };
    const state = canister.module?.sandbox.detach();
    const { skipsPreUpgrade, keepsHeap } = step;
    return state && { kind: 'deployment', deployment: { code, upgrade: { state, skipsPreUpgrade, keepsHeap } } };
}

/** Carries the execution through, in whatever thread. */
export function runDetached({ work, input, outstandingTo, prices }: DetachedExecution): DetachedResult {
    const full = { ...input, queueRoom: queueRoom(outstandingTo), costs: new Prices(prices) };
    return work.kind === 'execution' ? executeDetached(work.state, full) : deployDetached(work.deployment, full);
}

/** Buffers that the sender gives up. */
export function transferOfExecution({ work }: DetachedExecution): ArrayBuffer[] {
    const state = work.kind === 'execution' ? work.state : work.deployment.upgrade?.state;
    return state === undefined ? [] : buffersOf(state.heap, state.stable);
}

/** Buffers that the sender gives up. */
export function transferOfResult({ changes }: DetachedResult): ArrayBuffer[] {
    return changes === undefined ? [] : buffersOf(changes.heap, changes.stable);
}
