import { beginsAsCandid } from '../../../src/core/candid/magic';

/** Longest sensible arguments in bytes, by method; what is not listed has {@link OTHER_BYTES}. */
const LIMITS: Readonly<Record<string, number>> = {
    /** 4 200 characters of up to three bytes, and a call's argument of 16 KiB or an airdrop of 200 accounts. */
    submit_proposal: 49_152,
    enact: 49_152,
    validate_enact: 49_152,
    /** A proof of up to 64 digests. */
    claim_airdrop: 4_096
};
const OTHER_BYTES = 2_048;

/** A message from outside the network, before it is executed. */
export interface Ingress {
    readonly method: string;
    readonly argument: Uint8Array;
    /** The caller is a canister of the suite, as whoever plays one on a local network. */
    readonly isPeer: boolean;
}

/**
 * Whether a message from outside deserves execution, decided by its size and first bytes alone: what nobody can mean must not
 * cost cycles. Reports of rounds and nodes are a hundred times as large as what users send, and only peers send them. Who may
 * call what is left to the methods, which say why not; nobody's calls are let in, because a query that is asked as an
 * update has a certified answer.
 */
export function isWorthwhile({ method, argument, isPeer }: Ingress): boolean {
    const isReport = isPeer && method.startsWith('c2c_');
    return beginsAsCandid(argument) && (isReport || argument.length <= (LIMITS[method] ?? OTHER_BYTES));
}
