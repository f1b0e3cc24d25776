import type { QueryMessage, QueryResult } from '../state/api';
import { exportsEntry } from '../state/module';
import { findCanister, type Network } from '../state/network';
import { toRejection } from '../state/rejection';
import { subnetOf } from '../state/subnet';
import { evaluate } from './evaluate';
import type { CallResponse } from '../state/message';
import type { Effects, Evaluation } from './evaluation';
import { countExecuted, newGraph, type QueryGraph } from './frame';
import type { IcError } from '../state/errors';
import type { Question } from './question';
import type { QueryView } from './view';

export { answerHere, answerWithin, evaluateCopy } from './answering';
export type { Effect, Evaluation, Sliced } from './evaluation';
export type { Question } from './question';
export type { QueryTarget } from './view';

/** Asks for the answer to a query: at the last round's time, changing nothing but statistics. */
export class QueryQuestion implements Question<QueryResult> {
    constructor(
        private readonly network: Network,
        private readonly message: QueryMessage
    ) {}

    get canisterId(): Uint8Array {
        return this.message.canisterId;
    }

    isComposite(): boolean {
        const module = findCanister(this.network, this.canisterId)?.module;
        return module !== undefined && exportsEntry(module, `canister_composite_query ${this.message.methodName}`);
    }

    evaluate(view: QueryView, slice?: bigint): Evaluation<QueryResult> {
        const { limits } = subnetOf(this.network, this.canisterId);
        return evaluateQuery(newGraph(view, limits.query, slice), this.message);
    }

    failed(error: IcError): QueryResult {
        return { kind: 'rejected', rejection: toRejection(error) };
    }
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
    switch (evaluation.kind) {
        case 'none':
            return { kind: 'none', answer: resultOf(graph, evaluation.answer) };
        case 'one':
            return { ...evaluation, answerOf: (output) => resultOf(graph, evaluation.answerOf(output)) };
        case 'many':
            return { kind: 'many', effects: followed(graph, evaluation.effects) };
    }
}

function* followed(graph: QueryGraph, effects: Effects<CallResponse>): Effects<QueryResult> {
    return resultOf(graph, yield* effects);
}

function resultOf(graph: QueryGraph, response: CallResponse): QueryResult {
    countExecuted(graph);
    return response.kind === 'reply'
        ? { kind: 'replied', data: response.data }
        : { kind: 'rejected', rejection: toRejection(response.error) };
}
