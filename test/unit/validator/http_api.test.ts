import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpApi } from '../../../src/validator/adapters/http_api';

let server: Server;
let seen: { url?: string; authorization?: string; body: string };
const repetitionKeys = new Set<unknown>();
let answer: { status: number; body: string };

beforeAll((done) => {
    server = createServer((request: IncomingMessage, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
            const { url, headers } = request;
            seen = { url, authorization: headers.authorization, body: Buffer.concat(chunks).toString() };
            repetitionKeys.add(headers['idempotency-key']);
            response
                .writeHead(answer.status, { 'content-type': 'application/json', 'x-emc-job-id': '41' })
                .end(answer.body);
        });
    }).listen(0, '127.0.0.1', done);
});

afterAll((done) => {
    server.close(done);
});

const api = () =>
    httpApi({
        gatewayUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        apiKey: 'emc-key',
        model: 'text-embedding-en'
    });
const signal = new AbortController().signal;

test('embed: looks like any client of the public API', async () => {
    answer = { status: 200, body: JSON.stringify({ object: 'list', data: [{ embedding: [0.1, 0.2] }] }) };
    expect(await api().embed('some words', signal)).toEqual({ kind: 'served', dimensions: 2, requestId: 41n });
    expect(seen).toEqual({
        url: '/v1/embeddings',
        authorization: 'Bearer emc-key',
        body: JSON.stringify({ model: 'text-embedding-en', input: 'some words' })
    });
});

test('embed: a refusal keeps status and code, a strange answer is one', async () => {
    answer = { status: 402, body: JSON.stringify({ error: { code: 'insufficient_credits', message: 'no' } }) };
    expect(await api().embed('x', signal)).toEqual({ kind: 'refused', httpStatus: 402, code: 'insufficient_credits' });
    answer = { status: 502, body: '<html>' };
    expect(await api().embed('x', signal)).toEqual({ kind: 'refused', httpStatus: 502, code: 'unknown' });
    answer = { status: 200, body: '{"data":[]}' };
    expect(await api().embed('x', signal)).toEqual({ kind: 'refused', httpStatus: 200, code: 'malformed_answer' });
});

test('embed: an unreachable gateway and an abort are outcomes, not failures', async () => {
    const closedPort = await freePort();
    expect(
        await httpApi({ gatewayUrl: `http://127.0.0.1:${closedPort}`, apiKey: 'k', model: 'm' }).embed('x', signal)
    ).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
    expect(await api().embed('x', AbortSignal.abort())).toEqual({ kind: 'unreachable', reason: 'AbortError' });
});

/** A port that nothing listens on any more. */
async function freePort(): Promise<number> {
    const brief = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => brief.once('listening', done));
    const { port } = brief.address() as AddressInfo;
    await new Promise((done) => brief.close(done));
    return port;
}

test('embed: of a list each text has its vector, or nothing is served', async () => {
    const vectors = (...rows: number[][]) => JSON.stringify({ data: rows.map((embedding) => ({ embedding })) });
    const malformed = { kind: 'refused', httpStatus: 200, code: 'malformed_answer' };
    answer = { status: 200, body: vectors([1, 2], [3, 4]) };
    expect(await api().embed(['a', 'b'], signal)).toMatchObject({ kind: 'served', dimensions: 2 });
    expect(await api().embed(['a', 'b', 'c'], signal)).toEqual(malformed);
    answer = { status: 200, body: vectors([1, 2], [3]) };
    expect(await api().embed(['a', 'b'], signal)).toEqual(malformed);
});

test('embed: each call is a job of its own, never one of a session', async () => {
    answer = { status: 200, body: JSON.stringify({ data: [{ embedding: [1] }] }) };
    repetitionKeys.clear();
    for (let count = 0; count < 3; count++) await api().embed('the same', signal);
    expect([repetitionKeys.size, repetitionKeys.has(undefined)]).toEqual([3, false]);
});
