/** A rule of `docs/invariants.md` does not hold. Thrown inside a canister it traps, which rolls the message back. */
export class InvariantBroken extends Error {
    constructor(
        /** Number of the rule in `docs/invariants.md`, such as `R1`. */
        readonly rule: string,
        readonly detail: string
    ) {
        super(`invariant ${rule} broken: ${detail}`);
        this.name = 'InvariantBroken';
    }
}

/**
 * Throws {@link InvariantBroken} unless the condition holds. What it is about goes in as `of`: a text with a number in it
 * would be made each time, also when all is well.
 */
export function invariant(condition: boolean, rule: string, detail: string, of?: bigint): asserts condition {
    if (!condition) throw new InvariantBroken(rule, of === undefined ? detail : `${detail}: ${of}`);
}

/** Marks a branch that the types say cannot be reached, so that a new union member fails to compile. */
export function unreachable(value: never): never {
    throw new InvariantBroken('total', `unexpected ${String(value)}`);
}
