import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorText } from '../../client/error_text';
import { sleep } from '../../client/wait';
import { fromHex, toHex } from '../../core/bytes';
import { DELIVERY_CONTENT_TYPE } from '../../core/compute/direct_delivery';
import { linesOf } from '../delivery/lines';
import type { Intake, LiveResult } from '../delivery/live_result';
import type { Job } from '../ports';
import type { Context } from './context';
import { parseJson } from '../../core/json';

const Frame = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string() }),
    z.object({ kind: z.literal('bytes'), base64: z.base64() }),
    z.object({ kind: z.literal('end'), outputHash: z.string(), details: z.string().max(1_024) })
]);

interface Params {
    readonly jobId: string;
    readonly attempt: string;
}

/** How a delivery ends, as an HTTP status: 200 with the acknowledgement, or why not. */
type Outcome = 200 | 400 | 401 | 404 | 409 | 410 | 413 | 503;

/** Largest result and longest line of it that a node may hand over. */
const LIMITS = { maxBytes: 64 * 1_048_576, lineBytes: 1_048_576 };

const LEASE = /^Lease ([0-9a-f]{64})$/;

/**
 * `POST /deliveries/JOB/ATTEMPT`: the node that holds the lease hands the result over, as it is generated. It proves
 * itself by a hash of the lease's token, which the canister tells only to those who may know the job.
 */
export function addDeliveries(server: FastifyInstance, context: Context): void {
    server.addContentTypeParser(DELIVERY_CONTENT_TYPE, (_request, _payload, done) => done(null));
    server.post<{ Params: Params }>('/deliveries/:jobId/:attempt', async (request, reply) => {
        const { jobId, attempt } = request.params;
        const isNamed = /^\d{1,20}$/.test(jobId) && /^\d{1,9}$/.test(attempt);
        const expected = isNamed ? await context.lives.find(BigInt(jobId)) : undefined;
        const ack = expected?.ack;
        const isWanted = expected !== undefined && ack !== undefined;
        const outcome = isWanted ? await received(context, expected.live, request) : 404;
        context.metrics.delivery(outcome);
        return outcome === 200 && ack !== undefined ? { ack: toHex(ack) } : refuse(request, reply, outcome);
    });
}

async function received(
    context: Context,
    live: LiveResult,
    request: FastifyRequest<{ Params: Params }>
): Promise<Outcome> {
    const { jobId, attempt } = request.params;
    const isHolder = await holdsLease(context, BigInt(jobId), Number(attempt), request.headers.authorization);
    if (isHolder !== 200) return isHolder;
    const intake = live.intake(Number(attempt), LIMITS);
    if (intake === undefined) return 409;
    const outcome = await Promise.race([taken(request.raw, intake), whenAbandoned(live)]);
    return outcome === 200 ? kept(context, BigInt(jobId), live, request) : outcome;
}

/** The node is told that its result was taken when a crash cannot lose it any more; otherwise it goes by the chain. */
async function kept(context: Context, jobId: bigint, live: LiveResult, request: FastifyRequest): Promise<200 | 503> {
    try {
        if (live.finished !== undefined) await context.results.put(jobId, live.finished);
        return 200;
    } catch (failure) {
        request.log.error({ job_id: `${jobId}`, error: errorText(failure) }, 'result_not_kept');
        return 503;
    }
}

async function holdsLease(context: Context, jobId: bigint, attempt: number, header = ''): Promise<200 | 401 | 503> {
    const presented = fromHex(LEASE.exec(header)?.[1] ?? '');
    if (presented?.length !== 32) return 401;
    try {
        const job = await seenAt(context, jobId, attempt);
        const isSame =
            job?.leaseHash !== undefined && job.attempt === attempt && timingSafeEqual(job.leaseHash, presented);
        return isSame ? 200 : 401;
    } catch {
        return 503;
    }
}

/** How often, and how far apart, a job is looked at whose lease is not to be seen yet. */
const BEHIND = { looks: 5, pauseMs: 400 };

/** The job as it is with this attempt or a later one: the replica that answers may be behind the one that granted the lease. */
async function seenAt({ jobs }: Context, jobId: bigint, attempt: number): Promise<Job | undefined> {
    for (let left = BEHIND.looks; ; left--) {
        const job = await jobs.get(jobId);
        if (job === undefined || job.attempt >= attempt || left <= 1) return job;
        await sleep(BEHIND.pauseMs);
    }
}

function whenAbandoned(live: LiveResult): Promise<410> {
    return new Promise((resolve) => {
        if (live.abandoned.aborted) resolve(410);
        live.abandoned.addEventListener('abort', () => resolve(410), { once: true });
    });
}

async function taken(body: AsyncIterable<Uint8Array>, intake: Intake): Promise<Outcome> {
    try {
        for await (const line of linesOf(body, LIMITS.lineBytes)) {
            const frame = Frame.safeParse(parseJson(line));
            if (!frame.success) return 400;
            const result = intake.take(frame.data);
            if (!result.ok) return PROBLEM_STATUS[result.error];
            if (result.value === 'complete') return 200;
        }
        return 400;
    } catch {
        // The node has gone in the middle: its next attempt, or another node's, begins anew.
        return 400;
    }
}

const PROBLEM_STATUS = {
    superseded: 409,
    diverged: 410,
    too_large: 413,
    malformed: 400,
    wrong_hash: 400
} as const;

/** How long a node may go on sending what is refused. */
const REFUSED_MS = 5_000;

/**
 * The node ends the request when it reads the refusal. Closing the connection on it would reset it, and could take the
 * refusal along.
 */
function refuse(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply, outcome: Outcome): FastifyReply {
    const { raw } = request;
    raw.on('error', () => undefined).resume();
    const late = setTimeout(() => raw.destroy(), REFUSED_MS).unref();
    raw.once('close', () => clearTimeout(late));
    return reply.code(outcome).send({ error: outcome });
}
