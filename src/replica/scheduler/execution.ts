/** One execution in a call context: bracketed, metered, paid, and applied or rolled back. */
import type { Context, EntryPoint, ExecutionInput, ExecutionOutput, Trap } from '../execution/types';
import { countInstructions, type Network } from '../state/network';
import type { Canister } from '../state/canister';
import type { CallContext } from '../state/message';
import type { InstalledModule } from '../state/module';
import type { IcError } from '../state/errors';
import { reject } from '../state/message';
import { didNotReply, trapped } from '../state/failures';
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
}

/**
 * Runs the entry point and keeps what it did, or nothing if it trapped.
 * Replicated queries keep everything but their memories.
 */
export function execute(network: Network, execution: Execution): ExecutionOutput {
    const { canister, module, callContext, mode } = execution;
    const { sandbox } = module;
    sandbox.begin();
    const output = sandbox.execute(
        executionInput(network, canister, {
            ...contextInput(callContext),
            context: mode,
            entry: execution.entry,
            instructionLimit: execution.instructionLimit,
            ...execution.input
        })
    );
    callContext.instructions += output.instructions;
    countInstructions(network, canister, output.instructions);
    applyLogs(network, canister, output);
    if (output.trap !== undefined || mode === 'RQ') sandbox.rollback();
    else sandbox.commit();
    if (output.trap === undefined) {
        applyOutput(network, canister, callContext, output);
        watchMemory(canister);
    }
    return output;
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
