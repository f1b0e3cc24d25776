import type { QueuedHint } from '../../core/compute/hint_wire';

/** Lines of nodes at a time. */
const MAX_LINES = 1_024;

/** Passes on, between requests that wait for jobs and nodes that work, what either has just learned. */
export class HintBoard {
    private readonly lines = new Set<(hint: QueuedHint) => void>();
    private readonly waiting = new Map<bigint, Set<() => void>>();

    /** Whether any node listens: then the end of a job is heard of, and looks for it may be rare. */
    get isHeard(): boolean {
        return this.lines.size > 0;
    }

    get isFull(): boolean {
        return this.lines.size >= MAX_LINES;
    }

    /** A node listens; answers how it stops. */
    connect(send: (hint: QueuedHint) => void): () => void {
        this.lines.add(send);
        return () => this.lines.delete(send);
    }

    /** A job of the app was submitted. */
    queued(appId: string): void {
        for (const send of this.lines) send({ kind: 'queued', appId });
    }

    /** A node says that it has done with a job. Of others' jobs nobody here wants to know. */
    ended(jobId: bigint): void {
        for (const wake of this.waiting.get(jobId) ?? []) wake();
    }

    /** Has `wake` called when a node says that it has done with the job; answers how that stops. */
    await(jobId: bigint, wake: () => void): () => void {
        const all = this.waiting.get(jobId) ?? new Set();
        this.waiting.set(jobId, all.add(wake));
        return () => {
            all.delete(wake);
            if (all.size === 0) this.waiting.delete(jobId);
        };
    }
}
