/** One query execution, and the graph of executions that a composite query makes. Nothing of it stays. */
import type { Context, EntryPoint, ExecutionInput, ExecutionOutput } from '../execution/types';
import type { CallerInfo } from '../state/api';
import { isCutOff } from '../scheduler/execution';
import type { Canister } from '../state/canister';
import { didNotReply, rejectedByCanister, trapped } from '../state/failures';
import { reject, reply, type CallResponse } from '../state/message';
import type { InstalledModule } from '../state/module';
import { countInstructions } from '../state/network';
import type { QueryTarget, QueryView } from './view';

/** What the executions of one query share. */
export interface QueryGraph {
    readonly view: QueryView;
    /** Keys of the canisters that wait for the present one, root first. */
    readonly stack: readonly string[];
    readonly budget: QueryBudget;
    /** When it began, on `performance.now`. */
    readonly beganMs: number;
    /** What is counted once the query is answered. */
    readonly executed: ExecutedFrame[];
}

/** Instructions that may still be used. */
export interface QueryBudget {
    instructionsLeft: bigint;
    /** Before the evaluation is given up, to be made elsewhere; undefined: never. */
    sliceLeft: bigint | undefined;
}

/** What a frame took. */
export interface ExecutedFrame {
    readonly target: QueryTarget;
    readonly instructions: bigint;
    /** Of calls that count as queries. */
    readonly bytes?: { readonly request: number; readonly response: number };
}

/** A query call, from a user or from a composite query. */
export interface QueryCall {
    readonly caller: Uint8Array;
    readonly callee: Uint8Array;
    readonly method: string;
    readonly argument: Uint8Array;
    /** Of users only. */
    readonly callerInfo?: CallerInfo | undefined;
    /** Of users only: on whose subnet the management canister is asked. */
    readonly effectiveCanisterId?: Uint8Array | undefined;
}

/** The execution of one query call and of its callbacks. */
export interface Frame {
    readonly graph: QueryGraph;
    readonly target: QueryTarget;
    readonly module: InstalledModule;
    readonly caller: Uint8Array;
    readonly callerInfo?: CallerInfo | undefined;
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

/** A graph without executions. `slice` bounds what may be executed in this thread. */
export function newGraph(view: QueryView, instructions: bigint, slice: bigint | undefined): QueryGraph {
    const budget = { instructionsLeft: instructions, sliceLeft: slice };
    return { view, stack: [], budget, beganMs: performance.now(), executed: [] };
}

/** An execution with everything that it may see. */
export interface Prepared {
    readonly frame: Frame;
    readonly input: ExecutionInput;
    /** It has less than the query's whole limit. */
    readonly isSliced: boolean;
}

/** Leaves an evaluation whose slice has run out. */
export class Outlasted extends Error {
    override readonly name = 'Outlasted';
}

/** On the graph's budget. */
export function prepare(frame: Frame, step: Step): Prepared {
    const { graph, target, caller, callerInfo } = frame;
    const { instructionsLeft, sliceLeft } = graph.budget;
    const isSliced = sliceLeft !== undefined && sliceLeft < instructionsLeft;
    const input = target.input({
        context: step.mode,
        entry: step.entry,
        instructionLimit: isSliced ? sliceLeft : instructionsLeft,
        contextInstructions: frame.instructions,
        caller,
        replicated: false,
        ...(callerInfo && { callerInfo }),
        ...step.input
    });
    return { frame, isSliced, input: step.certified ? withCertificate(graph.view, target, input) : input };
}

/** Takes from the budget what the execution used. Throws Outlasted when its slice was not enough. */
export function account({ frame, isSliced }: Prepared, output: ExecutionOutput): void {
    if (isSliced && isCutOff(output)) throw new Outlasted();
    const { budget } = frame.graph;
    budget.instructionsLeft -= output.instructions;
    if (budget.sliceLeft !== undefined) budget.sliceLeft -= output.instructions;
    frame.instructions += output.instructions;
}

/** Lazy, because signing the state costs more than most queries. */
function withCertificate(view: QueryView, { canister }: QueryTarget, input: ExecutionInput): ExecutionInput {
    let certificate: { readonly bytes: Uint8Array | undefined } | undefined;
    return Object.defineProperty(input, 'dataCertificate', {
        enumerable: true,
        get: () => {
            certificate ??= { bytes: view.certificate(canister) };
            return certificate.bytes;
        }
    });
}

/** What the execution means for the caller. */
export function answerOf(
    canister: Canister,
    { response, trap }: Pick<ExecutionOutput, 'response' | 'trap'>
): CallResponse {
    if (trap !== undefined) return reject(trapped(canister, trap));
    if (response === undefined) return reject(didNotReply(canister));
    return response.kind === 'reply' ? reply(response.data) : reject(rejectedByCanister(response.message));
}

/** Adds to the statistics what the answered query took. */
export function countExecuted({ executed, view }: QueryGraph): void {
    for (const { target, instructions, bytes } of executed) {
        countInstructions(view.network, target.canister, instructions);
        if (bytes === undefined) continue;
        const statistics = target.canister.queryStatistics;
        statistics.calls += 1n;
        statistics.instructions += instructions;
        statistics.requestBytes += BigInt(bytes.request);
        statistics.responseBytes += BigInt(bytes.response);
    }
}
