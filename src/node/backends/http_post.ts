import { Agent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';

/** A server did not take a connection in time. */
class ConnectTimeout extends Error {
    readonly code = 'ETIMEDOUT';

    constructor() {
        super(`no connection within ${CONNECT_MS} ms`);
        this.name = 'ConnectTimeout';
    }
}

const CONNECT_MS = 10_000;
/** Shorter than what usual servers keep an idle connection for: a request must not meet its end. */
const KEPT_MS = 4_000;
const KEPT = { keepAlive: true, timeout: KEPT_MS, scheduling: 'lifo' } as const;
const plain = new Agent(KEPT);
const secure = new SecureAgent(KEPT);

/**
 * Posts a text and answers with the head of the response; its body is still to be read, and the signal ends that as well.
 * Connections are kept. Rejects with the socket's error, whose `code` names it. Not by `fetch`, whose streams cost several
 * times as much per answer as these.
 */
export function httpPost(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal
): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
        const isSecure = url.startsWith('https:');
        const length = { 'content-length': Buffer.byteLength(body) };
        const options = { method: 'POST', headers: { ...headers, ...length }, agent: isSecure ? secure : plain };
        const sent = (isSecure ? requestHttps : requestHttp)(url, options, resolve);
        const abort = (): void => void sent.destroy();
        const unreached = setTimeout(() => sent.destroy(new ConnectTimeout()), CONNECT_MS);
        const reached = (): void => clearTimeout(unreached);
        sent.once('socket', (socket) => (socket.connecting ? socket.once('connect', reached) : reached()));
        sent.on('error', reject);
        sent.once('close', () => {
            reached();
            signal.removeEventListener('abort', abort);
        });
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) abort();
        sent.end(body);
    });
}
