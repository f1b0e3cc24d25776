/**
 * What is executed outside of rounds (queries, inspections, transforms), told apart from where it is executed: here and now, or in another
 * thread while the network goes on.
 */
import type { ExecutionInput, ExecutionOutput } from '../execution/types';
import { account, Outlasted, type Frame, type Prepared } from './frame';

/** `enter` and `leave` open a canister's memories and undo what was done to them; `execute` is answered with its output. */
export type Effect =
    | { readonly kind: 'enter' | 'leave'; readonly frame: Frame }
    | { readonly kind: 'execute'; readonly frame: Frame; readonly input: ExecutionInput };

/** The effects of canisters that ask one another, and at last the answer. */
export type Effects<T> = Generator<Effect, T, ExecutionOutput | undefined>;

/** How an answer is found: without canisters, in one execution, or in many. */
export type Evaluation<T> =
    | { readonly kind: 'none'; readonly answer: T }
    | { readonly kind: 'one'; readonly execution: Prepared; readonly answerOf: (output: ExecutionOutput) => T }
    | { readonly kind: 'many'; readonly effects: Effects<T> };

/** An answer, or none because the slice of instructions was not enough. */
export type Sliced<T> = { readonly kind: 'answered'; readonly answer: T } | { readonly kind: 'outlasted' };

/** An effect was not carried out: a bug of who drives the evaluation. */
export class EffectIgnored extends Error {
    override readonly name = 'EffectIgnored';
}

/** Carries everything out, here and now. */
export function evaluateHere<T>(evaluation: Evaluation<T>): Sliced<T> {
    const open: Frame[] = [];
    try {
        return { kind: 'answered', answer: carryOut(evaluation, open) };
    } catch (error) {
        if (!(error instanceof Outlasted)) throw error;
        for (const { module } of open.reverse()) module.sandbox.rollback();
        return { kind: 'outlasted' };
    }
}

function carryOut<T>(evaluation: Evaluation<T>, open: Frame[]): T {
    if (evaluation.kind === 'none') return evaluation.answer;
    if (evaluation.kind === 'one') {
        const { execution, answerOf } = evaluation;
        const { sandbox } = execution.frame.module;
        sandbox.begin();
        const output = sandbox.execute(execution.input);
        sandbox.rollback();
        account(execution, output);
        return answerOf(output);
    }
    let step = evaluation.effects.next();
    while (step.done !== true) step = evaluation.effects.next(carryOutEffect(step.value, open));
    return step.value;
}

function carryOutEffect(effect: Effect, open: Frame[]): ExecutionOutput | undefined {
    const { sandbox } = effect.frame.module;
    if (effect.kind === 'execute') return sandbox.execute(effect.input);
    if (effect.kind === 'enter') {
        sandbox.begin();
        open.push(effect.frame);
    } else {
        sandbox.rollback();
        open.pop();
    }
    return undefined;
}

/** The same as effects among others. */
export function* effectsOf<T>(evaluation: Evaluation<T>): Effects<T> {
    if (evaluation.kind === 'none') return evaluation.answer;
    if (evaluation.kind === 'many') return yield* evaluation.effects;
    const { execution, answerOf } = evaluation;
    const { frame } = execution;
    yield { kind: 'enter', frame };
    const output = yield* execute(execution);
    yield { kind: 'leave', frame };
    return answerOf(output);
}

/** One execution among others. */
export function* execute(execution: Prepared): Effects<ExecutionOutput> {
    const { frame, input } = execution;
    const output = yield { kind: 'execute', frame, input };
    if (output === undefined) throw new EffectIgnored();
    account(execution, output);
    return output;
}
