/** Queries and composite queries (replica.md b.3): depth first, every frame rolled back when it ends. */
import type { ExecutionOutput, OutgoingCall } from '../execution/types';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { CallResponse } from '../state/message';
import type { NativeCanister } from '../state/native';
import type { Network } from '../state/network';
import { exportsEntry } from '../state/module';
import { subnetOf } from '../state/subnet';
import { reject } from '../state/message';
import { idKey, managementId, sameId } from '../state/principals';
import { canisterNotFound, methodNotFound, noWasmModule } from '../state/failures';
import { managementQuery } from '../management/query';
import { responseInput } from '../scheduler/responses';
import { effectsOf, execute, type Effects, type Evaluation } from './evaluation';
import { answerOf, prepare, type Frame, type QueryCall, type QueryGraph, type Step } from './frame';

/** Canisters that may wait for one another in a composite query. */
const maxDepth = 6;
/** Charged to the graph for every query in it beyond the first. */
const nestedQueryInstructions = 50_000_000n;
/** Of the whole graph; a plain query is bounded by its instructions. */
const maxGraphMs = 10_000;

/** The answer to one call of the graph; `graph.stack` is empty for the root. */
export function evaluate(graph: QueryGraph, call: QueryCall): Evaluation<CallResponse> {
    const { network } = graph.view;
    if (graph.stack.length > 0 && isOnAnotherSubnet(network, call))
        return answered(reject(canisterNotFound(call.callee)));
    if (sameId(call.callee, managementId)) return answered(askManagement(graph, call));
    const native = network.natives.get(idKey(call.callee));
    if (native !== undefined) return answered(queryNative(graph, native, call));
    const target = graph.view.target(call.callee);
    if (target === undefined) return answered(reject(canisterNotFound(call.callee)));
    const { module, canister } = target;
    const refusal = target.refusal() ?? graphRefusal(graph, canister);
    if (refusal !== undefined) return answered(reject(refusal));
    if (module === undefined) return answered(reject(noWasmModule(canister)));
    const { caller, callerInfo } = call;
    const frame = { graph, target, module, caller, callerInfo, instructions: 0n };
    if (exportsEntry(module, `canister_query ${call.method}`)) return plainQuery(frame, call);
    return exportsEntry(module, `canister_composite_query ${call.method}`)
        ? { kind: 'many', effects: compositeQuery(frame, call) }
        : answered(reject(methodNotFound(canister, 'query', call.method)));
}

/** Composite queries stay on their subnet; the management canister is on each. */
function isOnAnotherSubnet(network: Network, { caller, callee }: QueryCall): boolean {
    return !sameId(callee, managementId) && subnetOf(network, callee) !== subnetOf(network, caller);
}

/** Of the subnet that the user means, or that the calling canister is on. */
function askManagement({ view: { network }, stack }: QueryGraph, call: QueryCall): CallResponse {
    const asked = stack.length > 0 ? call.caller : call.effectiveCanisterId;
    return managementQuery(network, call, asked === undefined ? network : subnetOf(network, asked));
}

function answered(answer: CallResponse): Evaluation<CallResponse> {
    return { kind: 'none', answer };
}

function queryNative({ view, stack }: QueryGraph, native: NativeCanister, call: QueryCall): CallResponse {
    const { network } = view;
    const certificate = (): Uint8Array | undefined => network.config.dataCertificate?.(native.canisterId);
    const seen = { nowNs: network.roundNs, ...(stack.length === 0 && { certificate }) };
    return native.query({ ...call, cyclesAvailable: 0n }, seen);
}

function graphRefusal({ stack, budget, beganMs }: QueryGraph, canister: Canister): IcError | undefined {
    if (stack.includes(canister.key)) {
        const message = `Canister ${canister.text} is already on the call stack of the composite query.`;
        return { code: 'QueryCallGraphLoopDetected', message };
    }
    if (stack.length > maxDepth) {
        return { code: 'QueryCallGraphTooDeep', message: `Composite query calls are nested deeper than ${maxDepth}.` };
    }
    if (stack.length > 0 && performance.now() - beganMs > maxGraphMs) {
        const message = `Composite query calls exceeded the time limit of ${maxGraphMs / 1000} seconds.`;
        return { code: 'QueryTimeLimitExceeded', message };
    }
    if (stack.length > 0) budget.instructionsLeft -= nestedQueryInstructions;
    if (budget.instructionsLeft > 0n) return undefined;
    const message = 'Composite query calls exceeded the instruction limit of their whole call graph.';
    return { code: 'QueryCallGraphTotalInstructionLimitExceeded', message };
}

function plainQuery(frame: Frame, call: QueryCall): Evaluation<CallResponse> {
    const entry = { export: `canister_query ${call.method}` };
    return {
        kind: 'one',
        execution: prepare(frame, { mode: 'NRQ', entry, ...rootInput(frame, call) }),
        answerOf: (output) => counted(frame, call, answerOf(frame.target.canister, output))
    };
}

function rootInput({ graph }: Frame, { argument }: QueryCall): Pick<Step, 'input' | 'certified'> {
    return { input: { argument }, certified: graph.stack.length === 0 };
}

function counted(frame: Frame, call: QueryCall, response: CallResponse): CallResponse {
    const bytes = {
        request: call.argument.length,
        response: response.kind === 'reply' ? response.data.length : 0
    };
    frame.graph.executed.push({ target: frame.target, instructions: frame.instructions, bytes });
    return response;
}

function* compositeQuery(frame: Frame, call: QueryCall): Effects<CallResponse> {
    yield { kind: 'enter', frame };
    const response = yield* runComposite(frame, call);
    yield { kind: 'leave', frame };
    return counted(frame, call, response);
}

/**
 * Runs the entry, then each call's target and callback in the order of the calls.
 * A trap ends the frame: its memories are thrown away with it, so cleanup would have nothing to clean.
 */
function* runComposite(frame: Frame, call: QueryCall): Effects<CallResponse> {
    const { canister } = frame.target;
    const entry = { export: `canister_composite_query ${call.method}` };
    const first = yield* execute(prepare(frame, { mode: 'CQ', entry, ...rootInput(frame, call) }));
    if (first.trap !== undefined) return answerOf(canister, first);
    let { response } = first;
    const waiting = [...first.calls];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { trap, response: later, calls } = yield* runCallback(frame, next, response !== undefined);
        if (trap !== undefined) return answerOf(canister, response ? { response } : { trap });
        response ??= later;
        waiting.push(...calls);
    }
    return answerOf(canister, { response });
}

function* runCallback(frame: Frame, call: OutgoingCall, responded: boolean): Effects<ExecutionOutput> {
    const { graph, target } = frame;
    const { callee, method, argument } = call;
    const nested: QueryGraph = { ...graph, stack: [...graph.stack, target.canister.key] };
    const response = yield* effectsOf(evaluate(nested, { caller: target.canister.id, callee, method, argument }));
    const replied = response.kind === 'reply';
    return yield* execute(
        prepare(frame, {
            mode: replied ? 'CRy' : 'CRt',
            entry: { closure: replied ? call.onReply : call.onReject },
            input: { responded, ...responseInput(response) }
        })
    );
}
