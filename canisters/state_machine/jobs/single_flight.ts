import { NS_PER_S } from '../../../src/core/clock';

/** A run that has not come back by then is taken for lost: its continuation may have trapped. */
const PATIENCE_NS = 120n * NS_PER_S;

/** Lets one run of a job be under way at a time. Heap only: an upgrade ends every run. */
export class SingleFlight {
    private startedNs: bigint | undefined;

    constructor(private readonly nowNs: () => bigint) {}

    /** Runs the job unless one is under way. */
    async run(job: () => Promise<void>): Promise<void> {
        const startedNs = this.nowNs();
        if (this.startedNs !== undefined && startedNs - this.startedNs < PATIENCE_NS) return;
        this.startedNs = startedNs;
        try {
            await job();
        } finally {
            this.startedNs = undefined;
        }
    }
}
