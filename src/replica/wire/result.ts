/** Outcome of an operation that may fail in an expected way. */
export type Result<Value, Failure> =
    { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: Failure };

/** It went well. */
export function success<Value>(value: Value): { readonly ok: true; readonly value: Value } {
    return { ok: true, value };
}

/** It did not, for a reason that the caller expects. */
export function failure<Failure>(error: Failure): { readonly ok: false; readonly error: Failure } {
    return { ok: false, error };
}
