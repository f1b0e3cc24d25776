import type { FastifyReply } from 'fastify';
import { errorBody, type ApiError } from './errors';

/** What a client may leave unread before it counts as gone: it is memory of all others. */
const UNREAD_BYTES = 8 * 1_048_576;

/** Server-sent events as OpenAI clients read them. The answer's head goes out with the first event. */
export class EventStream {
    private opened = false;

    constructor(
        private readonly reply: FastifyReply,
        private readonly headers: Readonly<Record<string, string>>
    ) {}

    get isOpen(): boolean {
        return this.opened;
    }

    send(data: object): void {
        this.write(JSON.stringify(data));
    }

    end(): void {
        this.write('[DONE]');
        this.reply.raw.end();
    }

    /** The stream has begun, so the status is spent: the error is its last event. */
    fail(error: ApiError): void {
        this.send(errorBody(error));
        this.reply.raw.end();
    }

    private write(data: string): void {
        const { raw } = this.reply;
        if (!this.opened) this.open();
        if (!raw.destroyed) raw.write(`data: ${data}\n\n`);
        if (raw.writableLength > UNREAD_BYTES) raw.destroy();
    }

    private open(): void {
        this.opened = true;
        const { raw } = this.reply.hijack();
        // Set one by one, so that the log can ask for them.
        for (const [name, value] of Object.entries(this.headers)) raw.setHeader(name, value);
        raw.writeHead(200, {
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-cache',
            // Proxies must not gather what is meant to be read at once.
            'x-accel-buffering': 'no'
        });
    }
}
