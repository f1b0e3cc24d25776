/** The official client's chats and completions, from the gateway through the queue to a node and its AI server. */
import { createHash } from 'node:crypto';
import OpenAI from 'openai';
import { sha256 } from '../../../src/core/hash';
import { OpenAiServer } from '../node/support/openai_server';
import { APPS, AiNetwork } from './support/ai_network';
import { GOOD_KEY, until } from './support/fakes';

let ai: AiNetwork;
afterEach(() => ai.close());

const MESSAGES = [{ role: 'user', content: 'Say hello.' }] as const;
const chat = { model: APPS.Chat, messages: [...MESSAGES], max_tokens: 200 };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const PIECES = Array.from({ length: 100 }, (_, index) => `piece ${index} é🙂 `);

/** What the chain knows of the latest job. */
function onChain() {
    const { market } = ai.network;
    const id = ai.network.lastId();
    const state = market.book.get(id)?.state;
    return { state, output: market.book.tables.outputs.get(id) };
}

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}

test('a chat is answered with text, usage and a reason; the chain holds the text and its hash', async () => {
    ai = await AiNetwork.start();
    ai.startNode();
    const { data: answer, response } = await ai.client().chat.completions.create(chat).withResponse();
    expect(answer).toMatchObject({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        model: APPS.Chat,
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello, world' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
    });
    expect(response.headers.get('x-emc-job-id')).toBe('1');
    expect(onChain()).toMatchObject({
        output: utf8('Hello, world'),
        state: { units: 10n, outputHash: sha256(utf8('Hello, world')) }
    });
    expect(ai.ai.seen[0]?.body).toMatchObject({ model: 'm', messages: MESSAGES, max_tokens: 200, stream: true });
});

test('scenario 17: a stream of 100 chunks comes in order, with usage and an end, and its hash is on the chain', async () => {
    ai = await AiNetwork.start({ pieces: PIECES, pauseMs: 1 });
    ai.startNode();
    const stream = await ai
        .client()
        .chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } });
    const chunks = await collect(stream);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(PIECES.join(''));
    expect(chunks.length).toBeGreaterThan(50);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({
        choices: [],
        usage: { prompt_tokens: 7, completion_tokens: 100, total_tokens: 107 }
    });
    await until(() => onChain().state?.kind === 'Completed');
    expect(onChain().state).toMatchObject({ units: 107n, outputHash: sha256(utf8(text)) });
    expect(onChain().output).toBeUndefined();
});

test('the raw stream ends with [DONE] and has no usage that nobody asked for', async () => {
    ai = await AiNetwork.start();
    ai.startNode();
    const response = await fetch(`${ai.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${GOOD_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...chat, stream: true })
    });
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text).not.toContain('usage');
});

test('scenario 17: a client that leaves at chunk 10 cancels the job and stops the AI server', async () => {
    ai = await AiNetwork.start({ pieces: PIECES, holds: { after: 20 } });
    ai.startNode();
    const stream = await ai.client().chat.completions.create({ ...chat, stream: true });
    let seen = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++seen === 10) break;
    await until(() => ai.ai.seen[0]?.aborted === true);
    await until(() => onChain().state?.kind === 'Cancelled');
    expect(ai.network.market.records()).toMatchObject([{ status: 'Cancelled', creditsUsed: 0n }]);
});

test('without direct delivery the answer comes through the chain, as one chunk', async () => {
    ai = await AiNetwork.start({ pieces: PIECES }, { delivery: { enabled: false } });
    ai.startNode();
    const chunks = await collect(await ai.client().chat.completions.create({ ...chat, stream: true }));
    const texts = chunks.flatMap(({ choices }) => choices[0]?.delta.content || []);
    expect(texts).toEqual([PIECES.join('')]);
    expect(onChain().output).toEqual(utf8(PIECES.join('')));
});

test('tool calls are put together, streamed or not', async () => {
    const toolCalls = [
        { name: 'weather', arguments: '{"city":"Bern"}' },
        { name: 'time', arguments: '{}' }
    ];
    ai = await AiNetwork.start({ pieces: [], toolCalls });
    ai.startNode();
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: {} } }];
    const expected = toolCalls.map((called, index) => ({ id: `id_${index}`, type: 'function', function: called }));
    const whole = await ai.client().chat.completions.create({ ...chat, tools });
    expect(whole.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { content: null, tool_calls: expected }
    });
    const streamed = await ai
        .client()
        .chat.completions.stream({ ...chat, tools })
        .finalChatCompletion();
    expect(streamed.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: expected } });
    expect(ai.ai.seen[0]?.body.tools).toEqual(tools);
});

test('completions, whole and streamed', async () => {
    ai = await AiNetwork.start({ finish: 'length' });
    ai.startNode();
    const body = { model: APPS.Completion, prompt: 'Once', max_tokens: 3 };
    expect(await ai.client().completions.create(body)).toMatchObject({
        object: 'text_completion',
        choices: [{ index: 0, text: 'Hello, world', finish_reason: 'length' }],
        usage: { prompt_tokens: 7, completion_tokens: 3 }
    });
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of await ai.client().completions.create({ ...body, ...options })) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe('Hello, world');
    expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 10 });
    expect(ai.ai.seen[0]?.body).toMatchObject({ prompt: 'Once', max_tokens: 3 });
});

test('an Idempotency-Key streams the same answer again, together and afterwards', async () => {
    ai = await AiNetwork.start({ pieces: PIECES, pauseMs: 1 });
    ai.startNode();
    const options = { headers: { 'Idempotency-Key': 'mine' } };
    const ask = async () => {
        const stream = await ai.client().chat.completions.create({ ...chat, stream: true }, options);
        return (await collect(stream)).map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    };
    expect(await Promise.all([ask(), ask()])).toEqual([PIECES.join(''), PIECES.join('')]);
    await until(() => onChain().state?.kind === 'Completed');
    expect(await ask()).toBe(PIECES.join(''));
    expect(ai.ai.seen).toHaveLength(1);
});

test('one of two clients of the same job may leave', async () => {
    ai = await AiNetwork.start({ pieces: PIECES, pauseMs: 5 });
    ai.startNode();
    const options = { headers: { 'Idempotency-Key': 'shared' } };
    const ask = () => ai.client().chat.completions.create({ ...chat, stream: true }, options);
    const [first, second] = await Promise.all([ask(), ask()]);
    for await (const chunk of first) if (chunk.choices[0]?.delta.content) break;
    const text = (await collect(second)).map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(PIECES.join(''));
});

test('a node lost in the middle: another one goes on when it says the same', async () => {
    ai = await AiNetwork.start({ pieces: PIECES, dropsAfter: 20 });
    ai.startNode('A');
    const pending = ai.client().chat.completions.create({ ...chat, stream: true });
    const chunks = collect(await pending);
    await until(() => onChain().state?.kind === 'Waiting');
    ai.ai.does = { pieces: PIECES };
    ai.startNode('B');
    ai.network.market.advance(60);
    const text = (await chunks).map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(PIECES.join(''));
    await until(() => onChain().state?.kind === 'Completed');
    expect(ai.network.market.records()).toHaveLength(1);
});

test('a node lost in the middle: what cannot be continued ends with an error and is not paid', async () => {
    ai = await AiNetwork.start({ pieces: PIECES, dropsAfter: 20 });
    ai.startNode('A');
    const chunks = collect(await ai.client().chat.completions.create({ ...chat, stream: true }));
    const failure = expect(chunks).rejects.toMatchObject({ code: 'stream_interrupted' });
    await until(() => onChain().state?.kind === 'Waiting');
    const other = await OpenAiServer.start({ pieces: ['something', ' else'] });
    ai.startNode('B', other);
    ai.network.market.advance(60);
    await failure;
    await until(() => onChain().state?.kind === 'Cancelled');
    other.close();
});

test('before the first text an error has its status, also for a stream', async () => {
    ai = await AiNetwork.start({ statuses: [422] });
    ai.startNode();
    const call = ai.client().chat.completions.create({ ...chat, stream: true });
    await expect(call).rejects.toMatchObject({ status: 422, code: 'job_failed' });
});

test('a long chat is charged no more than was held', async () => {
    ai = await AiNetwork.start({ pieces: Array<string>(5_000).fill('x') });
    ai.startNode();
    await ai.client().chat.completions.create({ ...chat, max_tokens: 50 });
    const held = ai.network.requests[0]?.maxCredits ?? 0n;
    expect(onChain().state).toMatchObject({ creditsUsed: held });
    expect(held).toBeLessThan(200n);
});

test('requests that no node could serve are 400 and name the field', async () => {
    ai = await AiNetwork.start();
    const { chat: chats, completions } = ai.client();
    const bad: [Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>, string][] = [
        [{ messages: [] }, 'messages'],
        [{ n: 2 }, 'n'],
        [{ logprobs: true }, 'logprobs'],
        [{ temperature: 3 }, 'temperature'],
        [{ max_tokens: 0 }, 'max_tokens'],
        [
            { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }] },
            'messages'
        ]
    ];
    for (const [change, param] of bad) {
        const failure: unknown = await chats.completions
            .create({ ...chat, ...change })
            .catch((thrown: unknown) => thrown);
        expect(failure).toMatchObject({ status: 400, code: 'invalid_request' });
        expect(failure instanceof OpenAI.APIError && failure.param).toMatch(new RegExp(`^${param}`));
    }
    const many = completions.create({ model: APPS.Completion, prompt: ['a', 'b'] });
    await expect(many).rejects.toMatchObject({ status: 400, param: 'prompt' });
    const wrongKind = chats.completions.create({ ...chat, model: APPS.Embedding });
    await expect(wrongKind).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
});

test('only the holder of the lease may deliver, and only to who waits', async () => {
    ai = await AiNetwork.start();
    const pending = ai.client().chat.completions.create({ ...chat, stream: true });
    await until(() => ai.network.lastId() === 1n && onChain().state?.kind === 'Queued');
    ai.startNode();
    let release = (): void => undefined;
    const tried = new Promise<void>((resolve) => (release = resolve));
    ai.ai.does = { pieces: PIECES, holds: { after: 3, until: tried } };
    const hash = createHash('sha256').update('guess').digest('hex');
    const deliver = async (path: string, authorization: string) => {
        const headers = { authorization, 'content-type': 'application/x-ndjson' };
        const body = '{"kind":"text","text":"forged"}\n';
        return (await fetch(`${ai.url}/deliveries/${path}`, { method: 'POST', headers, body })).status;
    };
    const stream = await pending;
    expect(await deliver('1/1', `Lease ${hash}`)).toBe(401);
    expect(await deliver('1/1', 'Bearer x')).toBe(401);
    expect(await deliver('2/1', `Lease ${hash}`)).toBe(404);
    expect(await deliver('x/y', `Lease ${hash}`)).toBe(404);
    release();
    const text = (await collect(stream)).map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(PIECES.join(''));
});
