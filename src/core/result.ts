/** Expected failures are values: a function that can refuse returns a `Result`, and throws only for a bug. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** The success of an operation that has nothing to tell. */
export const DONE: Result<void, never> = { ok: true, value: undefined };

export function ok<T>(value: T): Result<T, never> {
    return { ok: true, value };
}

export function err<E>(error: E): Result<never, E> {
    return { ok: false, error };
}

/** Applies `f` to a success and passes a failure on. */
export function mapOk<T, U, E>(result: Result<T, E>, f: (value: T) => U): Result<U, E> {
    return result.ok ? ok(f(result.value)) : result;
}

/** Candid's `variant { Ok; Err }` as @dfinity/candid represents it. */
export type CandidResult<T, E> = { Ok: T } | { Err: E };

/** Maps both sides of a result to its Candid variant. */
export function toCandidResult<T, E, CT, CE>(
    result: Result<T, E>,
    toOk: (value: T) => CT,
    toErr: (error: E) => CE
): CandidResult<CT, CE> {
    return result.ok ? { Ok: toOk(result.value) } : { Err: toErr(result.error) };
}
