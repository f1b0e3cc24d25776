import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { z } from 'zod';
import { LineWriter } from '../../client/line_writer';
import { readLines } from '../../client/lines';
import {
    KNOWN_CALLS_HEADER,
    SESSION_BEAT_MS,
    SESSION_CONTENT_TYPE,
    sessionPath,
    type GatewayFrame,
    type NodeFrame
} from '../../core/compute/session_wire';
import type { HeldSession } from './ports';
import { parseJson } from '../../core/json';

const id = z.int().positive();
const maxUnits = z.string().regex(/^\d{1,20}$/);

const Frame = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('call'), id, input: z.string(), maxUnits, whole: z.literal(true).optional() }),
    z.object({ kind: z.literal('cancel'), id }),
    z.object({
        kind: z.literal('receipt'),
        calls: z.array(id),
        signature: z.string().regex(/^[0-9a-f]{128}$/),
        total: z
            .object({
                calls: z.int().nonnegative(),
                units: maxUnits,
                digest: z.string().regex(/^[0-9a-f]{64}$/)
            })
            .optional()
    })
]);

/** How a line ended: refused by the gateway with a status, or after it was open. */
export type LineEnd = { readonly kind: 'refused'; readonly status: number } | { readonly kind: 'closed' };

/** Of what the gateway says: a line holds a call's input at most. */
const LIMITS = { maxLength: 4 * 1_048_576, silenceMs: 3 * SESSION_BEAT_MS };

/** What the gateway does not read may wait here before the line is given up. */
const UNSENT_BYTES = 8 * 1_048_576;

/** One line from the holder of a session to the gateway that calls. */
export class SessionConnection {
    private readonly request: ClientRequest;
    private readonly lines: LineWriter;

    /** `proof` is the value of the `authorization` header, see {@link proveLine}. */
    constructor({ sessionId, replyUrl }: HeldSession, proof: string, knownCalls: number) {
        const url = new URL(replyUrl.replace(/\/$/, '') + sessionPath(sessionId));
        const open = url.protocol === 'https:' ? requestHttps : requestHttp;
        this.request = open(url, {
            method: 'POST',
            headers: {
                'content-type': SESSION_CONTENT_TYPE,
                authorization: proof,
                [KNOWN_CALLS_HEADER]: knownCalls
            }
        });
        this.lines = new LineWriter(this.request, UNSENT_BYTES);
        this.request.setNoDelay(true);
        this.request.on('error', () => undefined);
        this.request.flushHeaders();
    }

    send(frame: NodeFrame): void {
        this.lines.write(frame);
    }

    /** Hands over what the gateway says until either side ends the line, or `take` says that it should. Never throws. */
    async run(take: (frame: GatewayFrame) => boolean, signal: AbortSignal): Promise<LineEnd> {
        const end = (): void => void this.request.destroy();
        signal.addEventListener('abort', end, { once: true });
        const beat = setInterval(() => this.lines.beat(), SESSION_BEAT_MS);
        try {
            const response = await this.answered();
            if (response === undefined) return { kind: 'closed' };
            if (response.statusCode !== 200) return { kind: 'refused', status: response.statusCode ?? 0 };
            await this.listen(response, take);
            return { kind: 'closed' };
        } finally {
            clearInterval(beat);
            signal.removeEventListener('abort', end);
            this.request.destroy();
        }
    }

    private answered(): Promise<IncomingMessage | undefined> {
        return new Promise((resolve) => {
            this.request.once('response', resolve);
            this.request.once('close', () => resolve(undefined));
        });
    }

    private async listen(response: IncomingMessage, take: (frame: GatewayFrame) => boolean): Promise<void> {
        try {
            await readLines(response, LIMITS, (text) => {
                if (text === '') return true;
                const frame = Frame.safeParse(parseJson(text));
                return frame.success && take(frame.data);
            });
        } catch {
            // A line that breaks is opened again by whoever runs it.
        }
    }
}
