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
import { filled, heldBytes, noPages, pageMessages, type Pages, type PagesMessage } from './detached_pages';
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
export function transferOfResult({ changes }: DetachedResult): ArrayBuffer[] {
    return changes === undefined ? [] : buffersOf([...changes.heap.written, ...changes.stable.written]);
}

/** What a thread is sent: the pages of its canister, a few at a time, and at last what to do. */
export type ExecutorMessage = PagesMessage | { readonly kind: 'run'; readonly execution: DetachedExecution };

/** The messages that an execution is sent by, each with copies of its own. */
export function* messagesOf(execution: DetachedExecution): Generator<ExecutorMessage> {
    const state = stateOf(execution);
    if (state !== undefined) yield* pageMessages(state);
    yield { kind: 'run', execution: withPages(execution, noPages) };
}

/** The execution, with these pages. */
export function withPages(execution: DetachedExecution, pages: Pages): DetachedExecution {
    const { work } = execution;
    if (work.kind === 'execution') return { ...execution, work: { ...work, state: filled(work.state, pages) } };
    const { upgrade, code } = work.deployment;
    if (upgrade === undefined) return execution;
    return {
        ...execution,
        work: { ...work, deployment: { code, upgrade: { ...upgrade, state: filled(upgrade.state, pages) } } }
    };
}

function stateOf({ work }: DetachedExecution): DetachedState | undefined {
    return work.kind === 'execution' ? work.state : work.deployment.upgrade?.state;
}

/** What the pages of the execution take. */
export function bytesOf(execution: DetachedExecution): number {
    const state = stateOf(execution);
    return state === undefined ? 0 : heldBytes(state);
}
