import { NS_PER_S } from '../../../src/core/clock';
import { freeSlots } from './node';
import type { Job } from './job';
import type { JobBook } from './job_book';
import { isAllowed, isExcluded, servingNodes } from './claim';
import type { Lack } from './lacks';
import { isAnotherRunning } from './sessions';

/** Why an unfinished job does not run; closed list of codes. */
export type WhyNot =
    | 'AwaitingHold'
    | 'BackingOff'
    | 'NoNodeForModel'
    /** Nodes offer the app and lack what it asks for. */
    | 'NoNodeWithE'
    | 'NoNodeInRegion'
    | 'NoNodeWithVram'
    | 'NoNodeWithQuantization'
    | 'NoAllowedNode'
    | 'AllNodesFull'
    | 'AwaitingConversation'
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

const UNSERVED: Readonly<Record<Lack, WhyNot>> = {
    E: 'NoNodeWithE',
    Region: 'NoNodeInRegion',
    Vram: 'NoNodeWithVram',
    Quantization: 'NoNodeWithQuantization'
};

/** A node that wants to serve an app asks again within minutes, and one that did is looked at every few minutes. */
const SHORTFALL_NS = 600n * NS_PER_S;

function whyUnserved({ tables: { shortfalls } }: JobBook, { appId }: Job, nowNs: bigint): WhyNot {
    const shortfall = shortfalls.get(appId);
    const isFresh = shortfall !== undefined && nowNs < shortfall.atNs + SHORTFALL_NS;
    return isFresh ? UNSERVED[shortfall.lacks] : 'NoNodeForModel';
}

function whyQueued(book: JobBook, job: Job, nowNs: bigint): WhyNot {
    const serving = servingNodes(book, job.appId, nowNs);
    if (serving.length === 0) return whyUnserved(book, job, nowNs);
    const allowed = serving.filter(({ node }) => isAllowed(job, node));
    if (allowed.length === 0) return 'NoAllowedNode';
    if (isAnotherRunning(book.tables, job)) return 'AwaitingConversation';
    const others = allowed.filter(({ node }) => !isExcluded(job, node));
    // Where all have failed it, each may try again.
    const suitable = others.length > 0 ? others : allowed;
    if (BigInt(book.loadOf(job.payer).leased) >= book.tables.limits.get().maxLeasedPerPayer) return 'PayerAtLimit';
    return suitable.every((attachment) => freeSlots(attachment, book.tables.leases.get(attachment.node)) === 0)
        ? 'AllNodesFull'
        : 'AwaitingClaim';
}
