import type { Principal } from '@dfinity/principal';
import { latin1Of } from './candid/utf8';

/**
 * Whether two byte strings are the same, by way of built-ins: a loop over 30 bytes costs a canister three times as much,
 * `Principal.compareTo` fifteen times.
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && latin1Of(a) === latin1Of(b);
}

/** Made once for each object: a canister asks for the name of a caller, or of a job's node, many times. */
const names = new WeakMap<Principal, string>();

/** One character per byte: a key for maps, equal for equal principals. */
export function nameOf(principal: Principal): string {
    const known = names.get(principal);
    if (known !== undefined) return known;
    const name = latin1Of(principal.toUint8Array());
    names.set(principal, name);
    return name;
}

/** Whether both name the same. */
export function samePrincipal(a: Principal, b: Principal): boolean {
    return a === b || nameOf(a) === nameOf(b);
}
