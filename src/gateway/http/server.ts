import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sleep, within } from '../../client/wait';
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
import { admit } from './admission';
import { errorCodeOf, type Context } from './context';
import { chatEndpoint } from './chat';
import { completionsEndpoint } from './completions';
import { addDeliveries } from './deliveries';
import { embeddingsEndpoint } from './embeddings';
import { imagesEndpoint } from './images';
import { addHintRoute } from './hint_route';
import { addJobRoutes } from './jobs';
import { addEndpoint } from './serve';
import { addSessionRoute } from './session_route';
import { answerErrors, refuseConnection, refuseUnroutable } from './failures';
import { InFlight } from './in_flight';
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

/** How long a connection may bring and take nothing beyond the time of a request: its client is gone, or does not read. */
const UNHEARD_MS = 60_000;
/** How long readiness waits for a network that does not answer. */
const PATIENCE_MS = 2_000;

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
        connectionTimeout: config.limits.requestMs + UNHEARD_MS,
        genReqId: () => `req_${randomUUID()}`,
        frameworkErrors: refuseUnroutable,
        clientErrorHandler: refuseConnection,
        forceCloseConnections: 'idle'
    });
    server.removeContentTypeParser('text/plain');
    const inFlight = new InFlight(config.limits.requestsInFlight);
    observe(server, context);
    admit(server, context, inFlight);
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
    // Not as promises: each hook's costs every request a turn.
    server.addHook('onRequest', (request, reply, done) => {
        // On the answer itself: a stream's head does not come from the framework.
        reply.raw.setHeader('x-request-id', request.id);
        reply.raw.once('close', () => {
            if (!reply.raw.writableFinished) tell(request, reply, CLIENT_GONE);
        });
        done();
    });
    server.addHook('onResponse', (request, reply, done) => {
        tell(request, reply, reply.statusCode);
        done();
    });
}

/** While closing, every answer ends its connection: one that is kept alive would keep the server open. */
function closeGracefully(server: FastifyInstance): () => boolean {
    let closing = false;
    server.addHook('preClose', async () => {
        closing = true;
    });
    server.addHook('onSend', (_request, reply, _payload, done) => {
        if (closing) void reply.header('connection', 'close');
        done();
    });
    return () => closing;
}

/** `/healthz`: the process answers. `/readyz`: the network answers too. `/metrics`: Prometheus. */
function addMonitoring(server: FastifyInstance, { jobs, metrics }: Context, isClosing: () => boolean): void {
    let looking: Promise<boolean> | undefined;
    server.get('/healthz', async () => ({ status: 'ok' }));
    server.get('/readyz', async (_request, reply) => {
        if (isClosing()) return reply.code(503).send({ status: 'closing' });
        // Whoever asks meanwhile shares the answer.
        looking ??= isReached(jobs).finally(() => (looking = undefined));
        return (await looking) ? { status: 'ready' } : reply.code(503).send({ status: 'network unreachable' });
    });
    server.get('/metrics', async (_request, reply) => {
        void reply.type(metrics.registry.contentType);
        return metrics.registry.metrics();
    });
}

async function isReached(jobs: JobPort): Promise<boolean> {
    return (await within(PATIENCE_MS, jobs.listModels()).catch(() => undefined)) !== undefined;
}
