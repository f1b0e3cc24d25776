import type { FastifyReply, FastifyRequest } from 'fastify';
import { LineWriter } from '../../client/line_writer';
import { readLines } from '../../client/lines';
import { SESSION_BEAT_MS, SESSION_CONTENT_TYPE } from '../../core/compute/session_wire';

const LIMITS = { maxLength: 1_048_576, silenceMs: 3 * SESSION_BEAT_MS };
/** What a node that does not read may leave unread before it is dropped. */
const UNREAD_BYTES = 8 * 1_048_576;

/** The gateway's end of an open line to a node. */
export interface NodeLine {
    send(value: object): void;
    /** What waits goes out before. */
    end(): void;
}

/** What a line is for. */
export interface LineUse {
    /** Takes a line's text; whether the node may go on. */
    take(text: string): boolean;
    /** The line is gone. */
    closed(): void;
}

/** Whether a request of a node is one for a line. */
export function asksForLine({ headers }: FastifyRequest): boolean {
    return headers['content-type'] === SESSION_CONTENT_TYPE;
}

/** The node ends the request when it reads the refusal. */
export function refuseLine(request: FastifyRequest, reply: FastifyReply, status: 401 | 503): FastifyReply {
    request.raw.resume();
    return reply.header('connection', 'close').code(status).send({ error: status });
}

/** Answers a node's request with an open line, and serves it until either side ends it. */
export async function holdLine(
    request: FastifyRequest,
    reply: FastifyReply,
    use: (line: NodeLine) => LineUse | undefined
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
    const used = use({ send: (value) => lines.write(value), end });
    const beat = setInterval(() => lines.beat(), SESSION_BEAT_MS);
    raw.once('close', () => used?.closed());
    try {
        if (used !== undefined) await readLines(request.raw, LIMITS, (text) => text === '' || used.take(text));
    } finally {
        clearInterval(beat);
        used?.closed();
        end();
    }
    return reply;
}
