import type { Network } from '../state/network';
import { evaluateHere, type Evaluation, type Sliced } from './evaluation';
import type { Question } from './question';
import { captureView, PresentView } from './view';

/** Answers from the present state, in this thread. */
export function answerWithin<T>(network: Network, question: Question<T>, slice: bigint): Sliced<T> {
    return evaluateHere(question.evaluate(new PresentView(network), slice));
}

/** Answers from the present state, in this thread, however long it takes. */
export function answerHere<T>(network: Network, question: Question<T>): T {
    const sliced = evaluateHere(question.evaluate(new PresentView(network)));
    if (sliced.kind === 'outlasted') throw new UnboundedOutlasted();
    return sliced.answer;
}

/** An evaluation without a slice ran out of one: a bug. */
class UnboundedOutlasted extends Error {
    override readonly name = 'UnboundedOutlasted';
}

/** An evaluation that sees the present state however long it takes, for whoever carries its effects out elsewhere. */
export function evaluateCopy<T>(network: Network, question: Question<T>): Evaluation<T> {
    const { canisterId } = question;
    return question.evaluate(captureView(network, canisterId, question.isComposite(network)));
}
