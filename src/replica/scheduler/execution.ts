/** One execution in a call context: bracketed, metered, paid, and applied, rolled back or sent away. */
import type { Context, EntryPoint, ExecutionInput, ExecutionOutput, Trap } from '../execution/types';
import { countInstructions, type Network } from '../state/network';
import type { Canister } from '../state/canister';
import type { CallContext } from '../state/message';
import type { PlainInput, Step } from '../state/long_execution';
import type { InstalledModule } from '../state/module';
import type { IcError } from '../state/errors';
import { reject } from '../state/message';
import { didNotReply, trapped } from '../state/failures';
import { sliceLimits } from '../state/limits';
import { instructionLimitCode } from '../execution/traps';
import { answerContext, closeIfDone } from './contexts';
import { applyLogs, applyOutput } from './apply';
import { contextInput, executionInput } from './input';
import { watchMemory } from './low_memory';

/** What to run, and for which call. */
export interface Execution {
    readonly canister: Canister;
    readonly module: InstalledModule;
    readonly callContext: CallContext;
    readonly mode: Context;
    readonly entry: EntryPoint;
    readonly instructionLimit: bigint;
    readonly input?: Partial<ExecutionInput>;
    /** How to go on when the execution is over. */
    readonly step: Step;
}

/** Instructions that the round has spent, and the output; undefined when the execution goes on beside the rounds. */
export interface Executed {
    readonly used: bigint;
    readonly output: ExecutionOutput | undefined;
}

/**
 * Runs the entry point and keeps what it did, or nothing if it trapped. An execution that outlasts its slice leaves the canister as it
 * was and becomes its long execution.
 */
export function execute(network: Network, execution: Execution): Executed {
    const { canister, module, callContext, mode, entry, instructionLimit } = execution;
    const slice = sliceOf(network, canister, instructionLimit);
    const input = executionInput(network, canister, {
        ...contextInput(callContext),
        context: mode,
        entry,
        instructionLimit: slice,
        ...execution.input
    });
    module.sandbox.begin();
    const output = module.sandbox.execute(input);
    if (slice < instructionLimit && isCutOff(output)) {
        module.sandbox.rollback();
        sendAway(network, canister, { ...input, instructionLimit }, execution.step);
        return { used: slice, output: undefined };
    }
    conclude(network, { canister, module, callContext, input }, output);
    return { used: output.instructions, output };
}

function sliceOf(network: Network, canister: Canister, limit: bigint): bigint {
    if (!network.isSliced) return limit;
    const slice = canister.tookLong ? sliceLimits.repeated : sliceLimits.message;
    return slice < limit ? slice : limit;
}

/** Whether the instructions were not enough. */
export function isCutOff({ trap }: Pick<ExecutionOutput, 'trap'>): boolean {
    return trap?.code === instructionLimitCode;
}

/** Makes the execution the canister's long one. */
export function sendAway(network: Network, canister: Canister, input: ExecutionInput, step: Step): void {
    const { queueRoom: _queueRoom, costs: _costs, ...plain } = input;
    canister.longExecution = { id: network.nextExecutionId, input: plain, step };
    network.nextExecutionId += 1;
}

/** An execution whose bracket is still open. */
export interface Concluded {
    readonly canister: Canister;
    readonly module: InstalledModule;
    readonly callContext: CallContext;
    readonly input: PlainInput;
}

/** Closes the bracket, and makes what the execution did part of the state. Replicated queries keep everything but their memories. */
export function conclude(
    network: Network,
    { canister, module, callContext, input }: Concluded,
    output: ExecutionOutput
): void {
    callContext.instructions += output.instructions;
    countInstructions(network, canister, output.instructions);
    canister.tookLong = output.instructions > sliceLimits.message;
    applyLogs(network, canister, output, input.timeNs);
    if (output.trap !== undefined || input.context === 'RQ') module.sandbox.rollback();
    else module.sandbox.commit();
    if (output.trap !== undefined) return;
    takeRoom(network, output);
    applyOutput(network, canister, callContext, output);
    watchMemory(canister);
}

/** What memories have grown by is no longer there for others of the round. */
export function takeRoom(network: Network, { roomTaken = 0n }: ExecutionOutput): void {
    if (network.roomBytes === undefined || roomTaken === 0n) return;
    const left = network.roomBytes - roomTaken;
    network.roomBytes = left > 0n ? left : 0n;
}

/** After the last execution of a step: a context that can no longer answer is rejected, a finished one closed. */
export function settleContext(network: Network, canister: Canister, context: CallContext, failure?: IcError): void {
    if (!context.responded && context.outstanding === 0) {
        answerContext(network, context, reject(failure ?? didNotReply(canister)));
    }
    closeIfDone(network, canister, context);
}

/** The failure that a trap means for the caller, if there was one. */
export function failureOf(canister: Canister, trap: Trap | undefined): IcError | undefined {
    return trap && trapped(canister, trap);
}
