/** Queries and composite queries (replica.md b.3): synchronous, depth first, every frame rolled back when it ends. */
import type { OutgoingCall, Response } from '../execution/types';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { CallResponse } from '../state/message';
import type { InstalledModule } from '../state/module';
import type { NativeCanister } from '../state/native';
import { exportsEntry } from '../state/module';
import { reject, reply } from '../state/message';
import { findCanister } from '../state/network';
import { idKey, managementId, sameId } from '../state/principals';
import {
    canisterNotFound,
    didNotReply,
    methodNotFound,
    noWasmModule,
    outOfCycles,
    rejectedByCanister,
    trapped
} from '../state/failures';
import { freezingLimit } from '../cycles/account';
import { managementQuery } from '../management/query';
import { unavailability } from '../scheduler/calls';
import { responseInput } from '../scheduler/responses';
import { executeStep, type Frame, type QueryCall, type QueryGraph } from './frame';

/** Canisters that may wait for one another in a composite query. */
const maxDepth = 6;
/** Charged to the graph for every query in it beyond the first. */
const nestedQueryInstructions = 50_000_000n;

/** The answer to one call of the graph; `graph.stack` is empty for the root. */
export function evaluate(graph: QueryGraph, call: QueryCall): CallResponse {
    const { network } = graph;
    if (sameId(call.callee, managementId)) return managementQuery(network, call);
    const native = network.natives.get(idKey(call.callee));
    if (native !== undefined) return queryNative(graph, native, call);
    const canister = findCanister(network, call.callee);
    if (canister === undefined) return reject(canisterNotFound(call.callee));
    const refusal = unavailability(canister) ?? frozen(graph, canister) ?? graphRefusal(graph, canister);
    if (refusal !== undefined) return reject(refusal);
    return canister.module === undefined
        ? reject(noWasmModule(canister))
        : runFrame({ graph, canister, module: canister.module, call, instructions: 0n });
}

function queryNative({ network, stack }: QueryGraph, native: NativeCanister, call: QueryCall): CallResponse {
    const certificate = (): Uint8Array | undefined => network.config.dataCertificate?.(native.canisterId);
    const view = { nowNs: network.roundNs, ...(stack.length === 0 && { certificate }) };
    return native.query({ ...call, cyclesAvailable: 0n }, view);
}

function frozen({ network }: QueryGraph, canister: Canister): IcError | undefined {
    const missing = freezingLimit(network, canister) - canister.balance;
    return missing > 0n ? outOfCycles(canister, missing, false) : undefined;
}

function graphRefusal({ stack, budget }: QueryGraph, canister: Canister): IcError | undefined {
    if (stack.includes(canister.key)) {
        const message = `Canister ${canister.text} is already on the call stack of the composite query.`;
        return { code: 'QueryCallGraphLoopDetected', message };
    }
    if (stack.length > maxDepth) {
        return { code: 'QueryCallGraphTooDeep', message: `Composite query calls are nested deeper than ${maxDepth}.` };
    }
    if (stack.length > 0) budget.instructionsLeft -= nestedQueryInstructions;
    if (budget.instructionsLeft > 0n) return undefined;
    const message = 'Composite query calls exceeded the instruction limit of their whole call graph.';
    return { code: 'QueryCallGraphTotalInstructionLimitExceeded', message };
}

function runFrame(frame: Frame): CallResponse {
    const { canister, module, call } = frame;
    const mode = modeOf(module, call.method);
    if (mode === undefined) return reject(methodNotFound(canister, 'query', call.method));
    module.sandbox.begin();
    const response = mode === 'NRQ' ? runQuery(frame) : runComposite(frame);
    module.sandbox.rollback();
    count(frame, response);
    return response;
}

function modeOf(module: InstalledModule, method: string): 'NRQ' | 'CQ' | undefined {
    if (exportsEntry(module, `canister_query ${method}`)) return 'NRQ';
    return exportsEntry(module, `canister_composite_query ${method}`) ? 'CQ' : undefined;
}

function count({ canister, call, instructions }: Frame, response: CallResponse): void {
    const statistics = canister.queryStatistics;
    statistics.calls += 1n;
    statistics.instructions += instructions;
    statistics.requestBytes += BigInt(call.argument.length);
    statistics.responseBytes += BigInt(response.kind === 'reply' ? response.data.length : 0);
}

function runQuery(frame: Frame): CallResponse {
    const { canister, call, graph } = frame;
    const output = executeStep(frame, {
        mode: 'NRQ',
        entry: { export: `canister_query ${call.method}` },
        input: { argument: call.argument },
        certified: graph.stack.length === 0
    });
    return answerOf(canister, output.response, output.trap && trapped(canister, output.trap));
}

function answerOf(canister: Canister, response: Response | undefined, failure: IcError | undefined): CallResponse {
    if (failure !== undefined) return reject(failure);
    if (response === undefined) return reject(didNotReply(canister));
    return response.kind === 'reply' ? reply(response.data) : reject(rejectedByCanister(response.message));
}

/**
 * Runs the entry, then each call's target and callback in the order of the calls.
 * A trap ends the frame: its memories are thrown away with it, so cleanup would have nothing to clean.
 */
function runComposite(frame: Frame): CallResponse {
    const { canister, call, graph } = frame;
    const first = executeStep(frame, {
        mode: 'CQ',
        entry: { export: `canister_composite_query ${call.method}` },
        input: { argument: call.argument },
        certified: graph.stack.length === 0
    });
    if (first.trap !== undefined) return reject(trapped(canister, first.trap));
    let response = first.response;
    const waiting = [...first.calls];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const output = runCallback(frame, next, response !== undefined);
        if (output.trap !== undefined)
            return answerOf(canister, response, response ? undefined : trapped(canister, output.trap));
        response ??= output.response;
        waiting.push(...output.calls);
    }
    return answerOf(canister, response, undefined);
}

function runCallback(frame: Frame, call: OutgoingCall, responded: boolean): ReturnType<typeof executeStep> {
    const { graph, canister } = frame;
    const { callee, method, argument } = call;
    const nested: QueryGraph = { ...graph, stack: [...graph.stack, canister.key] };
    const response = evaluate(nested, { caller: canister.id, callee, method, argument });
    const replied = response.kind === 'reply';
    return executeStep(frame, {
        mode: replied ? 'CRy' : 'CRt',
        entry: { closure: replied ? call.onReply : call.onReject },
        input: { responded, ...responseInput(response) }
    });
}
