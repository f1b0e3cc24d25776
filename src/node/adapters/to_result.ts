import { z } from 'zod';
import { err, ok, type Result } from '../../core/result';
import type { Refusal } from '../ports';

const named = z.object({ app_id: z.string(), lacks: z.string() });

/** Candid's result, with the error's arm as its code, and the app that it names. */
export function toResult<T, U>(answer: { Ok: T } | { Err: object }, toOk: (value: T) => U): Result<U, Refusal> {
    if ('Ok' in answer) return ok(toOk(answer.Ok));
    const [[code, detail] = ['Unknown', undefined]] = Object.entries(answer.Err) as [string, unknown][];
    const { app_id: appId, lacks } = named.safeParse(detail).data ?? {};
    return err({ code, appId, lacks });
}

/** The name of a Candid variant's case. */
export function variantName<T extends object>(variant: T): Extract<T extends T ? keyof T : never, string> {
    return Object.keys(variant)[0] as Extract<T extends T ? keyof T : never, string>;
}
