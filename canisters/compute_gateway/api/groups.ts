import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { err, mapOk, type Result } from '../../../src/core/result';
import { openRequest } from '../clients/hub';
import { isGateway } from '../domain/gateways';
import { cancelGroup, openGroup, settleGroup, shardsOf, visibleShards, type GroupOrder } from '../domain/groups';
import type { Job } from '../domain/job';
import { listDeadJobs } from '../domain/listing';
import { redriveSubmission } from '../domain/redrive';
import type { SubmitError } from '../domain/submit';
import { deliverSoon } from '../jobs/deliver_outbox';
import { book, env, peers, tables } from '../wiring';
import {
    CancelGroupAnswer,
    GetGroupAnswer,
    JobView,
    RedriveJobAnswer,
    SubmitGroupAnswer,
    SubmitGroupArgs,
    type GroupView
} from './idl';
import { fromSubmitGroupArgs, signedIn, toGroupView, toJobView } from './mappers';
import { submitted } from './submitted';

export class Groups {
    /** Anyone signed in, as the payer; a whitelisted gateway for the owner of an API key. All shards are paid, or none runs. */
    @update([SubmitGroupArgs], SubmitGroupAnswer.idl)
    async submit_group(args: SubmitGroupArgs) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return SubmitGroupAnswer.of(caller);
        const order = fromSubmitGroupArgs(args, caller.value);
        if (!order.ok) return SubmitGroupAnswer.of(order);
        return SubmitGroupAnswer.of(mapOk(await opened(order.value), view));
    }

    /** The payer and the submitter. */
    @query([IDL.Nat64], GetGroupAnswer.idl)
    get_group(id: bigint) {
        return GetGroupAnswer.of(mapOk(visibleShards(book, id, env.caller()), (jobs) => viewOf(id, jobs)));
    }

    /** The payer and the submitter. */
    @update([IDL.Nat64], CancelGroupAnswer.idl, SERVED_WHILE_PAUSED)
    cancel_group(id: bigint) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return CancelGroupAnswer.of(caller);
        const jobs = cancelGroup(book, id, caller.value, env.nowNs());
        deliverSoon();
        return CancelGroupAnswer.of(mapOk(jobs, (shards) => viewOf(id, shards)));
    }

    /** Anyone: the caller's own jobs that ended in failure, newest first; at most 100 at a time. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(JobView))
    list_dead_jobs(start: bigint, take: bigint): JobView[] {
        return listDeadJobs(book, env.caller(), start, take).map((job) => toJobView(book, job, env.nowNs()));
    }

    /** The failed job's owner and its submitter: tries it once more, as a new job with a hold of its own. */
    @update([IDL.Nat64], RedriveJobAnswer.idl)
    async redrive_job(jobId: bigint) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return RedriveJobAnswer.of(caller);
        const submission = redriveSubmission(book, jobId, caller.value);
        if (!submission.ok) return RedriveJobAnswer.of(submission);
        const job = await submitted(submission.value);
        return RedriveJobAnswer.of(mapOk(job, (redriven) => toJobView(book, redriven, env.nowNs())));
    }
}

function view(id: bigint): GroupView {
    return viewOf(id, shardsOf(book, id));
}

function viewOf(id: bigint, jobs: readonly Job[]): GroupView {
    return toGroupView(book, id, jobs, env.nowNs());
}

/** Writes all intents, asks the hub for all holds at once, and brings the answers in. */
async function opened(order: GroupOrder): Promise<Result<bigint, SubmitError>> {
    const { payer, submitter } = order.common;
    if (payer.kind === 'ApiKey' && !isGateway(tables, submitter)) return err({ kind: 'Unauthorized' });
    const group = openGroup(book, order, env.nowNs());
    if (!group.ok) return group;
    const answers = await Promise.all(group.value.requests.map((request) => openRequest(peers, request)));
    const settled = settleGroup(book, group.value, answers, env.nowNs());
    deliverSoon();
    return settled;
}
