import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
    readonly path: string;
    readonly body: Record<string, unknown>;
    /** The client has closed the connection before the answer was complete. */
    aborted: boolean;
}

export interface Behaviour {
    /** Pieces of text that a chat or a completion consists of. */
    pieces?: readonly string[];
    /** Milliseconds between them. */
    pauseMs?: number;
    /** Tool calls after the text, in two pieces each. */
    toolCalls?: readonly { readonly name: string; readonly arguments: string }[];
    finish?: string;
    /** Statuses of the next answers; then 200. */
    statuses?: number[];
    retryAfter?: string;
    /** Never answers. */
    hangs?: boolean;
    /** Closes the connection after so many pieces. */
    dropsAfter?: number;
    /** Sends no more after so many pieces until this has come; without it, never. */
    holds?: { readonly after: number; readonly until?: Promise<unknown> };
    /** Leaves a generated answer open after its last event. */
    neverEnds?: boolean;
    /** Says nothing of its token counts. */
    isSilentOnUsage?: boolean;
    image?: string;
    models?: readonly string[];
    totalSlots?: number;
    waiting?: number;
}

/** A small OpenAI-compatible server that does what it is told, also what servers should not do. */
export class OpenAiServer {
    readonly seen: Seen[] = [];
    private open = 0;
    /** Most requests that were open at a time. */
    peak = 0;
    /** Connections that were opened. */
    connections = 0;

    private constructor(
        private readonly server: Server,
        public does: Behaviour
    ) {}

    static async start(does: Behaviour = {}): Promise<OpenAiServer> {
        const server = createServer();
        const made = new OpenAiServer(server, does);
        server.on('connection', () => made.connections++);
        server.on('request', (request, response) => void made.answer(request, response));
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return made;
    }

    get root(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    get url(): string {
        return `${this.root}/v1`;
    }

    close(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const path = (request.url ?? '').replace(/^\/v1/, '');
        if (request.method === 'GET') return this.tell(path, response);
        const seen: Seen = { path, body: JSON.parse(await textOf(request)) as Record<string, unknown>, aborted: false };
        this.seen.push(seen);
        this.peak = Math.max(this.peak, ++this.open);
        response.on('close', () => {
            this.open--;
            seen.aborted = !response.writableFinished;
        });
        if (this.does.hangs) return;
        const status = this.does.statuses?.shift() ?? 200;
        if (status !== 200) {
            if (this.does.retryAfter !== undefined) response.setHeader('retry-after', this.does.retryAfter);
            response.writeHead(status).end('{"error":{"message":"no"}}');
        } else if (path === '/embeddings') {
            this.embed(seen.body, response);
        } else if (path === '/images/generations') {
            const count = Number(seen.body.n ?? 1);
            const image = this.does.image ?? Buffer.from('an image').toString('base64');
            response.end(JSON.stringify({ created: 1, data: Array(count).fill({ b64_json: image }) }));
        } else {
            await this.generate(path === '/chat/completions', response);
        }
    }

    /** What was sent arrives first. */
    private async drop(response: ServerResponse): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.destroy();
    }

    private tell(path: string, response: ServerResponse): void {
        const { models = ['m'], totalSlots, waiting } = this.does;
        if (path === '/models') response.end(JSON.stringify({ data: models.map((id) => ({ id, object: 'model' })) }));
        else if (path === '/props' && totalSlots) response.end(JSON.stringify({ total_slots: totalSlots }));
        else if (path === '/metrics' && waiting !== undefined) {
            response.end(`# TYPE x gauge\nvllm:num_requests_waiting{model_name="m"} ${waiting}\n`);
        } else response.writeHead(404).end();
    }

    private embed(body: Record<string, unknown>, response: ServerResponse): void {
        const input = body.input as string[];
        const data = input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.5] }));
        response.end(JSON.stringify({ data, usage: { prompt_tokens: input.length, total_tokens: input.length } }));
    }

    private async generate(isChat: boolean, response: ServerResponse): Promise<void> {
        const { pieces = ['Hello', ', ', 'world'], pauseMs = 0, dropsAfter, holds, toolCalls = [] } = this.does;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const send = (choice: object): void => {
            response.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
        };
        let sent = 0;
        for (const piece of pieces) {
            if (response.destroyed) return;
            if (sent === dropsAfter) return this.drop(response);
            if (sent === holds?.after) {
                if (holds.until === undefined) return;
                await holds.until;
            }
            send(isChat ? { delta: { content: piece } } : { text: piece });
            sent++;
            if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        for (const [index, call] of toolCalls.entries()) {
            const half = Math.ceil(call.arguments.length / 2);
            const first = { index, id: `id_${index}`, type: 'function', function: { name: call.name, arguments: '' } };
            send({ delta: { tool_calls: [first] } });
            for (const part of [call.arguments.slice(0, half), call.arguments.slice(half)]) {
                send({ delta: { tool_calls: [{ index, function: { arguments: part } }] } });
            }
        }
        const finish = this.does.finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
        send({ ...(isChat ? { delta: {} } : { text: '' }), finish_reason: finish });
        const usage = { prompt_tokens: 7, completion_tokens: pieces.length, total_tokens: 7 + pieces.length };
        if (!this.does.isSilentOnUsage) response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
        response.write('data: [DONE]\n\n');
        if (!this.does.neverEnds) response.end();
    }
}

async function textOf(request: IncomingMessage): Promise<string> {
    let text = '';
    for await (const piece of request) text += String(piece);
    return text;
}
