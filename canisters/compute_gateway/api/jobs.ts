import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from '../domain/errors';
import { cancel, isParty } from '../domain/finish';
import { isGateway } from '../domain/gateways';
import type { Job } from '../domain/job';
import { findJob, listJobs, listJobsOf } from '../domain/listing';
import type { SubmitError } from '../domain/submit';
import { deliverSoon } from '../jobs/deliver_outbox';
import { book, env, tables } from '../wiring';
import {
    CancelJobAnswer,
    FindJobAnswer,
    FindJobArgs,
    GetJobAnswer,
    InputRef,
    JobView,
    SubmitJobAnswer,
    SubmitJobArgs
} from './idl';
import { fromCandidPayer, fromReferringArgs, fromSubmitJobArgs, signedIn, toJobView, type ViewDetail } from './mappers';
import { encodeJobAnswer } from './encode_job';
import { submitted } from './submitted';

export class Jobs {
    /** Anyone signed in, as the payer; a whitelisted gateway for the owner of an API key. */
    @update([SubmitJobArgs], SubmitJobAnswer.idl)
    submit_job(args: SubmitJobArgs) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return SubmitJobAnswer.of(caller);
        const submission = fromSubmitJobArgs(args, caller.value);
        return submission.ok ? submitted(submission.value).then(toSubmitAnswer) : SubmitJobAnswer.of(submission);
    }

    /**
     * Anyone signed in, as the payer; a whitelisted gateway for the owner of an API key. The same for an input that is too
     * large to be inline: the node that runs the job fetches it and checks its hash.
     */
    @update([SubmitJobArgs, InputRef], SubmitJobAnswer.idl)
    submit_job_by_reference(args: SubmitJobArgs, reference: InputRef) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return SubmitJobAnswer.of(caller);
        const submission = fromReferringArgs(args, reference, caller.value);
        return submission.ok ? submitted(submission.value).then(toSubmitAnswer) : SubmitJobAnswer.of(submission);
    }

    /** The job's owner, its submitter, and controllers. */
    @query([IDL.Nat64], GetJobAnswer.idl)
    get_job(jobId: bigint) {
        return GetJobAnswer.of(
            mapOk(visibleJob(jobId, env.caller()), (job) => view(job, { output: true, whyNot: true }))
        );
    }

    /** Anyone: the caller's own jobs, newest first, without their outputs; at most 100 at a time. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(JobView))
    list_jobs(start: bigint, take: bigint): JobView[] {
        return listJobs(book, env.caller(), start, take).map((job) => view(job, { whyNot: true }));
    }

    /** A listed gateway: the jobs that it has submitted for an owner, newest first; looks at no more than 100 of the owner's. */
    @query([IDL.Principal, IDL.Nat64, IDL.Nat64], IDL.Vec(JobView))
    list_jobs_of(owner: Principal, start: bigint, take: bigint): JobView[] {
        const gateway = env.caller();
        if (!isGateway(tables, gateway)) return [];
        return listJobsOf(book, gateway, owner, start, take).map((job) => view(job, { whyNot: true }));
    }

    /** The job's owner, its submitter, and controllers: what an idempotency key has made. */
    @query([FindJobArgs], FindJobAnswer.idl)
    find_job({ payer, idempotency_key }: FindJobArgs) {
        const read = fromCandidPayer(payer, env.caller());
        if (!read.ok) return FindJobAnswer.of(read);
        const found = findJob(book, read.value, idempotency_key);
        if (found === undefined) return FindJobAnswer.of(err({ kind: 'NotFound' }));
        return FindJobAnswer.of(
            mapOk(visibleJob(found.id, env.caller()), (job) => view(job, { output: true, whyNot: true }))
        );
    }

    /** The job's owner and its submitter. */
    @update([IDL.Nat64], CancelJobAnswer.idl, SERVED_WHILE_PAUSED)
    cancel_job(jobId: bigint) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return CancelJobAnswer.of(caller);
        const job = cancel(book, jobId, caller.value, env.nowNs());
        deliverSoon();
        return CancelJobAnswer.of(mapOk(job, (cancelled) => view(cancelled)));
    }
}

function visibleJob(jobId: bigint, caller: Principal): Result<Job, ErrorOf<'NotFound' | 'Unauthorized'>> {
    const job = book.get(jobId);
    if (job === undefined) return err({ kind: 'NotFound' });
    return isParty(job, caller) || env.isController(caller) ? ok(job) : err({ kind: 'Unauthorized' });
}

/** A job that was known already is shown with all that is known; a new one waits, and there is nothing more to it. */
function toSubmitAnswer(job: Result<Job, SubmitError>) {
    if (job.ok && job.value.state.kind === 'Queued') return encodeJobAnswer(job.value);
    return SubmitJobAnswer.of(mapOk(job, (known) => view(known, { output: true })));
}

function view(job: Job, detail?: ViewDetail): JobView {
    return toJobView(book, job, env.nowNs(), detail);
}
