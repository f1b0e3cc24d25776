/** Executions that outlasted their slice: how they end, and what waits for them (README, "Long executions"). */
import type { ExecutionInput, ExecutionOutput } from '../execution/types';
import type { DetachedResult, ExecutionResult } from '../execution';
import type { Canister } from '../state/canister';
import type { ContextStep, LongExecution, PlainInput } from '../state/long_execution';
import type { InstalledModule } from '../state/module';
import type { Network } from '../state/network';
import { endDeployment } from '../management/deploy';
import { outOfCyclesTrap } from '../state/failures';
import { findCanister } from '../state/network';
import { subnetOf } from '../state/subnet';
import { finishCall } from './calls';
import { conclude } from './execution';
import { queueRoom } from './input';
import { finishCallback, finishCleanup } from './responses';
import { putInFront } from './turns';

/** The canister's execution is over, as another thread or a journal says; the next round makes its effects part of the state. */
export function noteEnd(network: Network, canisterId: Uint8Array, id: number, result?: DetachedResult): void {
    const canister = findCanister(network, canisterId);
    if (canister?.longExecution?.id !== id || network.endedExecutions.includes(canister.key)) return;
    if (result !== undefined) network.detachedResults.set(id, result);
    network.endedExecutions.push(canister.key);
}

/** Canisters whose long executions go on, the oldest of these first. */
export function longRunning(network: Network): readonly (Canister & { readonly longExecution: LongExecution })[] {
    return [...network.canisters.values()]
        .filter(isLongRunning)
        .filter(({ key }) => !network.endedExecutions.includes(key))
        .sort((one, other) => one.longExecution.id - other.longExecution.id);
}

function isLongRunning(canister: Canister): canister is Canister & { readonly longExecution: LongExecution } {
    return canister.longExecution !== undefined;
}

/**
 * Makes the effects of all executions that are over part of the state. A round that is not sliced waits for all of them.
 * Returns the keys of canisters whose tasks give way to the messages that have waited for the last one.
 */
export function endLongExecutions(network: Network): ReadonlySet<string> {
    if (!network.isSliced)
        for (const { id, longExecution } of longRunning(network)) noteEnd(network, id, longExecution.id);
    const resting = new Set<string>();
    for (const key of network.endedExecutions.splice(0)) {
        const canister = network.canisters.get(key);
        const ended = canister?.longExecution;
        if (canister === undefined || ended === undefined) continue;
        if (ended.step.kind === 'task') resting.add(key);
        endLongExecution(network, canister, ended);
    }
    return resting;
}

/** Ends the canister's long execution, if there is one, here and now. */
export function endNow(network: Network, canister: Canister): void {
    const { longExecution, key } = canister;
    if (longExecution === undefined) return;
    network.isSliced = false;
    network.endedExecutions = network.endedExecutions.filter((ended) => ended !== key);
    endLongExecution(network, canister, longExecution);
}

function endLongExecution(network: Network, canister: Canister, { id, input, step }: LongExecution): void {
    const result = network.detachedResults.get(id);
    network.detachedResults.delete(id);
    delete canister.longExecution;
    putInFront(network, canister);
    const full = fullInput(network, canister, input);
    if (step.kind === 'deployment') endDeployment(network, canister, step, full, result);
    else endExecution(network, canister, step, full, result?.kind === 'execution' ? result : undefined);
}

function endExecution(
    network: Network,
    canister: Canister,
    step: ContextStep,
    input: ExecutionInput,
    result: ExecutionResult | undefined
): void {
    const { module } = canister;
    const callContext = canister.contexts.get(step.contextId);
    if (module === undefined || callContext === undefined) return;
    module.sandbox.begin();
    const executed = (result && adopt(module, result)) ?? module.sandbox.execute(input);
    const output = payable(canister, executed);
    conclude(network, { canister, module, callContext, input }, output);
    if (step.kind === 'callback') finishCallback(network, canister, step, output);
    else if (step.kind === 'cleanup') finishCleanup(network, canister, step, output);
    else finishCall(network, canister, step, output);
}

/** The output of an execution on a copy, its changes taken over; undefined when this machine has no room for them. */
function adopt({ sandbox }: InstalledModule, { output, changes }: ExecutionResult): ExecutionOutput | undefined {
    if (changes === undefined || sandbox.adopt(changes)) return output;
    sandbox.rollback();
    sandbox.begin();
    return undefined;
}

/** The input as the execution had it in the round of its beginning. */
function fullInput(network: Network, canister: Canister, input: PlainInput): ExecutionInput {
    // Calls go out and come back between executions only, so the room in the queues is what it was.
    return { ...input, queueRoom: queueRoom(canister.outstandingTo), costs: subnetOf(network, canister.id).prices };
}

/** Fees of messages that came meanwhile have been paid; who promised these cycles away has trapped. */
function payable(canister: Canister, output: ExecutionOutput): ExecutionOutput {
    const sent = output.calls.reduce((sum, { cycles, fee }) => sum + cycles + fee, 0n);
    const { instructions, logs, cyclesAccepted, cyclesBurned, cyclesMinted = 0n } = output;
    if (sent + cyclesBurned <= canister.balance + cyclesAccepted + cyclesMinted) return output;
    const trap = outOfCyclesTrap(canister);
    return { trap, instructions, logs, calls: [], cyclesAccepted: 0n, cyclesBurned: 0n, accepted: false };
}
