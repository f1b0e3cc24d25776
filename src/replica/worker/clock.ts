import { performance } from 'node:perf_hooks';

/** Wall clock in nanoseconds since 1970, with the resolution of the performance counter. */
export function wallClockNs(): bigint {
    // Microseconds since 1970 still fit a double; nanoseconds do not.
    return BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
