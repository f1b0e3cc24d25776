/**
 * The line on which a gateway and a node tell each other what the chain will tell them later (compute.md §5.6): one HTTP
 * request of the node, whose body and answer both grow, one JSON value per line, as a session's. Nothing rests on a hint: it
 * is a reason to look now.
 */
export const HINT_PATH = '/hints';

/** In the place of a session's number in the proof that opens the line: no session has it. */
export const HINT_LINE = 2n ** 64n - 1n;

/** What the gateway says: a job of the app waits. */
export interface QueuedHint {
    readonly kind: 'queued';
    readonly appId: string;
}

/** What has become of a job: a node has it, or has done with it. */
export type JobNews = 'begun' | 'ended';

/** What the node says of a job, whose number is in decimal digits. */
export interface JobHint {
    readonly kind: JobNews;
    readonly jobId: string;
}
