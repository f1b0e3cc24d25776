import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { LineWriter } from '../../client/line_writer';
import { readLines } from '../../client/lines';
import { SESSION_BEAT_MS, SESSION_CONTENT_TYPE } from '../../core/compute/session_wire';

/** How a line ended: refused by the gateway with a status, or after it was open. */
export type LineEnd = { readonly kind: 'refused'; readonly status: number } | { readonly kind: 'closed' };

/** Of what the gateway says: a line holds a call's input at most. */
const LIMITS = { maxLength: 4 * 1_048_576, silenceMs: 3 * SESSION_BEAT_MS };

/** What the gateway does not read may wait here before the line is given up. */
const UNSENT_BYTES = 8 * 1_048_576;

/** The node's end of a line to a gateway: one request whose body and answer stay open. */
export class LineConnection {
    private readonly request: ClientRequest;
    private readonly lines: LineWriter;

    constructor(gatewayUrl: string, path: string, headers: Readonly<Record<string, string | number>>) {
        const url = new URL(gatewayUrl.replace(/\/$/, '') + path);
        const open = url.protocol === 'https:' ? requestHttps : requestHttp;
        const all = { 'content-type': SESSION_CONTENT_TYPE, ...headers };
        this.request = open(url, { method: 'POST', headers: all });
        this.lines = new LineWriter(this.request, UNSENT_BYTES);
        this.request.setNoDelay(true);
        this.request.on('error', () => undefined);
        this.request.flushHeaders();
    }

    send(value: object): void {
        this.lines.write(value);
    }

    /**
     * Hands over what the gateway says until either side ends the line, or `take` says that it should; `opened` is told when
     * the gateway has taken the line. Never throws.
     */
    async run(take: (text: string) => boolean, signal: AbortSignal, opened?: () => void): Promise<LineEnd> {
        const end = (): void => void this.request.destroy();
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        const beat = setInterval(() => this.lines.beat(), SESSION_BEAT_MS);
        try {
            const response = await this.answered();
            if (response === undefined) return { kind: 'closed' };
            if (response.statusCode !== 200) return { kind: 'refused', status: response.statusCode ?? 0 };
            opened?.();
            await readLines(response, LIMITS, (text) => text === '' || take(text)).catch(() => undefined);
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
}
