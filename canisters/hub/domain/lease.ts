import type { Cell } from '../../../src/core/table';

/** Long enough for every call of one settlement step; short enough that an interrupted run does not block for good. */
const LEASE_NS = 600_000_000_000n;

/**
 * Lets one run at a time go on across its awaits. It expires by itself, because a trap in a callback takes the release
 * back with everything else; what an expired run still does is refused by the settlement's revision.
 */
export class Lease {
    constructor(private readonly untilNs: Cell<bigint>) {}

    isTaken(nowNs: bigint): boolean {
        return nowNs < this.untilNs.get();
    }

    /** Takes the lease, or answers false. */
    take(nowNs: bigint): boolean {
        if (this.isTaken(nowNs)) return false;
        this.untilNs.set(nowNs + LEASE_NS);
        return true;
    }

    /** Keeps a lease that makes progress. */
    extend(nowNs: bigint): void {
        this.untilNs.set(nowNs + LEASE_NS);
    }

    release(): void {
        this.untilNs.set(0n);
    }
}
