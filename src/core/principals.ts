import type { Principal } from '@dfinity/principal';
import { latin1Of } from './candid/utf8';

/**
 * Whether two byte strings are the same, by way of built-ins: a loop over 30 bytes costs a canister three times as much,
 * `Principal.compareTo` fifteen times.
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && latin1Of(a) === latin1Of(b);
}

/** Whether both name the same. */
export function samePrincipal(a: Principal, b: Principal): boolean {
    return a === b || sameBytes(a.toUint8Array(), b.toUint8Array());
}
