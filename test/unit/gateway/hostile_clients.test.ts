/** Clients that leave early, dawdle, do not read, or speak something else than HTTP: over real sockets. */
import { connect, type Socket } from 'node:net';
import OpenAI from 'openai';
import { APP } from '../compute_gateway/support/market';
import { AiNetwork, APPS } from './support/ai_network';
import { FakeNetwork, GOOD_KEY, startOn, until } from './support/fakes';

const AUTHORIZATION = `authorization: Bearer ${GOOD_KEY}\r\n`;
const JSON_TYPE = 'content-type: application/json\r\n';

/** Sends text as it is; `heard` is what comes back. */
function speak(url: string, text: string) {
    const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
    const conversation = { socket, heard: '', isOver: false };
    socket.on('data', (piece) => (conversation.heard += piece.toString()));
    socket.on('error', () => undefined).on('close', () => (conversation.isOver = true));
    socket.write(text);
    return conversation;
}

const statusIn = (heard: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1]);
const bodyIn = (heard: string): unknown => JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4));

function embedding(body: string, length = body.length): string {
    const head = `POST /v1/embeddings HTTP/1.1\r\nhost: x\r\n${AUTHORIZATION}${JSON_TYPE}`;
    return `${head}content-length: ${length}\r\n\r\n${body}`;
}

const BODY = JSON.stringify({ model: APP, input: 'x' });

test.each(['check', 'listModels'] as const)(
    'a client that leaves during %s gets no job, and pays nothing',
    async (kind) => {
        const network = new FakeNetwork();
        let answer = (): void => undefined;
        network.answersAfter[kind] = new Promise((resolve) => (answer = resolve));
        const gateway = await startOn(network);
        const { socket } = speak(gateway.url, embedding(BODY));
        await new Promise((resolve) => setTimeout(resolve, 100));
        socket.destroy();
        await until(() => gateway.log.some((line) => line.includes('"status":499')));
        answer();
        expect(
            (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${GOOD_KEY}` } })).status
        ).toBe(200);
        await gateway.close();
        expect(network.requests).toEqual([]);
    }
);

test('a body that does not arrive is given up, and its place goes to others', async () => {
    const network = new FakeNetwork();
    const gateway = await startOn(network, { limits: { requestsInFlight: 1, bodyMs: 200 } });
    const slow = speak(gateway.url, embedding(BODY.slice(0, 5), BODY.length));
    await until(() => slow.isOver);
    expect(statusIn(slow.heard)).toBe(408);
    expect(bodyIn(slow.heard)).toMatchObject({ error: { code: 'request_timeout', type: 'invalid_request_error' } });
    const quick = speak(gateway.url, embedding(BODY));
    await until(() => quick.heard.includes('"embedding"'));
    quick.socket.destroy();
    await gateway.close();
    expect(gateway.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test('who has no good key is told so before its body is read', async () => {
    const gateway = await startOn(new FakeNetwork());
    const text = embedding('', 1_000).replace(GOOD_KEY, 'emc-of-nobody');
    const stranger = speak(gateway.url, text);
    await until(() => stranger.heard.includes('\r\n\r\n'));
    expect(statusIn(stranger.heard)).toBe(401);
    stranger.socket.destroy();
    await gateway.close();
});

test('the scheme of a key may be written in letters of either case', async () => {
    const gateway = await startOn(new FakeNetwork());
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `bearer  ${GOOD_KEY}` } });
    expect(answer.status).toBe(200);
    await gateway.close();
});

test.each([
    [
        'a URL that cannot be decoded',
        `GET /v1/models/%zz HTTP/1.1\r\nhost: x\r\n${AUTHORIZATION}\r\n`,
        400,
        'invalid_request'
    ],
    ['something else than HTTP', 'how do you do\r\n\r\n', 400, 'invalid_request'],
    ['endless headers', `GET /v1/models HTTP/1.1\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`, 431, 'headers_too_large'],
    [
        'two lengths',
        `POST /v1/models HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n`,
        400,
        'invalid_request'
    ],
    [
        'a length that is no number',
        `POST /v1/models HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n`,
        400,
        'invalid_request'
    ]
])('%s is answered as the OpenAI API answers', async (_name, text, status, code) => {
    const gateway = await startOn(new FakeNetwork());
    const client = speak(gateway.url, text);
    await until(() => client.heard.includes('\r\n\r\n'));
    expect([statusIn(client.heard), (bodyIn(client.heard) as { error: { code: string } }).error.code]).toEqual([
        status,
        code
    ]);
    client.socket.destroy();
    await gateway.close();
});

test('requests that come before the answers of earlier ones are answered in their order', async () => {
    const gateway = await startOn(new FakeNetwork());
    const texts = ['one', 'three', 'fourteen'].map((input) => embedding(JSON.stringify({ model: APP, input })));
    const client = speak(gateway.url, texts.join(''));
    await until(() => (client.heard.match(/"embedding":\[/g) ?? []).length === 3);
    // The fake model's vectors begin with the length of their text.
    expect([...client.heard.matchAll(/"embedding":\[(\d+),/g)].map(([, length]) => length)).toEqual(['3', '5', '8']);
    client.socket.destroy();
    await gateway.close();
});

test('a client that does not read its stream is given up, and the node stops', async () => {
    const ai = await AiNetwork.start({ pieces: Array<string>(400).fill('x'.repeat(200_000)), pauseMs: 1 });
    ai.startNode();
    const body = JSON.stringify({ model: APPS.Chat, messages: [{ role: 'user', content: 'Go on.' }], stream: true });
    const socket = connect(Number(new URL(ai.url).port), '127.0.0.1');
    socket.on('error', () => undefined).pause();
    socket.write(embedding(body).replace('/v1/embeddings', '/v1/chat/completions'));
    await until(() => ai.ai.seen.at(-1)?.aborted === true);
    expect(ai.network.state(1n)).toBe('Cancelled');
    socket.destroy();
    await ai.close();
});

test('a network that never answers makes the gateway unready, not silent', async () => {
    const network = new FakeNetwork();
    network.answersAfter.listModels = new Promise(() => undefined);
    const gateway = await startOn(network);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    await gateway.close();
});

test('every answer names its request, as the log does, and a conflict tells clients not to ask again', async () => {
    const ai = await AiNetwork.start();
    ai.startNode();
    const client = new OpenAI({ apiKey: GOOD_KEY, baseURL: `${ai.url}/v1`, maxRetries: 5 });
    const { data, response } = await client.chat.completions
        .create({ model: APPS.Chat, messages: [{ role: 'user', content: 'Hello' }], stream: true })
        .withResponse();
    for await (const chunk of data) expect(chunk.object).toBe('chat.completion.chunk');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    const headers = { 'Idempotency-Key': 'mine' };
    const named = { model: APPS.Embedding, input: 'one' };
    expect((await client.embeddings.create(named, { headers }).withResponse()).request_id).toMatch(/^req_/);
    const failure: unknown = await client.embeddings
        .create({ ...named, input: 'two' }, { headers })
        .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
        status: 409,
        code: 'idempotency_conflict',
        requestID: expect.stringMatching(/^req_/)
    });
    expect(ai.network.requests).toHaveLength(3);
    await ai.close();
});
