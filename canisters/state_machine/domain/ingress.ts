import type { Principal } from '@dfinity/principal';
import { beginsAsCandid } from '../../../src/core/candid/magic';
import type { Course } from './poc/course';

/** Longest sensible arguments in bytes, by method; what is not listed has {@link OTHER_BYTES}. */
const LIMITS: Readonly<Record<string, number>> = {
    /** 128 items of some 45 bytes. */
    propose_state: 8_192,
    /** 512 characters of apps' names, and 64 of a version. */
    report_status: 1_024,
    /** A hundred principals. */
    admit_validators: 4_096
};
const OTHER_BYTES = 2_048;
/** An argument besides the payload in it. */
const MARGIN_BYTES = 256;

/** A message from outside the network, before it is executed. */
export interface Ingress {
    readonly method: string;
    readonly argument: Uint8Array;
    readonly caller: Principal;
    /** Whether the method may change state. */
    readonly isUpdate: boolean;
}

/**
 * Whether a message of a user is worth its cost. Nobody's updates, what is no Candid, and what is larger than any sense of its
 * method are not: the method would refuse them as well, after the canister has paid for them. Who may call what is left to
 * the methods: keys cost nothing, so a look at them here would keep nobody out and hide the reason from those who err. Only
 * an opening, a hundred times as large as anything else, must be the one that the canister waits for from this very node.
 */
export function isWorthwhile(
    course: Pick<Course, 'expectedOpeningBytes'>,
    { method, argument, caller, isUpdate }: Ingress
): boolean {
    if ((caller.isAnonymous() && isUpdate) || !beginsAsCandid(argument)) return false;
    if (argument.length <= (LIMITS[method] ?? OTHER_BYTES)) return true;
    return method === 'open_poc' && argument.length <= (course.expectedOpeningBytes(caller) ?? 0) + MARGIN_BYTES;
}
