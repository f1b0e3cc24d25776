import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { headerBytes, type HttpHeader } from '../management/http_limits';
import type { HttpOutcall, HttpOutcallAnswer } from '../state/api';

/** The real network gives an outcall up after this time. */
const timeoutMs = 30_000;

/** Above what an answer may have, so that what is too long can be told from what is no HTTP. */
const maxHeaderBytes = 256 * 1024;

const sysFatal = 1;
const sysTransient = 2;

/** The outcall itself, or its answer, is one that no node takes: another try would end the same way. */
class FatalOutcallError extends Error {
    override readonly name = 'FatalOutcallError';
}

/**
 * Performs an HTTPS outcall of a live network by this process's own means. Unlike on the real network, http: is allowed,
 * since the servers that a developer calls are often local; redirects are not followed there, so neither here. Headers are sent as there:
 * the canister's, and what they lack of host, accept, user-agent and content-length.
 */
export async function performOutcall(outcall: HttpOutcall): Promise<HttpOutcallAnswer> {
    try {
        const response = await send(outcall, addressOf(outcall.url));
        return await receive(response, outcall.maxResponseBytes);
    } catch (error) {
        if (error instanceof FatalOutcallError) return { kind: 'reject', rejectCode: sysFatal, message: error.message };
        return {
            kind: 'reject',
            rejectCode: sysTransient,
            message: `Connecting to ${hostOf(outcall.url)} failed: ${String(error)}`
        };
    }
}

function addressOf(url: string): URL {
    // Of RFC 3986: what has other characters is no URL, and is not made one by escaping them.
    if (!/^[\x21-\x7e]*$/.test(url)) throw new FatalOutcallError('Failed to parse URL: invalid uri character');
    const address = URL.canParse(url) ? new URL(url) : undefined;
    if (address?.protocol === 'https:' || address?.protocol === 'http:') return address;
    throw new FatalOutcallError('Url need to specify https scheme');
}

function hostOf(url: string): string {
    return URL.canParse(url) ? new URL(url).host : url.slice(0, 80);
}

function send(outcall: HttpOutcall, address: URL): Promise<IncomingMessage> {
    const { method, body } = outcall;
    const options = {
        method,
        agent: false,
        maxHeaderSize: maxHeaderBytes,
        setDefaultHeaders: false,
        signal: AbortSignal.timeout(timeoutMs)
    } as const;
    return new Promise((resolve, reject) => {
        const request = (address.protocol === 'https:' ? requestHttps : requestHttp)(address, options, resolve);
        request.on('error', reject);
        try {
            // Without this the client adds its own.
            for (const name of ['connection', 'transfer-encoding']) request.removeHeader(name);
            for (const [name, values] of grouped(requestHeaders(outcall, address))) request.setHeader(name, values);
        } catch (error) {
            request.destroy();
            reject(new FatalOutcallError(`Failed to parse headers: ${String(error)}`));
            return;
        }
        request.end(body);
    });
}

function requestHeaders({ headers, method, body }: HttpOutcall, { host }: URL): readonly HttpHeader[] {
    const fallbacks: HttpHeader[] = [
        ['host', host],
        ['accept', '*/*'],
        ['user-agent', 'ic/1.0']
    ];
    if (body.length > 0 || method === 'POST' || method === 'PUT')
        fallbacks.push(['content-length', String(body.length)]);
    const own = headers.map(([name, value]): HttpHeader => [name.toLowerCase(), value]);
    const given = new Set(own.map(([name]) => name));
    return [...fallbacks.filter(([name]) => !given.has(name)), ...own];
}

function grouped(headers: readonly HttpHeader[]): ReadonlyMap<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const [name, value] of headers) groups.set(name, [...(groups.get(name) ?? []), value]);
    return groups;
}

/** Headers count towards the limit, and are counted before the body is read. */
async function receive(response: IncomingMessage, maxBytes: bigint): Promise<HttpOutcallAnswer> {
    const { rawHeaders: raw, statusCode = 0 } = response;
    const headers = raw.flatMap((name, at): HttpHeader[] =>
        at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? '']] : []
    );
    const room = Number(maxBytes) - headerBytes(headers);
    try {
        if (room < 0) throw new FatalOutcallError(`Header size exceeds specified response size limit ${maxBytes}`);
        return { kind: 'reply', status: statusCode, headers, body: await readLimited(response, room, maxBytes) };
    } finally {
        response.destroy();
    }
}

async function readLimited(response: IncomingMessage, room: number, maxBytes: bigint): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response) {
        const bytes: Uint8Array = chunk;
        length += bytes.length;
        if (length > room) throw new FatalOutcallError(`Http body exceeds size limit of ${maxBytes} bytes.`);
        chunks.push(bytes);
    }
    return new Uint8Array(Buffer.concat(chunks, length));
}
