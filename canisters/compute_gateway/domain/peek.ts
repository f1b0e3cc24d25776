import type { Principal } from '@dfinity/principal';
import { mayServe } from './claim';
import type { JobBook } from './job_book';
import { freeSlots } from './node';
import { nodeAccess } from './nodes';

/** Apps that one question may name. */
const MAX_PEEKED_APPS = 32;

/**
 * Jobs of these apps that wait, for whoever thinks of claiming some. An attached node is told of those apps alone of which a claim could
 * bring it a job now: apps that it serves, while it has a free slot, with a job among the first that the claim would look at
 * which this node may have. Anybody else is told of all that wait: to a claim that is refused a node attaches anew. Something
 * that is overdue counts as one more: it may be a lost lease, which the next claim would free at once, without waiting for the timer.
 */
export function countQueued(book: JobBook, appIds: readonly string[], nowNs: bigint, caller?: Principal): bigint {
    const named = appIds.slice(0, MAX_PEEKED_APPS);
    const within = caller === undefined ? named : claimable(book, named, nowNs, caller);
    if (within === undefined) return 0n;
    const overdue = book.isOverdue(nowNs) ? 1n : 0n;
    return within.reduce((sum, appId) => sum + book.queue.length(appId), overdue);
}

/** The apps of which a claim could bring the caller something; undefined when it would be refused or has no room. */
function claimable(
    book: JobBook,
    appIds: readonly string[],
    nowNs: bigint,
    caller: Principal
): readonly string[] | undefined {
    const access = nodeAccess(book.tables, caller, nowNs);
    const attachment = book.tables.attachments.get(caller);
    if (attachment === undefined || (access.kind === 'Refused' && access.error.kind === 'NotAttached')) return appIds;
    if (access.kind === 'Refused' || freeSlots(attachment, book.tables.leases.get(caller)) === 0) return undefined;
    return appIds.filter((appId) => attachment.apps.includes(appId) && hasJobFor(book, appId, nowNs, caller));
}

function hasJobFor(book: JobBook, appId: string, nowNs: bigint, node: Principal): boolean {
    return book.queue.mayHold(appId, (id) => {
        const job = book.get(id);
        return job !== undefined && mayServe(book, node, job, nowNs);
    });
}
