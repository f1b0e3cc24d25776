import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LineWriter } from '../../client/line_writer';
import { readLines } from '../../client/lines';
import { KNOWN_CALLS_HEADER, SESSION_BEAT_MS, SESSION_CONTENT_TYPE } from '../../core/compute/session_wire';
import type { LineGate } from '../sessions/line_gate';
import type { SessionLine } from '../sessions/session_line';
import type { SessionPool } from '../sessions/session_pool';
import { parseJson } from '../../core/json';

const id = z.int().positive();

const Frame = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), id, text: z.string() }),
    z.object({ kind: z.literal('bytes'), id, base64: z.base64() }),
    z.object({
        kind: z.literal('end'),
        id,
        outputHash: z.string().length(64),
        details: z.string().max(1_024),
        units: z.string().regex(/^\d{1,20}$/)
    }),
    z.object({ kind: z.literal('failed'), id, code: z.string().max(64), retryable: z.boolean() })
]);

const LIMITS = { maxLength: 1_048_576, silenceMs: 3 * SESSION_BEAT_MS };
/** What a node that does not read may leave unread before it is dropped. */
const UNREAD_BYTES = 8 * 1_048_576;

/**
 * `POST /sessions/ID`: the node that holds the session opens its line: calls come in the answer, results go in the body. It
 * proves itself by its key, and the canister says whether it is the holder.
 */
export function addSessionRoute(server: FastifyInstance, pool: SessionPool, gate: LineGate): void {
    server.post<{ Params: { id: string } }>('/sessions/:id', async (request, reply) => {
        const sessionId = /^\d{1,20}$/.test(request.params.id) ? BigInt(request.params.id) : undefined;
        const isLine = request.headers['content-type'] === SESSION_CONTENT_TYPE;
        const { authorization } = request.headers;
        const node = sessionId === undefined || !isLine ? undefined : gate.nodeOf(sessionId, authorization);
        if (sessionId === undefined || node === undefined) return refuse(request, reply, 401);
        const isHolder = await pool.isHolder(sessionId, node).catch(() => undefined);
        if (isHolder !== true) return refuse(request, reply, isHolder === undefined ? 503 : 401);
        return hold(request, reply, pool, sessionId);
    });
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: 401 | 503): FastifyReply {
    request.raw.resume();
    return reply.header('connection', 'close').code(status).send({ error: status });
}

/** Serves the line until either side ends it. */
async function hold(
    request: FastifyRequest,
    reply: FastifyReply,
    pool: SessionPool,
    sessionId: bigint
): Promise<FastifyReply> {
    const { raw } = reply.hijack();
    const { socket } = request.raw;
    socket.setNoDelay(true);
    // Once the answer has ended Node tells the request nothing of its connection's end: its reader would wait for ever.
    socket.once('close', () => request.raw.destroy());
    raw.writeHead(200, { 'content-type': SESSION_CONTENT_TYPE, 'cache-control': 'no-cache' });
    raw.flushHeaders();
    const lines = new LineWriter(raw, UNREAD_BYTES);
    const end = (): void => {
        lines.flush();
        raw.end();
    };
    const line = pool.connect(sessionId, knownCalls(request), (frame) => lines.write(frame));
    const beat = setInterval(() => lines.beat(), SESSION_BEAT_MS);
    raw.once('close', () => line?.close());
    line?.closed.addEventListener('abort', end, { once: true });
    try {
        if (line !== undefined) await listen(request, line);
    } finally {
        clearInterval(beat);
        line?.close();
        end();
    }
    return reply;
}

function knownCalls({ headers }: FastifyRequest): number {
    const text = headers[KNOWN_CALLS_HEADER];
    return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Reads until the node says something that it should not, falls silent, or has gone. */
function listen(request: FastifyRequest, line: SessionLine): Promise<void> {
    return readLines(request.raw, LIMITS, (text) => {
        if (text === '') return true;
        const frame = Frame.safeParse(parseJson(text));
        return frame.success && line.take(frame.data);
    });
}
