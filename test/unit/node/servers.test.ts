/** Backends before a server that misbehaves over real HTTP: retries, breaker, limits, probes, pools, Ollama. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeEmbeddingInput } from '../../../src/core/compute/embedding_job';
import { encodeImageInput } from '../../../src/core/compute/image_job';
import { encodeChatInput, encodeCompletionInput } from '../../../src/core/compute/text_job';
import { decodeTextOutput, type TextOutput } from '../../../src/core/compute/text_output';
import type { Result } from '../../../src/core/result';
import { EventSplitter } from '../../../src/node/backends/lines';
import { ollama } from '../../../src/node/backends/ollama';
import { openAiCompatible, type OpenAiBackendOptions } from '../../../src/node/backends/openai_compatible';
import { poolOf } from '../../../src/node/backends/pool';
import { LATE, type BackendResult, type Failure, type Task } from '../../../src/node/ports';
import { OpenAiServer, type Behaviour } from './support/openai_server';

const never = new AbortController().signal;
const CHAT: Task = {
    kind: 'Chat',
    input: encodeChatInput({ messages: [{ role: 'user', content: 'x' }], options: { temperature: 0 } })
};

const servers: { close(): void }[] = [];
afterEach(() => {
    for (const server of servers.splice(0)) server.close();
});

async function serve(does: Behaviour = {}): Promise<OpenAiServer> {
    const server = await OpenAiServer.start(does);
    servers.push(server);
    return server;
}

function backendOf(server: { url: string }, changes: Partial<OpenAiBackendOptions> = {}) {
    return openAiCompatible({
        baseUrl: server.url,
        model: 'm',
        timeoutMs: 60_000,
        idleMs: 60_000,
        slots: 4,
        breaker: { failures: 3, restMs: 60_000 },
        retry: { tries: 3, minMs: 1, maxMs: 4 },
        probeMs: 0,
        ...changes
    });
}

const codeOf = (result: Result<BackendResult, Failure>): string => (result.ok ? 'ok' : result.error.code);

function textOf(result: Result<BackendResult, Failure>): TextOutput {
    if (!result.ok || result.value.details === undefined) throw result;
    const { output, details } = result.value;
    const read = decodeTextOutput({ output, details });
    if (!read.ok) throw read;
    return read.value;
}

test('what a server answers when it is overloaded or away is asked again, up to the limit', async () => {
    const server = await serve({ statuses: [503, 429] });
    expect(textOf(await backendOf(server).run(CHAT, never)).text).toBe('Hello, world');
    expect(server.seen).toHaveLength(3);
    server.does = { statuses: [502, 504, 503, 503] };
    expect(codeOf(await backendOf(server).run(CHAT, never))).toBe('backend_503');
    expect(server.seen).toHaveLength(6);
});

test.each([
    [400, 'backend_refused_400', false],
    [404, 'backend_404', true],
    [500, 'backend_500', true]
])('status %i is not asked again', async (status, code, retryable) => {
    const server = await serve({ statuses: [status] });
    expect(await backendOf(server).run(CHAT, never)).toEqual({ ok: false, error: { code, retryable } });
    expect(server.seen).toHaveLength(1);
});

test('a Retry-After is waited for', async () => {
    const server = await serve({ statuses: [503], retryAfter: '0.2' });
    const startedAtMs = performance.now();
    expect(codeOf(await backendOf(server).run(CHAT, never))).toBe('ok');
    expect(performance.now() - startedAtMs).toBeGreaterThan(190);
});

test('after the first byte nothing is asked again: what was heard cannot be unheard', async () => {
    const server = await serve({ dropsAfter: 2 });
    const heard: string[] = [];
    const result = await backendOf(server).run({ ...CHAT, onText: (text) => void heard.push(text) }, never);
    expect(result).toEqual({ ok: false, error: { code: 'backend_interrupted', retryable: true } });
    expect(heard).toEqual(['Hello', ', ']);
    expect(server.seen).toHaveLength(1);
});

test('scenario 25: failures in a row open the breaker; a server that rests is not asked and has no room', async () => {
    const server = await serve({ statuses: Array<number>(50).fill(503) });
    const backend = backendOf(server, { breaker: { failures: 3, restMs: 60_000 } });
    let restedMs = 0;
    const clock = Date.now.bind(Date);
    const now = jest.spyOn(Date, 'now').mockImplementation(() => clock() + restedMs);
    expect(await backend.room()).toBe(4);
    expect(codeOf(await backend.run(CHAT, never))).toBe('backend_503');
    const asked = server.seen.length;
    expect(await backend.run(CHAT, never)).toMatchObject({ error: { code: 'backend_resting', isBlameless: true } });
    expect([server.seen.length, await backend.room()]).toEqual([asked, 0]);
    // Whoever asks for room first, as a node does, must be let in for one request: nothing else closes the breaker.
    restedMs += 60_000;
    expect(await backend.room()).toBe(1);
    // What it answered then is told, and not that it is left alone again.
    expect(codeOf(await backend.run(CHAT, never))).toBe('backend_503');
    expect(await backend.room()).toBe(0);
    server.does = {};
    restedMs += 60_000;
    expect(codeOf(await backend.run(CHAT, never))).toBe('ok');
    expect(await backend.room()).toBe(4);
    now.mockRestore();
});

test('scenario 25: a server that hangs is left at the deadline, and hanging opens the breaker as well', async () => {
    const server = await serve({ hangs: true });
    const backend = backendOf(server, { timeoutMs: 30, breaker: { failures: 2, restMs: 60_000 } });
    expect(await backend.run(CHAT, never)).toEqual({ ok: false, error: { code: 'backend_timeout', retryable: true } });
    expect(codeOf(await backend.run(CHAT, never))).toBe('backend_timeout');
    expect(codeOf(await backend.run(CHAT, never))).toBe('backend_resting');
});

test('a server that lets the time of a job pass is left, and counts as one that hangs', async () => {
    const server = await serve({ hangs: true });
    const backend = backendOf(server, { timeoutMs: undefined, breaker: { failures: 1, restMs: 60_000 } });
    const end = new AbortController();
    const answer = backend.run(CHAT, end.signal);
    setTimeout(() => end.abort(LATE), 30);
    expect(codeOf(await answer)).toBe('aborted');
    expect(codeOf(await backend.run(CHAT, never))).toBe('backend_resting');
});

test('a stream that stalls is given up, and its socket closed', async () => {
    const server = await serve({ pieces: ['a', 'b'], pauseMs: 400 });
    expect(codeOf(await backendOf(server, { idleMs: 30 }).run(CHAT, never))).toBe('backend_stalled');
    await waitFor(() => server.seen[0]?.aborted === true);
});

test('answers one after the other come over one connection, streamed or whole', async () => {
    const server = await serve();
    const backend = backendOf(server);
    const embedding: Task = { kind: 'Embedding', input: encodeEmbeddingInput({ input: ['x'] }) };
    for (const task of [CHAT, CHAT, embedding, CHAT]) expect(codeOf(await backend.run(task, never))).toBe('ok');
    expect([server.seen.length, server.connections]).toEqual([4, 1]);
});

test('a stream that does not end after its last event is an answer all the same, and its socket is closed', async () => {
    const server = await serve({ neverEnds: true });
    expect(textOf(await backendOf(server).run(CHAT, never)).text).toBe('Hello, world');
    expect(server.seen[0]?.aborted).toBe(false);
    await waitFor(() => server.seen[0]?.aborted === true);
});

test('a lost lease closes the socket at once and does not count against the server', async () => {
    const server = await serve({ pieces: Array<string>(50).fill('x'), pauseMs: 5 });
    const backend = backendOf(server, { breaker: { failures: 1, restMs: 60_000 } });
    const lost = new AbortController();
    const task = { ...CHAT, onText: () => lost.abort('lost') };
    const left = await backend.run(task, lost.signal);
    expect(left).toMatchObject({ ok: false, error: { code: 'aborted', retryable: true } });
    const partial = left.ok ? undefined : left.error.partial;
    expect(new TextDecoder().decode(partial?.output)).toMatch(/^x+$/);
    expect(partial?.tokens).toBeLessThan(50);
    await waitFor(() => server.seen[0]?.aborted === true);
    expect(await backend.room()).toBe(4);
    expect(codeOf(await backend.run(CHAT, AbortSignal.abort()))).toBe('aborted');
    expect(server.seen).toHaveLength(1);
});

test('room shrinks with what runs, with the slots that llama.cpp tells, and to nothing behind a queue of vLLM', async () => {
    const server = await serve({ hangs: true });
    const backend = backendOf(server);
    const stop = new AbortController();
    const running = [backend.run(CHAT, stop.signal), backend.run(CHAT, stop.signal)];
    expect(await backend.room()).toBe(2);
    server.does = { hangs: true, totalSlots: 3 };
    expect(await backend.room()).toBe(1);
    server.does = { hangs: true, waiting: 1 };
    expect(await backend.room()).toBe(0);
    server.does = { hangs: true, models: ['other', 'third'] };
    expect(await backend.room()).toBe(0);
    stop.abort();
    await Promise.all(running);
    server.does = { models: ['other', 'm'] };
    expect(await backend.room()).toBe(4);
    expect(await backendOf({ url: 'http://127.0.0.1:9/v1' }).room()).toBe(0);
});

test('a pool goes on with the next server until text has left', async () => {
    const [down, up] = [await serve({ statuses: [500] }), await serve()];
    const pool = poolOf([backendOf(down, { slots: 8 }), backendOf(up)]);
    expect(await pool.room()).toBe(12);
    expect(codeOf(await pool.run(CHAT, never))).toBe('ok');
    expect([down.seen.length, up.seen.length]).toEqual([1, 1]);
    down.does = { dropsAfter: 1 };
    expect(codeOf(await pool.run(CHAT, never))).toBe('backend_interrupted');
    expect(up.seen).toHaveLength(1);
    down.does = { statuses: [422] };
    expect(codeOf(await pool.run(CHAT, never))).toBe('backend_refused_422');
});

test('token bounds: what is paid for beside the prompt, never more than what was asked', async () => {
    const server = await serve();
    const backend = backendOf(server);
    const bounded = (maxTokens: number | undefined, paid: number): Promise<unknown> => {
        const input = encodeCompletionInput({ prompt: 'x'.repeat(22), maxTokens, options: {} });
        return backend.run({ kind: 'Completion', input, maxTokens: paid }, never);
    };
    await bounded(5, 100);
    await bounded(200, 100);
    await bounded(undefined, 100);
    expect(server.seen.map(({ body }) => body.max_tokens)).toEqual([5, 90, 90]);
    expect(await bounded(5, 10)).toEqual({ ok: false, error: { code: 'max_units_exceeded', retryable: false } });
    expect(server.seen).toHaveLength(3);
});

test('a server that counts nothing is taken at a token per chunk', async () => {
    const server = await serve({ isSilentOnUsage: true, pieces: ['a', 'b', 'c', 'd'] });
    expect(textOf(await backendOf(server).run(CHAT, never))).toMatchObject({ text: 'abcd', completionTokens: 4 });
});

test('images and embeddings of other counts than asked for are malformed', async () => {
    const server = await serve();
    const backend = backendOf(server);
    const images: Task = { kind: 'Image', input: encodeImageInput({ prompt: 'x', count: 2, options: {} }) };
    expect(await backend.run(images, never)).toMatchObject({ ok: true, value: { inputs: 2, tokens: 0 } });
    const none: Task = { kind: 'Image', input: encodeEmbeddingInput({ input: ['x'] }) };
    expect(codeOf(await backend.run(none, never))).toBe('malformed_prompt');
    expect(codeOf(await backend.run({ kind: 'Other', input: new Uint8Array() }, never))).toBe('kind_not_served');
});

test('server-sent events: comments, split pieces, several data lines, and both line ends', async () => {
    const text = ': ping\n\ndata: a\ndata: b\n\nevent: x\r\ndata:c\r\n\r\ndata: é';
    const bytes = new TextEncoder().encode(text);
    const whole = new EventSplitter();
    expect([...whole.push(bytes), ...whole.end()]).toEqual(['a\nb', 'c', 'é']);
    const byByte = new EventSplitter();
    const events = [...bytes].flatMap((byte) => byByte.push(Uint8Array.of(byte)));
    expect([...events, ...byByte.end()]).toEqual(['a\nb', 'c', 'é']);
});

/** Answers each path with the lines that it is given, and keeps what was asked. */
async function serveLines(lines: Record<string, readonly object[]>) {
    const seen: { path: string; body: Record<string, unknown> }[] = [];
    const server: Server = createServer((request, response) => {
        let text = '';
        request.on('data', (piece) => (text += piece));
        request.on('end', () => {
            const path = request.url ?? '';
            if (text !== '') seen.push({ path, body: JSON.parse(text) as Record<string, unknown> });
            response.end((lines[path] ?? []).map((line) => `${JSON.stringify(line)}\n`).join(''));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push({ close: () => void server.close() });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const ollamaOf = (server: { url: string }) =>
    ollama({
        baseUrl: server.url,
        model: 'llama3',
        timeoutMs: 60_000,
        idleMs: 60_000,
        slots: 2,
        breaker: { failures: 3, restMs: 60_000 },
        retry: { tries: 1, minMs: 1, maxMs: 1 },
        probeMs: 0
    });

test('Ollama by its own interface: chats with tools, completions, embeddings', async () => {
    const done = { done: true, done_reason: 'length', prompt_eval_count: 11, eval_count: 2 };
    const call = { function: { name: 'weather', arguments: { city: 'Bern' } } };
    const server = await serveLines({
        '/api/tags': [{ models: [{ name: 'llama3:latest' }] }],
        '/api/chat': [
            { message: { content: 'Hel' } },
            { message: { content: 'lo', tool_calls: [call] } },
            { message: { content: '' }, ...done }
        ],
        '/api/generate': [{ response: 'upon' }, { response: '', ...done }],
        '/api/embed': [{ embeddings: [[1, 2]], prompt_eval_count: 3 }]
    });
    const backend = ollamaOf(server);
    expect(await backend.room()).toBe(2);
    const input = encodeChatInput({
        messages: [
            {
                role: 'user',
                content: [
                    { type: 'text', text: 'a' },
                    { type: 'text', text: 'b' }
                ]
            },
            {
                role: 'assistant',
                content: null,
                tool_calls: [{ id: '1', function: { name: 'f', arguments: '{"a":1}' } }]
            }
        ],
        maxTokens: 9,
        options: { temperature: 0.5, stop: 'x', response_format: { type: 'json_object' } }
    });
    const heard: string[] = [];
    const chat = textOf(await backend.run({ kind: 'Chat', input, onText: (text) => void heard.push(text) }, never));
    expect(heard).toEqual(['Hel', 'lo']);
    expect(chat).toMatchObject({ text: 'Hello', finishReason: 'tool_calls', promptTokens: 11, completionTokens: 2 });
    expect(JSON.parse(chat.toolCalls ?? '')).toEqual([
        { id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }
    ]);
    expect(server.seen[0]?.body).toMatchObject({
        model: 'llama3',
        messages: [
            { role: 'user', content: 'ab' },
            { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] }
        ],
        format: 'json',
        options: { temperature: 0.5, stop: ['x'], num_predict: 9 }
    });
    const prompt = encodeCompletionInput({ prompt: 'Once', options: {} });
    const completion = textOf(await backend.run({ kind: 'Completion', input: prompt }, never));
    expect(completion).toMatchObject({ text: 'upon', finishReason: 'length' });
    const vectors = await backend.run({ kind: 'Embedding', input: encodeEmbeddingInput({ input: ['a'] }) }, never);
    expect(vectors).toMatchObject({ ok: true, value: { tokens: 3, inputs: 1 } });
    expect(codeOf(await backend.run({ kind: 'Image', input: new Uint8Array() }, never))).toBe('kind_not_served');
});

test('Ollama without the model has no room, and its errors are the job’s', async () => {
    const server = await serveLines({ '/api/tags': [{ models: [] }], '/api/chat': [{ error: 'out of memory' }] });
    const backend = ollamaOf(server);
    expect(await backend.room()).toBe(0);
    expect(codeOf(await backend.run(CHAT, never))).toBe('backend_error');
});

async function waitFor(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
