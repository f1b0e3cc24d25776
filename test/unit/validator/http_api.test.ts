import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiCall } from '../../../src/validator/ports';
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
        apiKey: 'emc-key'
    });
const signal = new AbortController().signal;
const embedding = (input: string | readonly string[]): ApiCall => ({
    model: 'text-embedding-en',
    kind: 'embedding',
    body: { input },
    stream: false
});
const chat = (stream: boolean): ApiCall => ({ model: 'llm', kind: 'chat', body: { messages: [], stream }, stream });
const json = (value: object): { status: number; body: string } => ({ status: 200, body: JSON.stringify(value) });
const MALFORMED = { kind: 'refused', httpStatus: 200, code: 'malformed_answer' };

test('send: looks like any client of the public API', async () => {
    answer = json({ object: 'list', data: [{ embedding: [0.1, 0.2] }] });
    const served = { kind: 'served', requestId: 41n, vectors: [[0.1, 0.2]] };
    expect(await api().send(embedding('some words'), signal)).toEqual(served);
    expect(seen).toEqual({
        url: '/v1/embeddings',
        authorization: 'Bearer emc-key',
        body: JSON.stringify({ model: 'text-embedding-en', input: 'some words' })
    });
});

test('send: a refusal keeps status and code, a strange answer is one', async () => {
    answer = { status: 402, body: JSON.stringify({ error: { code: 'insufficient_credits', message: 'no' } }) };
    const refused = { kind: 'refused', httpStatus: 402, code: 'insufficient_credits' };
    expect(await api().send(embedding('x'), signal)).toEqual(refused);
    answer = { status: 502, body: '<html>' };
    expect(await api().send(embedding('x'), signal)).toEqual({ kind: 'refused', httpStatus: 502, code: 'unknown' });
    answer = json({ data: [] });
    expect(await api().send(embedding('x'), signal)).toEqual(MALFORMED);
});

test('send: an unreachable gateway and an abort are outcomes, not failures; its models are none', async () => {
    const closed = httpApi({ gatewayUrl: `http://127.0.0.1:${await freePort()}`, apiKey: 'k' });
    expect(await closed.send(embedding('x'), signal)).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
    expect(await closed.models(signal)).toEqual([]);
    const aborted = await api().send(embedding('x'), AbortSignal.abort());
    expect(aborted).toEqual({ kind: 'unreachable', reason: 'AbortError' });
});

test('send: of a list each text has its vector, as numbers or in base64, or nothing is served', async () => {
    const vectors = (...rows: (number[] | string)[]) => json({ data: rows.map((each) => ({ embedding: each })) });
    answer = vectors([1, 2], [3, 4]);
    expect(await api().send(embedding(['a', 'b']), signal)).toMatchObject({ kind: 'served' });
    expect(await api().send(embedding(['a', 'b', 'c']), signal)).toEqual(MALFORMED);
    answer = vectors('AACAPw==', 'AAAAQA==');
    expect(await api().send(embedding(['a', 'b']), signal)).toMatchObject({ kind: 'served', vectors: [[1], [2]] });
    answer = vectors('no base64', 'AAAAQA==');
    expect(await api().send(embedding(['a', 'b']), signal)).toEqual(MALFORMED);
    answer = vectors([1, 2], [3]);
    expect(await api().send(embedding(['a', 'b']), signal)).toEqual(MALFORMED);
});

test('send: chats, completions and images go to their own places, and an answer of another form is none', async () => {
    const served = { kind: 'served', requestId: 41n };
    answer = json({ choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }] });
    expect(await api().send(chat(false), signal)).toEqual(served);
    expect(seen.url).toBe('/v1/chat/completions');
    expect(await api().send({ ...chat(false), kind: 'completion' }, signal)).toEqual(served);
    expect(seen.url).toBe('/v1/completions');
    expect(await api().send({ ...chat(false), kind: 'image' }, signal)).toEqual(MALFORMED);
    expect(seen.url).toBe('/v1/images/generations');
    answer = json({ data: [{ b64_json: 'AAAA' }] });
    expect(await api().send({ ...chat(false), kind: 'image' }, signal)).toEqual(served);
    expect(await api().send(chat(false), signal)).toEqual(MALFORMED);
});

test('send: a stream is served when it comes to its end, and an error in it is a refusal', async () => {
    const events = (...data: string[]) => ({ status: 200, body: data.map((each) => `data: ${each}\n\n`).join('') });
    const piece = JSON.stringify({ choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: null }] });
    const outcome = async (...data: string[]) => {
        answer = events(...data);
        return api().send(chat(true), signal);
    };
    expect(await outcome(piece, piece, '[DONE]')).toEqual({ kind: 'served', requestId: 41n });
    expect(await outcome(piece, piece)).toEqual(MALFORMED);
    expect(await outcome('[DONE]')).toEqual(MALFORMED);
    expect(await outcome('{"object":"x"}', '[DONE]')).toEqual(MALFORMED);
    const error = JSON.stringify({ error: { code: 'stream_interrupted', message: 'gone' } });
    expect(await outcome(piece, error)).toEqual({ kind: 'refused', httpStatus: 200, code: 'stream_interrupted' });
    answer = json({ choices: [] });
    expect(await api().send(chat(true), signal)).toEqual(MALFORMED);
});

test('models: those of the kinds that can be called', async () => {
    answer = json({
        data: [
            { id: 'e', kind: 'embedding' },
            { id: 'llm', kind: 'chat' },
            { id: 'odd', kind: 'other' }
        ]
    });
    expect(await api().models(signal)).toEqual([
        { id: 'e', kind: 'embedding' },
        { id: 'llm', kind: 'chat' }
    ]);
    expect(seen.url).toBe('/v1/models');
    answer = { status: 500, body: 'no' };
    expect(await api().models(signal)).toEqual([]);
});

test('send: each call is a job of its own, never one of a session', async () => {
    answer = json({ data: [{ embedding: [1] }] });
    repetitionKeys.clear();
    for (let count = 0; count < 3; count++) await api().send(embedding('the same'), signal);
    expect([repetitionKeys.size, repetitionKeys.has(undefined)]).toEqual([3, false]);
});

/** A port that nothing listens on any more. */
async function freePort(): Promise<number> {
    const brief = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => brief.once('listening', done));
    const { port } = brief.address() as AddressInfo;
    await new Promise((done) => brief.close(done));
    return port;
}
