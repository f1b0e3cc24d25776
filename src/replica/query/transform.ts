import type { CallResponse } from '../state/message';
import type { Network } from '../state/network';
import { canisterNotFound, methodNotFound } from '../state/failures';
import { reject } from '../state/message';
import { exportsEntry } from '../state/module';
import { managementId } from '../state/principals';
import { subnetOf } from '../state/subnet';
import type { Evaluation } from './evaluation';
import { answerOf, countExecuted, newGraph, prepare, type QueryGraph } from './frame';
import type { Question } from './question';

/** What the canister that made an HTTPS outcall makes of its response. */
export interface Transform {
    readonly canisterId: Uint8Array;
    readonly method: string;
    /** Candid: the response and the context. */
    readonly argument: Uint8Array;
    /** How long its reply may be, and what the caller is told instead of a longer one. */
    readonly limit: { readonly maxBytes: bigint; readonly tooLarge: () => CallResponse };
}

/** Lets the canister reshape the response. */
export function transformQuestion(network: Network, transform: Transform): Question<CallResponse> {
    const { canisterId } = transform;
    return {
        canisterId,
        isComposite: () => false,
        evaluate: (view, slice) =>
            evaluateTransform(newGraph(view, subnetOf(network, canisterId).limits.query, slice), transform),
        failed: reject
    };
}

function evaluateTransform(
    graph: QueryGraph,
    { canisterId, method, argument, limit }: Transform
): Evaluation<CallResponse> {
    const target = graph.view.target(canisterId);
    if (target === undefined) return { kind: 'none', answer: reject(canisterNotFound(canisterId)) };
    const { canister, module } = target;
    const entry = `canister_query ${method}`;
    if (module === undefined || !exportsEntry(module, entry))
        return { kind: 'none', answer: reject(methodNotFound(canister, 'query', method)) };
    const frame = { graph, target, module, caller: managementId, instructions: 0n };
    return {
        kind: 'one',
        execution: prepare(frame, { mode: 'TQ', entry: { export: entry }, input: { argument } }),
        answerOf: (output) => {
            graph.executed.push({ target, instructions: output.instructions });
            countExecuted(graph);
            const answer = answerOf(canister, output);
            return answer.kind === 'reply' && BigInt(answer.data.length) > limit.maxBytes ? limit.tooLarge() : answer;
        }
    };
}
