/** Images and asynchronous jobs, by the official client where it knows them. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { APPS, AiNetwork } from './support/ai_network';
import { OTHER_KEY, until } from './support/fakes';

let ai: AiNetwork;
afterEach(() => ai.close());

interface JobView {
    id: string;
    status: string;
    model: string;
    created_at: number;
    finished_at: number | null;
    why_not: string | null;
    result: { choices?: { message: { content: string } }[]; data?: object[] } | null;
    error: { code: string } | null;
}

const order = {
    url: '/v1/chat/completions',
    body: { model: APPS.Chat, messages: [{ role: 'user', content: 'x' }], stream: true }
};
const post = (body: object, options: OpenAI.RequestOptions = {}, key?: string) =>
    ai.client(key).post<JobView>('/jobs', { body, ...options });
const get = (id: string, key?: string) => ai.client(key).get<JobView>(`/jobs/${id}`);
const statusOf = async (call: Promise<unknown>): Promise<unknown> =>
    call.then(
        () => 200,
        (failure: unknown) => (failure instanceof OpenAI.APIError ? [failure.status, failure.code] : failure)
    );

test('images come in base64 or as data URLs, one unit each', async () => {
    ai = await AiNetwork.start();
    ai.startNode();
    const image = Buffer.from('an image').toString('base64');
    const ask = { model: APPS.Image, prompt: 'a cat', n: 2, size: '1024x1024' } as const;
    const answer = await ai.client().images.generate(ask);
    expect(answer.data).toEqual([{ b64_json: image }, { b64_json: image }]);
    expect(ai.network.requests[0]?.maxCredits).toBe(2n);
    const urls = await ai.client().images.generate({ ...ask, n: 1, response_format: 'url' });
    expect(urls.data).toEqual([{ url: `data:image/png;base64,${image}` }]);
    expect(ai.ai.seen[0]?.body).toMatchObject({
        prompt: 'a cat',
        n: 2,
        size: '1024x1024',
        response_format: 'b64_json'
    });
    const none = ai.client().images.generate({ ...ask, n: 11 });
    expect(await statusOf(none)).toEqual([400, 'invalid_request']);
});

test('an image that no message to a canister could hold goes to the client directly; the chain has its hash', async () => {
    const image = Buffer.alloc(3_000_000, 7).toString('base64');
    ai = await AiNetwork.start({ image });
    ai.startNode();
    const answer = await ai.client().images.generate({ model: APPS.Image, prompt: 'large' });
    expect(answer.data?.[0]?.b64_json).toBe(image);
    await until(() => ai.network.state(1n) === 'Completed');
    expect(ai.network.market.book.tables.outputs.get(1n)).toBeUndefined();
});

test('the same image without anybody to take it is refused for good, and nothing is paid', async () => {
    ai = await AiNetwork.start(
        { image: Buffer.alloc(3_000_000, 7).toString('base64') },
        { delivery: { enabled: false } }
    );
    ai.startNode();
    const call = ai.client().images.generate({ model: APPS.Image, prompt: 'large' });
    expect(await statusOf(call)).toEqual([422, 'job_failed']);
    expect(ai.network.market.records()).toMatchObject([{ status: 'Failed', creditsUsed: 0n }]);
});

test('the official client embeds through an OpenAI-compatible server', async () => {
    ai = await AiNetwork.start();
    ai.startNode();
    const answer = await ai.client().embeddings.create({ model: APPS.Embedding, input: ['a', 'bcd'] });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual([
        [1, 0.5],
        [3, 0.5]
    ]);
});

test('a job that nobody waits for is taken, runs, and keeps its result', async () => {
    ai = await AiNetwork.start();
    const taken = await post(order).asResponse();
    expect(taken.status).toBe(202);
    const job = (await taken.json()) as JobView;
    expect(job).toMatchObject({ id: 'job_1', status: 'queued', model: APPS.Chat, result: null, error: null });
    expect(await get(job.id)).toMatchObject({ status: 'queued', why_not: 'NoNodeForModel' });
    ai.startNode();
    await until(() => ai.network.state(1n) === 'Completed');
    const done = await get(job.id);
    expect(done.result?.choices?.[0]?.message.content).toBe('Hello, world');
    expect(done.finished_at).toBeGreaterThanOrEqual(done.created_at);
    const images = await post({ url: '/v1/images/generations', body: { model: APPS.Image, prompt: 'x' } });
    await until(() => ai.network.state(2n) === 'Completed');
    expect((await get(images.id)).result?.data).toHaveLength(1);
});

test('jobs are listed newest first, cancelled, and nobody sees those of others', async () => {
    ai = await AiNetwork.start();
    const [first, second] = [await post(order), await post(order)];
    const list = () => ai.client().get<{ data: JobView[] }>('/jobs');
    expect((await list()).data.map(({ id }) => id)).toEqual([second.id, first.id]);
    const cancelled = await ai.client().post<JobView>(`/jobs/${first.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 'cancelled', error: { code: 'job_cancelled' } });
    expect((await ai.client().delete<JobView>(`/jobs/${second.id}`)).status).toBe('cancelled');
    expect(await statusOf(get(first.id, OTHER_KEY))).toEqual([404, 'job_not_found']);
    expect(await statusOf(ai.client(OTHER_KEY).post(`/jobs/${first.id}/cancel`))).toEqual([404, 'job_not_found']);
    expect((await ai.client(OTHER_KEY).get<{ data: JobView[] }>('/jobs')).data).toEqual([]);
    expect(await statusOf(get('job_99'))).toEqual([404, 'job_not_found']);
    expect(await statusOf(get('99'))).toEqual([404, 'job_not_found']);
    expect(await statusOf(get(first.id, 'emc-unknown'))).toEqual([401, 'invalid_api_key']);
});

test('the same Idempotency-Key is the same job, with another body a conflict', async () => {
    ai = await AiNetwork.start();
    const options = { headers: { 'Idempotency-Key': 'once' } };
    expect((await post(order, options)).id).toBe('job_1');
    expect((await post(order, options)).id).toBe('job_1');
    const other = { ...order, body: { ...order.body, messages: [{ role: 'user', content: 'y' }] } };
    expect(await statusOf(post(other, options))).toEqual([409, 'idempotency_conflict']);
});

test('jobs that could never run are refused at once', async () => {
    ai = await AiNetwork.start();
    expect(await statusOf(post({ url: '/v1/models', body: {} }))).toEqual([400, 'invalid_request']);
    expect(await statusOf(post({ ...order, body: { model: APPS.Chat } }))).toEqual([400, 'invalid_request']);
    expect(await statusOf(post({ ...order, ttl_s: 0 }))).toEqual([400, 'invalid_request']);
    ai.network.credits = 0n;
    expect(await statusOf(post(order))).toEqual([402, 'insufficient_credits']);
    expect(ai.network.market.book.tables.jobs.size()).toBe(0);
});

/** Serves bytes by HTTP; ends with the network. */
async function blobServer(content: string): Promise<string> {
    const server = createServer((_request, response) => response.end(content));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ai.add(async () => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prompt`;
}

test('scenario 16: a prompt of 100 KiB goes by its hash; other bytes end the job for good, with the reason', async () => {
    ai = await AiNetwork.start();
    ai.startNode();
    const prompt = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(102_400) }], max_tokens: 20 });
    const locator = await blobServer(prompt);
    const size = Buffer.byteLength(prompt);
    const right = createHash('sha256').update(prompt).digest('hex');
    const orderOf = (sha256: string) => ({
        url: '/v1/chat/completions',
        model: APPS.Chat,
        input: { sha256, size, locators: [locator] }
    });
    const good = await post(orderOf(right));
    const bad = await post(orderOf('ab'.repeat(32)));
    await until(() => ai.network.state(1n) === 'Completed' && ai.network.state(2n) === 'Failed');
    expect((await get(good.id)).result?.choices?.[0]?.message.content).toBe('Hello, world');
    expect(ai.ai.seen.map(({ body }) => JSON.stringify(body.messages).length > 102_400)).toEqual([true]);
    expect(await get(bad.id)).toMatchObject({ status: 'failed', error: { code: 'job_failed' } });
    expect((await get(bad.id)).error).toMatchObject({ message: expect.stringContaining('hash_mismatch') });
    expect(ai.network.market.book.get(2n)?.attempt).toBe(1);
});

test('references that could never be fetched are refused at once, with the field', async () => {
    ai = await AiNetwork.start();
    const input = { sha256: 'ab'.repeat(32), size: 10, locators: ['https://example.org/x'] };
    const refused = async (changes: object, more: object = {}): Promise<unknown> =>
        statusOf(post({ url: '/v1/embeddings', model: APPS.Embedding, input: { ...input, ...changes }, ...more }));
    expect(await refused({ sha256: 'short' })).toEqual([400, 'invalid_request']);
    expect(await refused({ size: 0 })).toEqual([400, 'invalid_request']);
    expect(await refused({ size: 2 ** 31 })).toEqual([400, 'invalid_request']);
    expect(await refused({ locators: [] })).toEqual([400, 'invalid_request']);
    expect(await refused({ locators: ['file:///etc/passwd'] })).toEqual([400, 'invalid_request']);
    expect(await refused({}, { body: {} })).toEqual([400, 'invalid_request']);
    expect(await refused({}, { model: 'unknown' })).toEqual([404, 'model_not_found']);
    expect(ai.network.lastId()).toBe(0n);
    expect(await refused({}, { max_units: 5 })).toBe(200);
    expect(ai.network.requests[0]?.maxCredits).toBe(5n);
});
