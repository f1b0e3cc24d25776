/** Where an answer comes from: a job of the queue, or a call of a session. */
export type Origin =
    | { readonly kind: 'job'; readonly jobId: bigint }
    | { readonly kind: 'session'; readonly sessionId: bigint; readonly call: number };

/** What an answer's `id` ends with. */
export function originId(origin: Origin): string {
    return origin.kind === 'job' ? `${origin.jobId}` : `s${origin.sessionId}-${origin.call}`;
}

/** The header that names it. */
export function originHeader(origin: Origin): readonly [name: string, value: string] {
    return origin.kind === 'job'
        ? ['x-emc-job-id', `${origin.jobId}`]
        : ['x-emc-session-id', `${origin.sessionId}-${origin.call}`];
}
