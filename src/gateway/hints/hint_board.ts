import type { JobNews, QueuedHint } from '../../core/compute/hint_wire';

/** Lines of nodes at a time. */
const MAX_LINES = 1_024;

/** Passes on, between requests that wait for jobs and nodes that work, what either has just learned. */
export class HintBoard {
    private readonly lines = new Set<(hint: QueuedHint) => void>();
    private readonly waiting = new Map<bigint, Set<(news: JobNews) => void>>();

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

    /** A node says something of a job. Of others' jobs nobody here wants to know. */
    told(jobId: bigint, news: JobNews): void {
        for (const hear of this.waiting.get(jobId) ?? []) hear(news);
    }

    /** Hears what nodes say of the job; answers how that stops. */
    listen(jobId: bigint, hear: (news: JobNews) => void): () => void {
        const all = this.waiting.get(jobId) ?? new Set();
        this.waiting.set(jobId, all.add(hear));
        return () => {
            all.delete(hear);
            if (all.size === 0) this.waiting.delete(jobId);
        };
    }
}
