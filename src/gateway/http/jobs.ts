import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { err, ok, type Result } from '../../core/result';
import type { Job, JobState } from '../ports';
import { keptResult, submit } from '../run_job';
import { callerOf, listModels, sendError, type Caller, type Context } from './context';
import { invalidBody, placeOrder, tooLargeForQueue, type Endpoint } from './endpoint';
import { fromJob, jobNotFound, notKept, type ApiError } from './errors';
import { readJobBody } from './job_body';

interface JobParams {
    readonly id: string;
}

const JobId = z.string().regex(/^job_\d{1,20}$/);

const ListQuery = z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    start: z.coerce.number().int().min(0).default(0)
});

const STATUS: { readonly [State in JobState]: string } = {
    Queued: 'queued',
    Leased: 'in_progress',
    Completed: 'completed',
    Failed: 'failed',
    TimedOut: 'timed_out',
    Cancelling: 'cancelling',
    Cancelled: 'cancelled',
    Expired: 'expired'
};

/**
 * `/v1/jobs`: requests of the other endpoints that nobody waits for. `POST {url, body, ttl_s?}` answers 202 with a job, and so
 * does `{url, model, input: {sha256, size, locators}, max_units?, ttl_s?}` for an input that is too large to be sent along;
 * `GET /v1/jobs/ID` its state and result, `POST /v1/jobs/ID/cancel` and `DELETE` call it off, `GET` lists the caller's.
 */
export function addJobRoutes(server: FastifyInstance, context: Context, endpoints: readonly Endpoint[]): void {
    server.post('/v1/jobs', async (request, reply) => {
        const job = await submitted(context, endpoints, request);
        return job.ok ? reply.code(202).send(toView(job.value)) : sendError(reply, job.error);
    });
    server.get('/v1/jobs', (request, reply) => listed(context, request, reply));
    server.get<{ Params: JobParams }>('/v1/jobs/:id', async (request, reply) => {
        const job = await ownJob(context, request);
        return job.ok ? withResult(context, endpoints, job.value) : sendError(reply, job.error);
    });
    const cancel = (request: FastifyRequest<{ Params: JobParams }>, reply: FastifyReply) =>
        cancelled(context, request, reply);
    server.post<{ Params: JobParams }>('/v1/jobs/:id/cancel', cancel);
    server.delete<{ Params: JobParams }>('/v1/jobs/:id', cancel);
}

async function submitted(
    context: Context,
    endpoints: readonly Endpoint[],
    request: FastifyRequest
): Promise<Result<Job, ApiError>> {
    const { keyHash } = callerOf(request);
    const read = readJobBody(request.body, endpoints, context);
    if (!read.ok) return read;
    const { endpoint, ask, ttlS } = read.value;
    const terms = { ask, keyHash, ttlS, priority: 'Batch', mayDeliver: false } as const;
    const order = await placeOrder(context, endpoint, request, terms);
    if (!order.ok) return order;
    const problem = tooLargeForQueue(order.value, context);
    if (problem !== undefined) return err(problem);
    const open = await context.journal.opening(order.value.job);
    const job = await submit(context.jobs, order.value.job);
    // From here on the client knows the job, or nobody can say: then nobody will ask for it either.
    if (!job.ok && job.error.code === 'unavailable') open.unanswered();
    else open.closed();
    return job;
}

/** A job that the caller pays for; others' look as if they did not exist. */
async function ownJob(
    context: Context,
    request: FastifyRequest<{ Params: JobParams }>
): Promise<Result<Job, ApiError>> {
    const id = JobId.safeParse(request.params.id);
    const job = id.success ? await context.jobs.get(BigInt(id.data.slice('job_'.length))) : undefined;
    return job !== undefined && isOwn(job, callerOf(request)) ? ok(job) : err(jobNotFound());
}

function isOwn(job: Job, { owner }: Caller): boolean {
    return job.owner === owner;
}

async function cancelled(
    context: Context,
    request: FastifyRequest<{ Params: JobParams }>,
    reply: FastifyReply
): Promise<object> {
    const job = await ownJob(context, request);
    if (!job.ok) return sendError(reply, job.error);
    await context.journal.cancel(job.value.jobId);
    return toView((await context.jobs.get(job.value.jobId)) ?? job.value);
}

/** Pages are counted from the newest of the owner's jobs; those that came another way are left out of them. */
async function listed(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const query = ListQuery.safeParse(request.query);
    if (!query.success) return sendError(reply, invalidBody(query.error));
    const { start, limit } = query.data;
    const jobs = await context.jobs.list(callerOf(request).owner, BigInt(start), BigInt(limit));
    return { object: 'list', data: jobs.map((job) => toView(job)), next_start: start + limit };
}

async function withResult(context: Context, endpoints: readonly Endpoint[], job: Job): Promise<object> {
    if (job.state !== 'Completed') return toView(job);
    const kind = (await listModels(context)).find(({ appId }) => appId === job.appId)?.kind;
    const endpoint = endpoints.find((other) => other.kind === kind);
    const kept = await keptResult(job, context.results);
    if (endpoint === undefined || kept === undefined) return toView(job, err(notKept()));
    return toView(job, endpoint.answer(job.appId, kept));
}

function toView(job: Job, result?: Result<object, ApiError>): object {
    const problem = result?.ok === false ? result.error : fromJob(job);
    return {
        id: `job_${job.jobId}`,
        object: 'job',
        status: STATUS[job.state],
        model: job.appId,
        created_at: Math.floor(job.createdAtMs / 1_000),
        finished_at: job.finishedAtMs === undefined ? null : Math.floor(job.finishedAtMs / 1_000),
        attempt: job.attempt,
        why_not: job.whyNot ?? null,
        result: result?.ok ? result.value : null,
        error: problem === undefined ? null : { code: problem.code, message: problem.message }
    };
}
