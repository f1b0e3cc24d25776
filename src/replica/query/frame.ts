/** One query execution, and the graph of executions that a composite query makes. Nothing of it stays. */
import type { Context, EntryPoint, ExecutionInput, ExecutionOutput } from '../execution/types';
import type { Canister } from '../state/canister';
import { countInstructions, type Network } from '../state/network';
import type { InstalledModule } from '../state/module';
import { executionInput } from '../scheduler/input';

/** What the executions of one query share. */
export interface QueryGraph {
    readonly network: Network;
    /** Keys of the canisters that wait for the present one, root first. */
    readonly stack: readonly string[];
    readonly budget: { instructionsLeft: bigint };
}

/** A query call, from a user or from a composite query. */
export interface QueryCall {
    readonly caller: Uint8Array;
    readonly callee: Uint8Array;
    readonly method: string;
    readonly argument: Uint8Array;
}

/** The execution of one query call and of its callbacks. */
export interface Frame {
    readonly graph: QueryGraph;
    readonly canister: Canister;
    readonly module: InstalledModule;
    readonly call: QueryCall;
    /** Instructions of the earlier executions in this frame. */
    instructions: bigint;
}

/** One execution within a frame. */
export interface Step {
    readonly mode: Context;
    readonly entry: EntryPoint;
    readonly input?: Partial<ExecutionInput>;
    /** The root's first execution may read the certificate. */
    readonly certified?: boolean;
}

/** Executes in the frame's open bracket, on the graph's budget. */
export function executeStep(frame: Frame, step: Step): ExecutionOutput {
    const { graph, canister, module, call } = frame;
    const input = executionInput(graph.network, canister, {
        context: step.mode,
        entry: step.entry,
        instructionLimit: graph.budget.instructionsLeft,
        contextInstructions: frame.instructions,
        caller: call.caller,
        replicated: false,
        ...step.input
    });
    const output = module.sandbox.execute(step.certified ? withCertificate(graph.network, canister, input) : input);
    graph.budget.instructionsLeft -= output.instructions;
    frame.instructions += output.instructions;
    countInstructions(graph.network, canister, output.instructions);
    return output;
}

/** Lazy, because signing the state costs more than most queries. */
function withCertificate(network: Network, canister: Canister, input: ExecutionInput): ExecutionInput {
    let certificate: { readonly bytes: Uint8Array | undefined } | undefined;
    return Object.defineProperty(input, 'dataCertificate', {
        enumerable: true,
        get: () => {
            certificate ??= { bytes: network.config.dataCertificate?.(canister.id) };
            return certificate.bytes;
        }
    });
}
