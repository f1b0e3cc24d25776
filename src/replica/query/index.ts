import type { QueryMessage, QueryResult } from '../state/api';
import { exportsEntry } from '../state/module';
import { findCanister, type Network } from '../state/network';
import { toRejection } from '../state/rejection';
import { subnetOf } from '../state/subnet';
import { evaluate } from './evaluate';
import type { CallResponse } from '../state/message';
import type { Effects, Evaluation } from './evaluation';
import { countExecuted, newGraph, type QueryGraph } from './frame';
import type { Question } from './question';

export { answerHere, answerWithin, evaluateCopy } from './answering';
export type { Effect, Evaluation, Sliced } from './evaluation';
export type { Question } from './question';
export type { QueryTarget } from './view';

/** Asks for the answer to a query: at the last round's time, changing nothing but statistics. */
export function queryQuestion(network: Network, message: QueryMessage): Question<QueryResult> {
    const { canisterId, methodName } = message;
    const { limits } = subnetOf(network, canisterId);
    return {
        canisterId,
        isComposite: () => {
            const module = findCanister(network, canisterId)?.module;
            return module !== undefined && exportsEntry(module, `canister_composite_query ${methodName}`);
        },
        evaluate: (view, slice) => evaluateQuery(newGraph(view, limits.query, slice), message),
        failed: (error) => ({ kind: 'rejected', rejection: toRejection(error) })
    };
}

function evaluateQuery(graph: QueryGraph, message: QueryMessage): Evaluation<QueryResult> {
    const {
        sender: caller,
        canisterId: callee,
        methodName: method,
        argument,
        callerInfo,
        effectiveCanisterId
    } = message;
    const evaluation = evaluate(graph, { caller, callee, method, argument, callerInfo, effectiveCanisterId });
    const resultOf = (response: CallResponse): QueryResult => {
        countExecuted(graph);
        return response.kind === 'reply'
            ? { kind: 'replied', data: response.data }
            : { kind: 'rejected', rejection: toRejection(response.error) };
    };
    switch (evaluation.kind) {
        case 'none':
            return { kind: 'none', answer: resultOf(evaluation.answer) };
        case 'one':
            return { ...evaluation, answerOf: (output) => resultOf(evaluation.answerOf(output)) };
        case 'many':
            return { kind: 'many', effects: followed(evaluation.effects, resultOf) };
    }
}

function* followed(
    effects: Effects<CallResponse>,
    resultOf: (response: CallResponse) => QueryResult
): Effects<QueryResult> {
    return resultOf(yield* effects);
}
