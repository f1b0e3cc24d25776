import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { minAmount } from '../../core/amount';
import type { InputReference } from '../../core/compute/input_reference';
import { err, ok, type Result } from '../../core/result';
import { OWN_KEY_PREFIX } from '../journal/job_debts';
import type { JobRequest, Model, Priority } from '../ports';
import type { Origin } from '../origin';
import type { FinishedJob } from '../run_job';
import { callerOf, listModels, type Context } from './context';
import { inputTooLarge, modelNotFound, type ApiError } from './errors';

/** How an answer is streamed: the data of its server-sent events. */
export interface StreamShape {
    /** What comes before the first text. */
    start(): readonly object[];
    text(text: string): object;
    /** What comes after the text; an error when the node's result cannot be read. */
    end(job: FinishedJob): Result<readonly object[], ApiError>;
    /** The whole text of a result. */
    textOf(job: FinishedJob): Result<string, ApiError>;
}

/** A request's body, read and checked. */
export interface Ask {
    readonly model: string;
    /** Payload of the job. */
    readonly input: Uint8Array;
    /** Where the payload is, when it is not here. */
    readonly inputReference?: InputReference;
    /** The most units of the model that the answer can come to. */
    unitsBound(model: Model): bigint;
    /** The result may be too large for the chain, or is wanted piece by piece. */
    readonly wantsDirect: boolean;
    /** Whether it may run on a session's node beside the queue, where the result is a text. */
    readonly wantsSession?: boolean;
    /** The body of the answer. */
    answer(job: FinishedJob): Result<object, ApiError>;
    /** Set when the client wants the answer as a stream. */
    stream?(origin: Origin): StreamShape;
}

/** One endpoint of the OpenAI API that makes jobs. */
export interface Endpoint {
    readonly path: string;
    readonly kind: Model['kind'];
    read(body: unknown, context: Context): Result<Ask, ApiError>;
    /** The body of an answer to whoever did not say how it should look. */
    answer(model: string, job: FinishedJob): Result<object, ApiError>;
}

/** A request that can be submitted. */
export interface Order {
    readonly ask: Ask;
    readonly job: JobRequest;
    readonly model: Model;
    /** The most that the answer may cost, in units of the model. */
    readonly maxUnits: bigint;
    /** Acknowledges a result that comes directly. */
    readonly ack?: Uint8Array;
}

const MAX_IDEMPOTENCY_KEY = 120;

/** Reads the body and makes the job's request. */
export async function orderOf(
    context: Context,
    endpoint: Endpoint,
    request: FastifyRequest
): Promise<Result<Order, ApiError>> {
    const { keyHash } = callerOf(request);
    const ask = endpoint.read(request.body, context);
    if (!ask.ok) return ask;
    const ttlS = BigInt(Math.ceil(context.config.limits.requestMs / 1_000));
    const priority = ask.value.stream === undefined ? 'Standard' : 'Interactive';
    const terms = { ttlS, priority, mayDeliver: true } as const;
    return placeOrder(context, endpoint, request, { ask: ask.value, keyHash, ...terms });
}

export interface Terms {
    readonly ask: Ask;
    readonly keyHash: Uint8Array;
    readonly ttlS: bigint;
    readonly priority: Priority;
    /** Whether somebody will be there to take the result. */
    readonly mayDeliver: boolean;
}

/** Checks the model and makes the job's request. */
export async function placeOrder(
    context: Context,
    endpoint: Endpoint,
    request: FastifyRequest,
    { ask, keyHash, ttlS, priority, mayDeliver }: Terms
): Promise<Result<Order, ApiError>> {
    const model = (await listModels(context)).find(({ appId }) => appId === ask.model);
    if (model === undefined || model.kind !== endpoint.kind) return err(modelNotFound(ask.model));
    const idempotencyKey = idempotencyKeyOf(request);
    if (!idempotencyKey.ok) return idempotencyKey;
    const key = idempotencyKey.value;
    const isDirect = mayDeliver && ask.wantsDirect && context.isAnnounced();
    const maxUnits = minAmount(ask.unitsBound(model), model.maxUnits);
    const job: JobRequest = {
        appId: ask.model,
        input: ask.input,
        inputReference: ask.inputReference,
        maxCredits: maxUnits * model.unitPriceCredits,
        idempotencyKey: key,
        keyHash,
        ttlS,
        priority,
        sessionKey: sessionKeyOf(request),
        ackHash: isDirect ? context.acks.hashOf(keyHash, key) : undefined
    };
    return ok({ ask, job, model, maxUnits, ack: isDirect ? context.acks.secretOf(keyHash, key) : undefined });
}

/**
 * Why an order cannot go through the queue: every byte of an input there is paid for, by the canister and on each replica
 * (compute.md §5.5). A session's calls go to their node directly, and are bounded by the request's body alone.
 */
export function tooLargeForQueue({ job }: Order, { config }: Pick<Context, 'config'>): ApiError | undefined {
    const { inlineBytes } = config.limits;
    return job.input.length > inlineBytes ? inputTooLarge(inlineBytes) : undefined;
}

/** The client's key, or one of our own, so that a repeated submission never makes a second job. */
function idempotencyKeyOf(request: FastifyRequest): Result<string, ApiError> {
    const given = request.headers['idempotency-key'];
    if (given === undefined) return ok(`${OWN_KEY_PREFIX}${randomUUID()}`);
    if (typeof given === 'string' && given !== '' && given.length <= MAX_IDEMPOTENCY_KEY) return ok(`u:${given}`);
    return err({ code: 'invalid_request', message: 'The Idempotency-Key is empty or too long.' });
}

const SESSION_KEY = /^[\x21-\x7e]{1,64}$/;

/** Requests with the same `x-emc-session` run one after the other, on the same node where that is possible. */
function sessionKeyOf(request: FastifyRequest): string | undefined {
    const given = request.headers['x-emc-session'];
    return typeof given === 'string' && SESSION_KEY.test(given) ? given : undefined;
}

/** The first problem of a body, with the field that it is about. */
export function invalidBody(error: z.ZodError): ApiError {
    const [issue] = error.issues;
    return { code: 'invalid_request', message: issue?.message ?? 'invalid', param: issue?.path.join('.') || undefined };
}

/** The node has delivered something that is no result of its kind. */
export function malformedResult(): ApiError {
    return { code: 'internal_error', message: 'The node delivered a malformed result.' };
}
