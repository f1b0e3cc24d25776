import type { Refused } from '../ports';

/** Name of the `Err` arm of a canister's answer; undefined when it is a success. */
export function refusalOf(answer: { Ok: unknown } | { Err: object }): Refused | undefined {
    return 'Ok' in answer ? undefined : { code: Object.keys(answer.Err)[0] ?? 'unknown' };
}
