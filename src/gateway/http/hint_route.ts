import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HINT_LINE, HINT_PATH } from '../../core/compute/hint_wire';
import { parseJson } from '../../core/json';
import type { HintBoard } from '../hints/hint_board';
import type { JobPort } from '../ports';
import type { LineGate } from '../sessions/line_gate';
import { asksForLine, holdLine, refuseLine } from './node_line';

const Hint = z.object({ kind: z.enum(['begun', 'ended']), jobId: z.string().regex(/^\d{1,20}$/) });

/** `POST /hints`: a node that the canister knows listens for work, and says which jobs it has and has done with. */
export function addHintRoute(
    server: FastifyInstance,
    parts: { readonly board: HintBoard; readonly gate: LineGate; readonly jobs: JobPort }
): void {
    const { board, gate, jobs } = parts;
    server.post(HINT_PATH, async (request, reply) => {
        const node = asksForLine(request) ? gate.nodeOf(HINT_LINE, request.headers.authorization) : undefined;
        if (node === undefined) return refuseLine(request, reply, 401);
        const isAttached = await jobs.isAttached(node).catch(() => undefined);
        if (isAttached === false) return refuseLine(request, reply, 401);
        if (isAttached === undefined || board.isFull) return refuseLine(request, reply, 503);
        return holdLine(request, reply, ({ send }) => ({
            closed: board.connect(send),
            take(text) {
                const hint = Hint.safeParse(parseJson(text));
                if (hint.success) board.told(BigInt(hint.data.jobId), hint.data.kind);
                return hint.success;
            }
        }));
    });
}
