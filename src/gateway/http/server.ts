import fastify, { LogController, type FastifyBaseLogger, type FastifyError } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PortUnavailable } from '../../client/asked';
import { errorText } from '../../client/error_text';
import { sleep } from '../../client/wait';
import { Cached } from '../cached';
import type { GatewayConfig } from '../config';
import type { Acks } from '../delivery/acks';
import type { LiveResults } from '../delivery/live_results';
import type { ResultStore } from '../delivery/results';
import type { JournalPort } from '../journal/journal_port';
import type { Metrics } from '../metrics';
import type { JobPort, KeyPort } from '../ports';
import { RateLimit } from '../rate_limit';
import type { HintBoard } from '../hints/hint_board';
import type { LineGate } from '../sessions/line_gate';
import type { SessionPool } from '../sessions/session_pool';
import { errorCodeOf, sendError, type Context } from './context';
import { chatEndpoint } from './chat';
import { completionsEndpoint } from './completions';
import { addDeliveries } from './deliveries';
import { embeddingsEndpoint } from './embeddings';
import { imagesEndpoint } from './images';
import { addHintRoute } from './hint_route';
import { addJobRoutes } from './jobs';
import { addEndpoint } from './serve';
import { addSessionRoute } from './session_route';
import { InFlight } from './in_flight';
import { unavailable, type ApiError } from './errors';
import { addModelRoutes } from './models';

export interface ServerParts {
    readonly config: GatewayConfig;
    readonly jobs: JobPort;
    readonly keys: KeyPort;
    readonly journal: JournalPort;
    readonly lives: LiveResults;
    readonly acks: Acks;
    readonly results: ResultStore;
    readonly sessions?: SessionPool;
    readonly log: FastifyBaseLogger;
    readonly metrics: Metrics;
    readonly hints: HintBoard;
    /** Proves nodes that listen for hints. */
    readonly hintGate: LineGate;
    /** Whether nodes are told where this gateway takes results. */
    isAnnounced(): boolean;
}

/** Endpoints that make jobs. */
const ENDPOINTS = [chatEndpoint, completionsEndpoint, embeddingsEndpoint, imagesEndpoint];

/** API keys that are remembered at a time. */
const KNOWN_KEYS = 10_000;

export interface GatewayServer {
    readonly http: FastifyInstance;
    /** Takes no new requests, lets running ones end, and drops the connections that are left. */
    close(): Promise<void>;
}

/** The HTTP server, not yet listening. Its own log line per request holds no body, no key and no query. */
export function makeServer(parts: ServerParts): GatewayServer {
    const { config, log } = parts;
    const context: Context = {
        ...parts,
        work: new InFlight(Infinity),
        rateLimit: new RateLimit(config.limits.requestsPerMinutePerKey),
        knownKeys: new Cached(config.cacheMs, KNOWN_KEYS),
        knownModels: new Cached(config.cacheMs, 1)
    };
    const server = fastify({
        loggerInstance: log,
        logController: new LogController({ disableRequestLogging: true }),
        bodyLimit: config.limits.bodyBytes,
        forceCloseConnections: 'idle'
    });
    server.removeContentTypeParser('text/plain');
    const inFlight = new InFlight(config.limits.requestsInFlight);
    limitInFlight(server, inFlight);
    observe(server, context);
    answerErrors(server);
    const isClosing = closeGracefully(server);
    addModelRoutes(server, context);
    for (const endpoint of ENDPOINTS) addEndpoint(server, context, endpoint);
    addJobRoutes(server, context, ENDPOINTS);
    addDeliveries(server, context);
    if (parts.sessions !== undefined) addSessionRoute(server, parts.sessions, parts.sessions.gate);
    addHintRoute(server, { board: parts.hints, gate: parts.hintGate, jobs: parts.jobs });
    addMonitoring(server, context, isClosing);
    return { http: server, close: () => closeServer(server, inFlight, context) };
}

/** Refuses early what could only wait: a request holds its body and its connection. */
function limitInFlight(server: FastifyInstance, inFlight: InFlight): void {
    server.addHook('onRequest', async (request, reply) => {
        if (!isApi(request)) return undefined;
        if (inFlight.isFull) {
            return sendError(reply, { code: 'busy', message: 'The gateway is full.', retryAfterMs: 1_000 });
        }
        inFlight.enter();
        reply.raw.once('close', () => inFlight.leave());
        return undefined;
    });
}

/** Connections that clients keep open, or have opened ahead, would keep the server open as well. */
async function closeServer(server: FastifyInstance, inFlight: InFlight, { config, work }: Context): Promise<void> {
    const closed = server.close();
    const drained = new AbortController();
    void inFlight.drained().then(() => drained.abort());
    await sleep(config.shutdownGraceMs, drained.signal);
    // Whoever is cut off now counts as gone: the jobs are called off before this ends.
    server.server.closeAllConnections();
    await Promise.all([closed, work.drained()]);
}

function isApi(request: FastifyRequest): boolean {
    return request.url.startsWith('/v1/');
}

/** What a request is counted as whose client left before its answer was complete; no standard has a status for it. */
const CLIENT_GONE = 499;

/** Every request is counted and told in one line, also one whose client has left. */
function observe(server: FastifyInstance, { metrics }: Context): void {
    const tell = (request: FastifyRequest, reply: FastifyReply, status: number): void => {
        const route = request.routeOptions.url ?? 'unknown';
        metrics.request(route, status, reply.elapsedTime / 1_000);
        const headerOf = (name: string): unknown => reply.getHeader(name) ?? reply.raw.getHeader(name);
        const fields = { route, method: request.method, status, ms: Math.round(reply.elapsedTime) };
        const origin = { job_id: headerOf('x-emc-job-id'), session_call: headerOf('x-emc-session-id') };
        request.log.info({ ...fields, ...origin, code: errorCodeOf(reply) }, 'request');
    };
    server.addHook('onRequest', async (request, reply) => {
        reply.raw.once('close', () => {
            if (!reply.raw.writableFinished) tell(request, reply, CLIENT_GONE);
        });
    });
    server.addHook('onResponse', async (request, reply) => tell(request, reply, reply.statusCode));
}

function answerErrors(server: FastifyInstance): void {
    server.setNotFoundHandler((_request, reply) =>
        sendError(reply, { code: 'unknown_url', message: 'There is no such resource.' })
    );
    server.setErrorHandler((failure: FastifyError, request, reply) => {
        const error = toApiError(failure);
        if (error.code === 'internal_error' || error.code === 'unavailable') {
            request.log.error({ error: errorText(failure) }, 'request_failed');
        }
        return sendError(reply, error);
    });
}

function toApiError(failure: FastifyError): ApiError {
    if (failure instanceof PortUnavailable) return unavailable();
    switch (failure.statusCode) {
        case 400:
            return { code: 'invalid_request', message: 'The body is not valid JSON.' };
        case 413:
            return { code: 'payload_too_large', message: 'The request body is too large.' };
        case 415:
            return { code: 'unsupported_media_type', message: 'The body must be application/json.' };
        default:
            return { code: 'internal_error', message: 'The gateway failed.' };
    }
}

/** While closing, every answer ends its connection: one that is kept alive would keep the server open. */
function closeGracefully(server: FastifyInstance): () => boolean {
    let closing = false;
    server.addHook('preClose', async () => {
        closing = true;
    });
    server.addHook('onSend', async (_request, reply) => {
        if (closing) void reply.header('connection', 'close');
    });
    return () => closing;
}

/** `/healthz`: the process answers. `/readyz`: the network answers too. `/metrics`: Prometheus. */
function addMonitoring(server: FastifyInstance, { jobs, metrics }: Context, isClosing: () => boolean): void {
    server.get('/healthz', async () => ({ status: 'ok' }));
    server.get('/readyz', async (_request, reply) => {
        if (isClosing()) return reply.code(503).send({ status: 'closing' });
        try {
            await jobs.listModels();
            return { status: 'ready' };
        } catch {
            return reply.code(503).send({ status: 'network unreachable' });
        }
    });
    server.get('/metrics', async (_request, reply) => {
        void reply.type(metrics.registry.contentType);
        return metrics.registry.metrics();
    });
}
