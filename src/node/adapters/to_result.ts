import { err, ok, type Result } from '../../core/result';
import type { Refusal } from '../ports';

/** Candid's result, with the error's arm as its code. */
export function toResult<T, U>(answer: { Ok: T } | { Err: object }, toOk: (value: T) => U): Result<U, Refusal> {
    if ('Ok' in answer) return ok(toOk(answer.Ok));
    return err({ code: Object.keys(answer.Err)[0] ?? 'Unknown' });
}

/** The name of a Candid variant's case. */
export function variantName<T extends object>(variant: T): Extract<T extends T ? keyof T : never, string> {
    return Object.keys(variant)[0] as Extract<T extends T ? keyof T : never, string>;
}
