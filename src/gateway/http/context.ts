import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toHex } from '../../core/bytes';
import { err, ok, type Result } from '../../core/result';
import type { Cached } from '../cached';
import type { GatewayConfig } from '../config';
import type { Metrics } from '../metrics';
import type { Acks } from '../delivery/acks';
import type { LiveResults } from '../delivery/live_results';
import type { ResultStore } from '../delivery/results';
import type { HintBoard } from '../hints/hint_board';
import type { JournalPort } from '../journal/journal_port';
import type { JobPort, KeyOwner, KeyPort, KeyRefusal, Model } from '../ports';
import type { SessionPool } from '../sessions/session_pool';
import type { RateLimit } from '../rate_limit';
import type { InFlight } from './in_flight';
import { errorBody, fromKeyRefusal, statusOf, type ApiError } from './errors';

/** What the routes share. */
export interface Context {
    readonly config: GatewayConfig;
    readonly jobs: JobPort;
    readonly keys: KeyPort;
    readonly metrics: Metrics;
    readonly rateLimit: RateLimit;
    readonly knownKeys: Cached<Result<KeyOwner, KeyRefusal>>;
    readonly knownModels: Cached<readonly Model[]>;
    readonly lives: LiveResults;
    readonly acks: Acks;
    /** What nodes have handed over. */
    readonly results: ResultStore;
    readonly journal: JournalPort;
    /** Lines to nodes that serve a key's texts beside the queue; absent: everything is a job. */
    readonly sessions?: SessionPool;
    /** What nodes and requests tell each other before the chain does. */
    readonly hints: HintBoard;
    /** Jobs that requests wait for. */
    readonly work: InFlight;
    /** Whether nodes are told where this gateway takes results. */
    isAnnounced(): boolean;
}

/** The scheme's letters may be of either case (RFC 9110 §11.1). */
const BEARER = /^Bearer +([\x21-\x7e]{1,256})$/i;

/** Whose request it is. */
export interface Caller extends KeyOwner {
    /** SHA-256 of the API key. */
    readonly keyHash: Uint8Array;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** A route of the API was reached by a request that was not authenticated: a bug. */
class NoCaller extends Error {
    constructor(readonly url: string) {
        super('the request was not authenticated');
        this.name = 'NoCaller';
    }
}

/** Who calls. Every request of the API was authenticated before its body was read. */
export function callerOf(request: FastifyRequest): Caller {
    const caller = callers.get(request);
    if (caller === undefined) throw new NoCaller(request.routeOptions.url ?? '');
    return caller;
}

/** Finds out who calls; why nobody may, otherwise. */
export async function authenticate(context: Context, request: FastifyRequest): Promise<ApiError | undefined> {
    const caller = await readCaller(context, request);
    if (!caller.ok) return caller.error;
    callers.set(request, caller.value);
    return undefined;
}

/** Who calls, when the key is good and its rate is not used up. The key itself goes no further than its hash. */
async function readCaller(context: Context, request: FastifyRequest): Promise<Result<Caller, ApiError>> {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined) {
        return err({ code: 'invalid_api_key', message: 'You did not provide an API key as a Bearer token.' });
    }
    const keyHash = Uint8Array.from(createHash('sha256').update(key).digest());
    const name = toHex(keyHash);
    const retryAfterMs = context.rateLimit.take(name);
    if (retryAfterMs !== undefined) {
        return err({ code: 'rate_limit_exceeded', message: 'Too many requests with this API key.', retryAfterMs });
    }
    const known = await context.knownKeys.get(name, () => context.keys.check(keyHash));
    return known.ok ? ok({ keyHash, owner: known.value.owner }) : err(fromKeyRefusal(known.error));
}

export function listModels({ knownModels, jobs }: Context): Promise<readonly Model[]> {
    return knownModels.get('all', () => jobs.listModels());
}

/** Errors that requests were answered with, for the log. */
const answeredWith = new WeakMap<FastifyReply, ApiError['code']>();

export function errorCodeOf(reply: FastifyReply): string | undefined {
    return answeredWith.get(reply);
}

/** Answers with an error in the shape that OpenAI clients read. */
export function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
    answeredWith.set(reply, error.code);
    const status = statusOf(error);
    if (error.retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000));
    // OpenAI's clients ask again after a conflict; these would be the same again.
    if (status === 409) void reply.header('x-should-retry', 'false');
    return reply.code(status).send(errorBody(error));
}
