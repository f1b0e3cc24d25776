import type { Principal } from '@dfinity/principal';

/** All that a message may ask of its surroundings; domain code gets it as arguments, never by itself. */
export interface Env {
    /** Nanoseconds since 1970, constant during a message. */
    nowNs(): bigint;
    caller(): Principal;
    self(): Principal;
    isController(who: Principal): boolean;
}
