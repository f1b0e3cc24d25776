import { beginsAsCandid } from '../../../src/core/candid/magic';

/** Longest sensible arguments in bytes, by method; what is not listed has {@link OTHER_BYTES}. */
const LIMITS: Readonly<Record<string, number>> = {
    /** 50 apps of 64 characters, up to three bytes each, and 50 nodes. */
    set_key_limits: 16_384,
    /** 64 results of some 150 bytes; sent by whoever plays the gateway canister. */
    c2c_record_results: 16_384
};
/** A reason of 500 characters, and all that is shorter. */
const OTHER_BYTES = 2_048;

/**
 * Whether a message from outside deserves execution, decided by its size and first bytes alone: what nobody can mean must
 * not cost the hub cycles. Who may call what is left to the methods, which say why not; nobody's calls are let in, because
 * a query that is asked as an update has a certified answer.
 */
export function isWorthwhile(method: string, argument: Uint8Array): boolean {
    return argument.length <= (LIMITS[method] ?? OTHER_BYTES) && beginsAsCandid(argument);
}
