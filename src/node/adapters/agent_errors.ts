import { err, ok, type Result } from '../../core/result';
import { PortUnavailable, type Refusal } from '../ports';

/** Runs a canister call; whatever the agent throws means that the canister could not be asked. */
export async function asked<T>(operation: string, call: () => Promise<T>): Promise<T> {
    try {
        return await call();
    } catch (cause) {
        throw new PortUnavailable(operation, cause);
    }
}

/** Candid's result, with the error's arm as its code. */
export function toResult<T, U>(answer: { Ok: T } | { Err: object }, toOk: (value: T) => U): Result<U, Refusal> {
    if ('Ok' in answer) return ok(toOk(answer.Ok));
    return err({ code: Object.keys(answer.Err)[0] ?? 'Unknown' });
}
