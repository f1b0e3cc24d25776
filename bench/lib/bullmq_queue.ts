/** What both ends of the BullMQ comparison agree on. */
export const QUEUE = 'jobs';

/** How BullMQ reaches the private Redis. */
export function connectionOf(socket: string): { readonly path: string; readonly maxRetriesPerRequest: null } {
    return { path: socket, maxRetriesPerRequest: null };
}
