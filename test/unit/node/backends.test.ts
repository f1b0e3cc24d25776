import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeEmbeddingOutput, encodeEmbeddingInput } from '../../../src/core/compute/embedding_job';
import { embeddedEmbeddings } from '../../../src/node/backends/embedded_embeddings';
import { openAiCompatible } from '../../../src/node/backends/openai_compatible';
import type { BackendResult, Failure, Task } from '../../../src/node/ports';
import type { Result } from '../../../src/core/result';

const embeddingOf = (input: readonly string[]): Task => ({ kind: 'Embedding', input: encodeEmbeddingInput({ input }) });
const INPUT = embeddingOf(['first', 'second']);
const never = new AbortController().signal;

let server: Server | undefined;
afterEach(() => {
    server?.closeAllConnections();
    server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const QUICK = {
    idleMs: 60_000,
    slots: 4,
    breaker: { failures: 100, restMs: 1_000 },
    retry: { tries: 1, minMs: 1, maxMs: 5 },
    probeMs: 0
};

function backendAt(baseUrl: string, timeoutMs = 60_000) {
    return openAiCompatible({ ...QUICK, baseUrl, model: 'm', apiKey: 'secret', timeoutMs });
}

function vectorsOf(result: Result<BackendResult, Failure>): number[][] {
    const output = result.ok ? decodeEmbeddingOutput(result.value.output) : undefined;
    if (!output?.ok) throw result;
    return output.value.embeddings.map((text) => {
        const bytes = Buffer.from(text, 'base64');
        return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    });
}

test('an OpenAI-compatible server gets the request and its vectors come back in the order of the inputs', async () => {
    const seen: { url?: string; key?: string; body?: unknown } = {};
    const baseUrl = await serve((request, response) => {
        seen.url = request.url;
        seen.key = request.headers.authorization;
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
            seen.body = JSON.parse(body);
            response.setHeader('content-type', 'application/json');
            const data = [
                { index: 1, embedding: [0.5, 2] },
                { index: 0, embedding: [1, -1] }
            ];
            response.end(JSON.stringify({ data, usage: { prompt_tokens: 7, total_tokens: 7 } }));
        });
    });
    const result = await backendAt(baseUrl).run(INPUT, never);
    expect(vectorsOf(result)).toEqual([
        [1, -1],
        [0.5, 2]
    ]);
    expect(result).toMatchObject({ value: { tokens: 7, inputs: 2 } });
    expect(seen).toEqual({
        url: '/v1/embeddings',
        key: 'Bearer secret',
        body: { model: 'm', input: ['first', 'second'], encoding_format: 'float' }
    });
});

test.each([
    [429, 'backend_429', true],
    [503, 'backend_503', true],
    [500, 'backend_500', true],
    [400, 'backend_refused_400', false],
    [422, 'backend_refused_422', false]
])('status %i of the server is %s', async (status, code, retryable) => {
    const baseUrl = await serve((_request, response) => response.writeHead(status).end());
    expect(await backendAt(baseUrl).run(INPUT, never)).toEqual({ ok: false, error: { code, retryable } });
});

test('a server that hangs is left when the lease is lost, and when its time is up', async () => {
    const baseUrl = await serve(() => undefined);
    const lost = new AbortController();
    const pending = backendAt(baseUrl).run(INPUT, lost.signal);
    lost.abort();
    expect(await pending).toMatchObject({ error: { code: 'aborted', retryable: true } });
    const late = await backendAt(baseUrl, 20).run(INPUT, never);
    expect(late).toMatchObject({ error: { code: 'backend_timeout', retryable: true } });
});

test('a server that is not there or talks nonsense is worth another attempt', async () => {
    const nobody = await backendAt('http://127.0.0.1:9/v1').run(INPUT, never);
    expect(nobody).toMatchObject({ error: { code: 'backend_unreachable', retryable: true } });
    const answers = ['{"data":[]}', '{"data":[],"usage":{"prompt_tokens":1}}'];
    const baseUrl = await serve((_request, response) => response.end(answers.shift()));
    for (let count = 0; count < 2; count++) {
        const odd = await backendAt(baseUrl).run(INPUT, never);
        expect(odd).toMatchObject({ error: { code: 'backend_malformed', retryable: true } });
    }
});

test('the embedded model runs offline: like texts are near, its hash is stable, and it stops when told', async () => {
    const backend = await embeddedEmbeddings();
    const texts = ['A cat sits on the mat.', 'A kitten is sitting on a rug.', 'The stock market fell today.'];
    const vectors = vectorsOf(await backend.run(embeddingOf(texts), never));
    expect(vectors.map((vector) => vector.length)).toEqual([512, 512, 512]);
    const [cat = [], kitten = [], market = []] = vectors;
    expect(cosine(cat, kitten)).toBeGreaterThan(cosine(cat, market) + 0.2);
    expect(backend.modelHash).toHaveLength(32);
    expect((await embeddedEmbeddings()).modelHash).toEqual(backend.modelHash);
    const stopped = await backend.run(embeddingOf(texts), AbortSignal.abort());
    expect(stopped).toMatchObject({ error: { code: 'aborted', retryable: true } });
});

test('payloads that are none are refused for good', async () => {
    const backend = await embeddedEmbeddings();
    const payloads = ['', 'nonsense', '{}', '{"input":[]}', '{"input":[""]}', '{"input":[1]}', '[]'];
    for (const payload of payloads) {
        const result = await backend.run({ kind: 'Embedding', input: new TextEncoder().encode(payload) }, never);
        expect(result).toEqual({ ok: false, error: { code: 'malformed_input', retryable: false } });
    }
});

function cosine(a: readonly number[], b: readonly number[]): number {
    const dot = (x: readonly number[], y: readonly number[]) =>
        x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
