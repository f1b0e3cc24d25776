import { within } from '../../client/wait';
import { LiveResult } from './live_result';

/** How long a delivery waits for the name of its job. */
const NAMING_MS = 10_000;

interface Entry {
    readonly live: LiveResult;
    /** Secret that acknowledges the result, where it is taken directly. */
    readonly ack?: Uint8Array;
    waiting: number;
}

/**
 * Results that somebody waits for, by job. Whoever asks the same again, by an idempotency key, waits with the first; the
 * job is given up only when all have left.
 */
export class LiveResults {
    private readonly entries = new Map<bigint, Entry>();
    /** Submissions whose jobs have no names yet. */
    private readonly unnamed = new Set<Promise<void>>();

    /** What a node may deliver to. A node may have a job before the answer to its submission has arrived here. */
    async find(jobId: bigint): Promise<{ readonly live: LiveResult; readonly ack?: Uint8Array } | undefined> {
        if (!this.entries.has(jobId)) await within(NAMING_MS, Promise.all(this.unnamed));
        return this.entries.get(jobId);
    }

    /** A submission is on its way; the answer is called when its job is joined, or when there is none. */
    expect(): () => void {
        let arrived = (): void => undefined;
        const naming = new Promise<void>((resolve) => (arrived = resolve));
        this.unnamed.add(naming);
        return () => {
            this.unnamed.delete(naming);
            arrived();
        };
    }

    join(jobId: bigint, ack?: Uint8Array): LiveResult {
        const entry = this.entries.get(jobId) ?? { live: new LiveResult(), waiting: 0, ack };
        entry.waiting++;
        this.entries.set(jobId, entry);
        return entry.live;
    }

    /** Whether nobody waits any more. */
    leave(jobId: bigint): boolean {
        const entry = this.entries.get(jobId);
        if (entry === undefined) return true;
        entry.waiting--;
        if (entry.waiting > 0) return false;
        this.entries.delete(jobId);
        if (entry.live.finished === undefined) entry.live.abandon();
        return true;
    }
}
