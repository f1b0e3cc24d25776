import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import { isParty } from './finish';
import type { JobBook } from './job_book';
import { RESERVED_KEY, type Submission } from './submit';

/**
 * A failed job once more, as a new job with a hold of its own, as long as its input is kept. The same question again is
 * the same new job; what fails again has failed.
 */
export function redriveSubmission(
    book: JobBook,
    jobId: bigint,
    caller: Principal
): Result<Submission, ErrorOf<'NotFound' | 'Unauthorized' | 'NotRedrivable'>> {
    const job = book.get(jobId);
    if (job === undefined) return err({ kind: 'NotFound' });
    if (!isParty(job, caller)) return err({ kind: 'Unauthorized' });
    const input = book.tables.inputs.get(jobId);
    const isOfSocket = job.socket !== undefined;
    const isDead = job.state.kind === 'Failed' || job.state.kind === 'TimedOut';
    if (!isDead || isOfSocket || job.redriveOf !== undefined || input === undefined)
        return err({ kind: 'NotRedrivable' });
    const { appId, payer, submitter, maxCredits, priority, sessionKey, isByReference } = job;
    const ttlS = (job.expiresAtNs - job.createdAtNs) / NS_PER_S;
    const idempotencyKey = `${RESERVED_KEY}redrive:${jobId}`;
    const same = { appId, payer, submitter, maxCredits, priority, sessionKey, isByReference, input };
    return ok({ ...same, ttlS, idempotencyKey, redriveOf: jobId });
}
