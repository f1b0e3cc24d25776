import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { KNOWN_CALLS_HEADER } from '../../core/compute/session_wire';
import { parseJson } from '../../core/json';
import type { LineGate } from '../sessions/line_gate';
import type { SessionPool } from '../sessions/session_pool';
import { asksForLine, holdLine, refuseLine } from './node_line';

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

/**
 * `POST /sessions/ID`: the node that holds the session opens its line: calls come in the answer, results go in the body. It
 * proves itself by its key, and the canister says whether it is the holder.
 */
export function addSessionRoute(server: FastifyInstance, pool: SessionPool, gate: LineGate): void {
    server.post<{ Params: { id: string } }>('/sessions/:id', async (request, reply) => {
        const sessionId = /^\d{1,20}$/.test(request.params.id) ? BigInt(request.params.id) : undefined;
        const isLine = sessionId !== undefined && asksForLine(request);
        const node = isLine ? gate.nodeOf(sessionId, request.headers.authorization) : undefined;
        if (sessionId === undefined || node === undefined) return refuseLine(request, reply, 401);
        const isHolder = await pool.isHolder(sessionId, node).catch(() => undefined);
        if (isHolder !== true) return refuseLine(request, reply, isHolder === undefined ? 503 : 401);
        return holdLine(request, reply, ({ send, end }) => {
            const line = pool.connect(sessionId, knownCalls(request), send);
            if (line === undefined) return undefined;
            line.closed.addEventListener('abort', end, { once: true });
            return {
                closed: () => line.close(),
                take(text) {
                    const frame = Frame.safeParse(parseJson(text));
                    return frame.success && line.take(frame.data);
                }
            };
        });
    });
}

function knownCalls({ headers }: FastifyRequest): number {
    const text = headers[KNOWN_CALLS_HEADER];
    return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
