/** A canister refused what a benchmark needs; `refusal` is its typed answer. */
export class Refused extends Error {
    constructor(readonly refusal: unknown) {
        super(`refused: ${printed(refusal)}`);
        this.name = 'Refused';
    }
}

/** A Candid value as JSON, integers of any size in quotes. */
export function printed(candid: unknown): string {
    return JSON.stringify(candid, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

/** The value of a Candid result. @throws {@link Refused} */
export function accepted<T>(answer: { Ok: T } | { Err: unknown }): T {
    if ('Err' in answer) throw new Refused(answer.Err);
    return answer.Ok;
}
