import type { FastifyInstance, FastifyReply } from 'fastify';
import { err, type Result } from '../../core/result';
import { originHeader, type Origin } from '../origin';
import { runOnSession } from '../sessions/run_on_session';
import { runJob, type ClientGone, type FinishedJob, type WaitOptions } from '../run_job';
import { sendError, type Context } from './context';
import { orderOf, tooLargeForQueue, type Endpoint, type Order, type StreamShape } from './endpoint';
import { interrupted, type ApiError } from './errors';
import type { TokenCounts } from '../metrics';
import { EventStream } from './event_stream';
import { textTokens, usageIn } from './text_shape';

/** Serves an endpoint: each request is one job, whose id is in the header `x-emc-job-id`. */
export function addEndpoint(server: FastifyInstance, context: Context, endpoint: Endpoint): void {
    server.post(endpoint.path, async (request, reply) => {
        const order = await orderOf(context, endpoint, request);
        if (!order.ok) return sendError(reply, order.error);
        const gone = clientGone(reply);
        // Nobody is there to pay for an answer.
        if (gone.aborted) return reply.hijack();
        const { stream } = order.value.ask;
        return stream === undefined
            ? serveWhole(context, order.value, reply, gone)
            : serveStream(context, order.value, stream.bind(order.value.ask), reply, gone);
    });
}

async function serveWhole(context: Context, order: Order, reply: FastifyReply, gone: AbortSignal): Promise<object> {
    const job = await timed(context, order, {}, gone);
    if (!job.ok) return job.error === 'client_gone' ? reply.hijack() : sendError(reply, job.error);
    void reply.header(...originHeader(job.value.origin));
    const answer = order.ask.answer(job.value);
    if (!answer.ok) return sendError(reply, answer.error);
    countTokens(context, order, usageIn(answer.value));
    return answer.value;
}

/** Until there is something to send, an error still has a status of its own. */
async function serveStream(
    context: Context,
    order: Order,
    shapeOf: (origin: Origin) => StreamShape,
    reply: FastifyReply,
    gone: AbortSignal
): Promise<object> {
    let speech: Speech | undefined;
    const startedAtMs = performance.now();
    const hooks = {
        onOrigin(origin: Origin) {
            const headers = Object.fromEntries([originHeader(origin)]);
            speech = new Speech(new EventStream(reply, headers), shapeOf(origin));
        },
        onText(text: string) {
            if (speech?.isSilent) context.metrics.firstText((performance.now() - startedAtMs) / 1_000);
            speech?.say(text);
        }
    };
    const job = await timed(context, order, hooks, gone);
    if (!job.ok && job.error === 'client_gone') return reply.hijack();
    const problem = job.ok ? speech?.finish(job.value) : job.error;
    if (job.ok && problem === undefined) countTokens(context, order, textTokens(job.value));
    if (problem === undefined || problem === 'client_gone') return reply;
    if (speech === undefined || speech.isSilent) return sendError(reply, problem);
    speech.fail(problem);
    return reply;
}

function countTokens({ metrics }: Context, { job }: Order, counts: TokenCounts | undefined): void {
    if (counts !== undefined) metrics.tokens(job.appId, counts);
}

/** What a client hears of a job, in the shape of its endpoint. */
class Speech {
    private said = '';

    constructor(
        private readonly events: EventStream,
        private readonly shape: StreamShape
    ) {}

    get isSilent(): boolean {
        return !this.events.isOpen;
    }

    say(text: string): void {
        if (this.isSilent) for (const event of this.shape.start()) this.events.send(event);
        this.said += text;
        this.events.send(this.shape.text(text));
    }

    /** Says what is missing, and the end; answers why it cannot. */
    finish(job: FinishedJob): ApiError | undefined {
        const text = this.shape.textOf(job);
        const end = this.shape.end(job);
        if (!text.ok) return text.error;
        if (!end.ok) return end.error;
        if (!text.value.startsWith(this.said)) return interrupted();
        const missing = text.value.slice(this.said.length);
        if (missing !== '' || this.isSilent) this.say(missing);
        for (const event of end.value) this.events.send(event);
        this.events.end();
        return undefined;
    }

    fail(error: ApiError): void {
        this.events.fail(error);
    }
}

/** Aborted when the client closes the connection before it has its answer. */
function clientGone(reply: FastifyReply): AbortSignal {
    const gone = new AbortController();
    // It may have left while its key was looked up, or its body was on the way.
    if (reply.raw.closed) gone.abort();
    reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
    });
    return gone.signal;
}

interface Hooks {
    onOrigin?(origin: Origin): void;
    onText?(text: string): void;
}

async function timed(
    context: Context,
    order: Order,
    hooks: Hooks,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone>> {
    const { config, metrics, work } = context;
    const startedAtMs = performance.now();
    metrics.inFlight(1);
    work.enter();
    try {
        const limitMs = config.limits.requestMs;
        const onLeased = (seconds: number): void => metrics.queueWait(seconds);
        const options = { poll: config.poll, limitMs, ack: order.ack, onLeased, ...hooks };
        const called = await runOnSession(context.sessions, order, { limitMs, ...hooks }, signal);
        const job = called ?? (await runQueued(context, order, options, signal));
        const outcome = job.ok ? 'completed' : job.error === 'client_gone' ? job.error : job.error.code;
        metrics.job(outcome, (performance.now() - startedAtMs) / 1_000);
        return job;
    } finally {
        metrics.inFlight(-1);
        work.leave();
    }
}

async function runQueued(
    context: Context,
    order: Order,
    options: WaitOptions,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone>> {
    const problem = tooLargeForQueue(order, context);
    return problem === undefined ? runJob(context, order.job, options, signal) : err(problem);
}
