import { samePrincipal } from '../../../src/core/principals';
import { freeSlots } from './node';
import type { Job } from './job';
import type { JobBook } from './job_book';
import { isExcluded, servingNodes } from './claim';

/** Why an unfinished job does not run; closed list of codes. */
export type WhyNot =
    | 'AwaitingHold'
    | 'BackingOff'
    | 'NoNodeForModel'
    | 'NoAllowedNode'
    | 'AllNodesFull'
    | 'AllNodesExcluded'
    | 'PayerAtLimit'
    | 'AwaitingClaim';

/** Diagnosis of a job that waits; undefined for one that runs or has ended. */
export function whyNot(book: JobBook, job: Job, nowNs: bigint): WhyNot | undefined {
    switch (job.state.kind) {
        case 'Opening':
            return 'AwaitingHold';
        case 'Waiting':
            return 'BackingOff';
        case 'Queued':
            return whyQueued(book, job, nowNs);
        default:
            return undefined;
    }
}

function whyQueued(book: JobBook, job: Job, nowNs: bigint): WhyNot {
    const serving = servingNodes(book, job.appId, nowNs);
    if (serving.length === 0) return 'NoNodeForModel';
    const allowed = serving.filter(({ node }) => job.nodes?.some((other) => samePrincipal(other, node)) ?? true);
    if (allowed.length === 0) return 'NoAllowedNode';
    const suitable = allowed.filter((attachment) => !isExcluded(job, attachment.node));
    if (suitable.length === 0) return 'AllNodesExcluded';
    if (BigInt(book.loadOf(job.payer).leased) >= book.tables.limits.get().maxLeasedPerPayer) return 'PayerAtLimit';
    return suitable.every((attachment) => freeSlots(attachment, book.tables.leases.get(attachment.node)) === 0)
        ? 'AllNodesFull'
        : 'AwaitingClaim';
}
