/** Long executions as messages between threads. */
import { buffersOf, executeDetached, type DetachedResult, type DetachedState } from '../execution';
import type { PlainInput } from '../state/long_execution';
import type { Network } from '../state/network';
import { Prices, type PriceConfig } from '../cycles/prices';
import { findCanister } from '../state/network';
import { subnetOf } from '../state/subnet';
import { queueRoom } from './input';

/** All that an execution depends on. */
export interface DetachedExecution {
    readonly state: DetachedState;
    readonly input: PlainInput;
    /** Calls to each callee that wait for their responses. */
    readonly outstandingTo: ReadonlyMap<string, number>;
    readonly prices: PriceConfig;
}

/** A copy of the canister's long execution and of its state; undefined where there is none, or none that can be copied. */
export function detachExecution(network: Network, canisterId: Uint8Array): DetachedExecution | undefined {
    const canister = findCanister(network, canisterId);
    const state = canister?.longExecution && canister.module?.sandbox.detach();
    if (canister?.longExecution === undefined || state === undefined) return undefined;
    return {
        state,
        input: canister.longExecution.input,
        outstandingTo: canister.outstandingTo,
        prices: subnetOf(network, canister.id).prices.config
    };
}

/** Carries the execution through, in whatever thread. */
export function runDetached({ state, input, outstandingTo, prices }: DetachedExecution): DetachedResult {
    return executeDetached(state, { ...input, queueRoom: queueRoom(outstandingTo), costs: new Prices(prices) });
}

/** Buffers that the sender gives up. */
export function transferOfExecution({ state }: DetachedExecution): ArrayBuffer[] {
    return buffersOf(state.heap, state.stable);
}

/** Buffers that the sender gives up. */
export function transferOfResult({ changes }: DetachedResult): ArrayBuffer[] {
    return changes === undefined ? [] : buffersOf(changes.heap, changes.stable);
}
