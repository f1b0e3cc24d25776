import type { Principal } from '@dfinity/principal';
import { collectPage } from '../../../src/core/page';
import { samePrincipal } from '../../../src/core/principals';
import type { Job, Payer } from './job';
import type { JobBook } from './job_book';

/** An owner's jobs, newest first; at most a page. */
export function listJobs(book: JobBook, owner: Principal, start: bigint, take: bigint): readonly Job[] {
    const { jobIdsByOwner } = book.tables;
    const length = jobIdsByOwner.length(owner);
    return collectPage(start, take, length, (index) => {
        const id = jobIdsByOwner.get(owner, length - 1n - index);
        return id === undefined ? undefined : book.get(id);
    });
}

/** The same, of jobs that the gateway has submitted for the owner. */
export function listJobsOf(
    book: JobBook,
    gateway: Principal,
    owner: Principal,
    start: bigint,
    take: bigint
): readonly Job[] {
    return listJobs(book, owner, start, take).filter((job) => samePrincipal(job.submitter, gateway));
}

/** An owner's jobs that ended in failure, newest first; at most a page. What is older than the retention is gone. */
export function listDeadJobs(book: JobBook, owner: Principal, start: bigint, take: bigint): readonly Job[] {
    const { deadIdsByOwner } = book.tables;
    const length = deadIdsByOwner.length(owner);
    return collectPage(start, take, length, (index) => {
        const id = deadIdsByOwner.get(owner, length - 1n - index);
        return id === undefined ? undefined : book.get(id);
    });
}

/** The job that a payer's idempotency key made, as long as the key is remembered. */
export function findJob(book: JobBook, payer: Payer, key: string): Job | undefined {
    const id = book.tables.jobIdsByIdempotencyKey.get({ payer, key });
    return id === undefined ? undefined : book.get(id);
}
