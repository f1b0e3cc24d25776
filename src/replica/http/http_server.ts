/** A small shell around node:http: bodies with limits, CORS, errors; what to answer is the handler's business. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { textAnswer } from '../answer';
import { NetworkStoppedError } from '../worker/worker_host';

/** A request that has arrived whole. */
export interface HttpRequest {
    readonly method: string;
    /** Path and query string, as sent. */
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: Uint8Array;
}

/** What to send. */
export interface HttpAnswer {
    readonly status: number;
    /** Absent where `headers` has it, or the body has no type. */
    readonly contentType?: string;
    readonly body: Uint8Array;
    /** Names in lower case. */
    readonly headers?: Readonly<Record<string, string | string[]>>;
    /** What follows the body, of unknown length. When it fails, the connection is cut. */
    readonly rest?: AsyncIterable<Uint8Array>;
}

/** Makes an answer. A rejection is a bug, and answered with 500. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

/** PEM. */
export interface TlsKeys {
    readonly cert: Uint8Array;
    readonly key: Uint8Array;
}

/** Where to listen, and what to do with requests. */
export interface HttpServerOptions {
    readonly host: string;
    /** 0 for any free port. */
    readonly port: number;
    readonly maxBodyBytes: number;
    /** A request that has not arrived whole after this time is cut off. Default 30 s. */
    readonly requestTimeoutMs?: number;
    /** Speak HTTPS. */
    readonly tls?: TlsKeys;
    readonly handler: HttpHandler;
    /** Told of bugs: a handler that threw. */
    readonly onFault: (error: unknown) => void;
}

/** A server that listens. */
export interface HttpListener {
    readonly port: number;
    /** Stops listening and cuts open connections. */
    close(): Promise<void>;
}

/** The address cannot be listened on. */
export class ListenError extends Error {
    constructor(
        readonly host: string,
        readonly port: number,
        /** System error code, such as EADDRINUSE. */
        readonly code: string
    ) {
        super(
            code === 'EADDRINUSE'
                ? `Port ${port} on ${host} is taken by another program`
                : `Cannot listen on ${host}:${port} (${code})`
        );
        this.name = 'ListenError';
    }
}

const corsHeaders = {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET,POST,HEAD,OPTIONS,DELETE',
    'access-control-allow-headers': '*',
    'access-control-expose-headers': '*'
};

/** Browsers ask again after this time, at most. */
const corsMaxAgeSeconds = '7200';

/** Longer than the idle time of common clients, so that they, not we, close a connection. */
const keepAliveMs = 65_000;

/** Enough for the largest request on a slow line; whoever takes longer holds a connection for nothing. */
const defaultRequestTimeoutMs = 30_000;

/** Rejects with ListenError. */
export function listen(options: HttpServerOptions): Promise<HttpListener> {
    const timeoutMs = options.requestTimeoutMs ?? defaultRequestTimeoutMs;
    const timeouts = {
        requestTimeout: timeoutMs,
        headersTimeout: timeoutMs,
        connectionsCheckingInterval: Math.ceil(timeoutMs / 4)
    };
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
        respond(options, request, response).catch((error: unknown) => {
            options.onFault(error);
            response.destroy();
        });
    };
    const server = options.tls
        ? createTlsServer({ ...timeouts, ...tlsBuffers(options.tls) }, onRequest)
        : createServer(timeouts, onRequest);
    server.keepAliveTimeout = keepAliveMs;
    return new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
            reject(new ListenError(options.host, options.port, error.code ?? error.message));
        });
        server.listen(options.port, options.host, () => {
            const address = server.address();
            const port = typeof address === 'object' && address !== null ? address.port : options.port;
            resolve({ port, close: () => closeServer(server) });
        });
    });
}

function tlsBuffers({ cert, key }: TlsKeys): { readonly cert: Buffer; readonly key: Buffer } {
    return { cert: Buffer.from(cert), key: Buffer.from(key) };
}

function closeServer(server: Server): Promise<void> {
    return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
    });
}

async function respond(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') {
        response.writeHead(204, { ...corsHeaders, 'access-control-max-age': corsMaxAgeSeconds }).end();
        return;
    }
    const body = await readBody(request, options.maxBodyBytes);
    if (body === 'aborted') {
        response.destroy();
        return;
    }
    const answer =
        body === 'too large'
            ? textAnswer(413, `The body is larger than ${options.maxBodyBytes} bytes`)
            : await handle(options, request, body);
    await send(request, response, answer, body === 'too large');
}

async function handle(options: HttpServerOptions, request: IncomingMessage, body: Uint8Array): Promise<HttpAnswer> {
    const { method = 'GET', url = '/', headers } = request;
    try {
        return await options.handler({ method, url, headers, body });
    } catch (error) {
        if (error instanceof NetworkStoppedError) {
            return textAnswer(503, error.message);
        }
        options.onFault(error);
        return textAnswer(500, 'Internal error; the server has written the details to its log');
    }
}

async function send(
    request: IncomingMessage,
    response: ServerResponse,
    answer: HttpAnswer,
    close: boolean
): Promise<void> {
    const { contentType, body, rest } = answer;
    const hasType = contentType !== undefined && body.length > 0;
    response.writeHead(answer.status, {
        ...corsHeaders,
        ...(hasType ? { 'content-type': contentType } : {}),
        ...(rest === undefined ? { 'content-length': body.length } : {}),
        // The rest of an oversized body is not read: the connection cannot be used again.
        ...(close ? { connection: 'close' } : {}),
        ...answer.headers
    });
    if (request.method === 'HEAD') response.end();
    else if (rest === undefined) response.end(body);
    else await sendPieces(response, body, rest);
}

/** At the pace of the reader. A broken answer ends with a cut connection, which readers can tell from a complete one. */
async function sendPieces(response: ServerResponse, first: Uint8Array, rest: AsyncIterable<Uint8Array>): Promise<void> {
    response.write(first);
    try {
        await pipeline(Readable.from(rest), response);
    } catch {
        response.destroy();
    }
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | 'too large' | 'aborted'> {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
        return 'too large';
    }
    const chunks: Buffer[] = [];
    let length = 0;
    try {
        for await (const chunk of request) {
            const bytes: Buffer = chunk;
            length += bytes.length;
            if (length > maxBytes) {
                return 'too large';
            }
            chunks.push(bytes);
        }
    } catch {
        return 'aborted';
    }
    return joined(chunks, length);
}

/** A copy of exactly this length: the chunks are views into larger buffers, which would travel to the worker whole. */
function joined(chunks: readonly Buffer[], length: number): Uint8Array {
    const body = new Uint8Array(length);
    let offset = 0;
    for (const chunk of chunks) {
        body.set(chunk, offset);
        offset += chunk.length;
    }
    return body;
}
