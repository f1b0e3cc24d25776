import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { decodeEmbeddingOutput, encodeEmbeddingInput } from '../../core/compute/embedding_job';
import { maxUnitsOf } from '../../core/compute/units';
import { err, ok, type Result } from '../../core/result';
import type { JobRequest, Model } from '../ports';
import { runJob, type ClientGone, type FinishedJob } from '../run_job';
import { authenticate, listModels, sendError, type Context } from './context';
import { modelNotFound, type ApiError } from './errors';

const text = z.string().min(1, 'an input must not be empty');

const EmbeddingsRequest = z.object({
    model: z.string().min(1),
    input: z.union([text, z.array(text).min(1)]),
    encoding_format: z.enum(['float', 'base64']).default('float'),
    dimensions: z.undefined('the dimensions of these models cannot be chosen').optional()
});

const MAX_IDEMPOTENCY_KEY = 120;

interface Order {
    readonly job: JobRequest;
    readonly format: 'float' | 'base64';
}

/** `POST /v1/embeddings`, as the OpenAI API has it. Each request is one job; its id is in the header `x-emc-job-id`. */
export function addEmbeddingsRoute(server: FastifyInstance, context: Context): void {
    server.post('/v1/embeddings', async (request, reply) => {
        const order = await orderOf(context, request);
        if (!order.ok) return sendError(reply, order.error);
        const gone = clientGone(reply);
        const job = await timed(context, order.value.job, gone);
        if (!job.ok) return job.error === 'client_gone' ? reply.hijack() : sendError(reply, job.error);
        void reply.header('x-emc-job-id', `${job.value.jobId}`);
        const answer = toAnswer(job.value, order.value);
        return answer.ok ? answer.value : sendError(reply, answer.error);
    });
}

async function orderOf(context: Context, request: FastifyRequest): Promise<Result<Order, ApiError>> {
    const key = await authenticate(context, request);
    if (!key.ok) return key;
    const body = EmbeddingsRequest.safeParse(request.body);
    if (!body.success) return err(invalidRequest(body.error));
    const { model: name, input, encoding_format: format } = body.data;
    const texts = typeof input === 'string' ? [input] : input;
    const { inputsPerRequest, requestMs } = context.config.limits;
    if (texts.length > inputsPerRequest) {
        return err({ code: 'invalid_request', message: `At most ${inputsPerRequest} inputs.`, param: 'input' });
    }
    const model = (await listModels(context)).find(({ appId }) => appId === name);
    if (model === undefined || model.kind !== 'Embedding') return err(modelNotFound(name));
    const idempotencyKey = idempotencyKeyOf(request);
    if (!idempotencyKey.ok) return idempotencyKey;
    const job = {
        appId: name,
        input: encodeEmbeddingInput({ input: texts }),
        maxCredits: maxCreditsOf(model, texts),
        idempotencyKey: idempotencyKey.value,
        keyHash: key.value,
        ttlS: BigInt(Math.ceil(requestMs / 1_000))
    };
    return ok({ job, format });
}

/** The first problem, with the field it is about. */
function invalidRequest(error: z.ZodError): ApiError {
    const [issue] = error.issues;
    return { code: 'invalid_request', message: issue?.message ?? 'invalid', param: issue?.path.join('.') || undefined };
}

/** What the texts can cost at most, within the bound of the app. */
function maxCreditsOf({ unit, maxUnits, unitPriceCredits }: Model, texts: readonly string[]): bigint {
    const units = maxUnitsOf(unit, texts);
    return (units < maxUnits ? units : maxUnits) * unitPriceCredits;
}

/** The client's key, or one of our own, so that a repeated submission never makes a second job. */
function idempotencyKeyOf(request: FastifyRequest): Result<string, ApiError> {
    const given = request.headers['idempotency-key'];
    if (given === undefined) return ok(`g:${randomUUID()}`);
    if (typeof given === 'string' && given !== '' && given.length <= MAX_IDEMPOTENCY_KEY) return ok(`u:${given}`);
    return err({ code: 'invalid_request', message: 'The Idempotency-Key is empty or too long.' });
}

/** Aborted when the client closes the connection before it has its answer. */
function clientGone(reply: FastifyReply): AbortSignal {
    const gone = new AbortController();
    reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
    });
    return gone.signal;
}

async function timed(
    { jobs, config, metrics }: Context,
    request: JobRequest,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone>> {
    const startedAtMs = performance.now();
    metrics.inFlight(1);
    try {
        const options = { poll: config.poll, limitMs: config.limits.requestMs };
        const job = await runJob(jobs, request, options, signal);
        const outcome = job.ok ? 'completed' : job.error === 'client_gone' ? job.error : job.error.code;
        metrics.job(outcome, (performance.now() - startedAtMs) / 1_000);
        return job;
    } finally {
        metrics.inFlight(-1);
    }
}

function toAnswer(job: FinishedJob, { job: request, format }: Order): Result<object, ApiError> {
    const output = decodeEmbeddingOutput(job.output);
    if (!output.ok) return err({ code: 'internal_error', message: 'The node delivered a malformed result.' });
    const { embeddings, promptTokens } = output.value;
    const data = embeddings.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: format === 'base64' ? vector : floatsOf(vector)
    }));
    const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
    return ok({ object: 'list', data, model: request.appId, usage });
}

/** Little-endian float32 in base64. */
function floatsOf(vector: string): number[] {
    const bytes = Buffer.from(vector, 'base64');
    return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readFloatLE(index * 4));
}
