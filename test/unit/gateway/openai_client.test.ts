import OpenAI from 'openai';
import { APP, NODE_A } from '../compute_gateway/support/market';
import { FakeNetwork, GOOD_KEY, REVOKED_KEY, startOn, until } from './support/fakes';

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
    await close?.();
});

async function gateway(network: FakeNetwork, changes: Parameters<typeof startOn>[1] = {}) {
    const running = await startOn(network, changes);
    close = running.close;
    const client = (apiKey = GOOD_KEY) => new OpenAI({ apiKey, baseURL: `${running.url}/v1`, maxRetries: 0 });
    return { ...running, client };
}

/** Status and code of the error that a call ends with. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
    try {
        await call;
        return 'no failure';
    } catch (failure) {
        return failure instanceof OpenAI.APIError ? [failure.status, failure.code] : failure;
    }
}

test('the official client embeds one text and many, as floats and as base64', async () => {
    const { client } = await gateway(new FakeNetwork());
    const one = await client().embeddings.create({ model: APP, input: 'hello' });
    expect(one).toMatchObject({ object: 'list', model: APP, usage: { prompt_tokens: 4, total_tokens: 4 } });
    expect(one.data).toEqual([{ object: 'embedding', index: 0, embedding: [5, 0.5, -1] }]);
    const many = await client().embeddings.create({
        model: APP,
        input: ['a', 'bb', 'ccc'],
        encoding_format: 'float'
    });
    expect(many.data.map(({ index, embedding }) => [index, embedding[0]])).toEqual([
        [0, 1],
        [1, 2],
        [2, 3]
    ]);
    const raw = await client().embeddings.create({ model: APP, input: 'hello', encoding_format: 'base64' });
    expect(raw.data[0]?.embedding).toBe(Buffer.from(Float32Array.of(5, 0.5, -1).buffer).toString('base64'));
});

test('the official client lists models and retrieves one', async () => {
    const network = new FakeNetwork();
    network.market.registerApp('org/model:v2', new Uint8Array(32).fill(8));
    const { client } = await gateway(network);
    const ids: string[] = [];
    for await (const model of client().models.list()) ids.push(model.id);
    expect(ids).toEqual([APP, 'org/model:v2']);
    const model = await client().models.retrieve('org/model:v2');
    expect(model).toMatchObject({ id: 'org/model:v2', object: 'model', owned_by: 'emc', created: 1_800_000_000 });
    expect(await failureOf(client().models.retrieve('nothing'))).toEqual([404, 'model_not_found']);
});

test('unknown and revoked keys are 401 everywhere, alike', async () => {
    const { client } = await gateway(new FakeNetwork());
    for (const key of ['emc-unknown', REVOKED_KEY]) {
        expect(await failureOf(client(key).models.list())).toEqual([401, 'invalid_api_key']);
        expect(await failureOf(client(key).embeddings.create({ model: APP, input: 'x' }))).toEqual([
            401,
            'invalid_api_key'
        ]);
    }
});

test('an unknown model is 404', async () => {
    const { client } = await gateway(new FakeNetwork());
    const call = client().embeddings.create({ model: 'nothing', input: 'x' });
    expect(await failureOf(call)).toEqual([404, 'model_not_found']);
});

test('scenario 2: insufficient credits are 402 and leave no job behind', async () => {
    const network = new FakeNetwork();
    network.credits = 1n;
    const { client } = await gateway(network);
    const call = client().embeddings.create({ model: APP, input: 'x' });
    expect(await failureOf(call)).toEqual([402, 'insufficient_credits']);
    expect(network.market.book.tables.jobs.size()).toBe(0);
});

test('scenario 3: the same Idempotency-Key is the same job, with another input 409', async () => {
    const network = new FakeNetwork();
    const { client } = await gateway(network);
    const headers = { 'Idempotency-Key': 'mine' };
    const create = (input: string) => client().embeddings.create({ model: APP, input }, { headers }).asResponse();
    const ids = await Promise.all(
        Array.from({ length: 5 }, async () => (await create('x')).headers.get('x-emc-job-id'))
    );
    expect(ids).toEqual(Array(5).fill('1'));
    expect(network.market.records()).toHaveLength(1);
    expect(await failureOf(create('y'))).toEqual([409, 'idempotency_conflict']);
});

test('scenario 16: a prompt of 100 KiB is 413, as is what the canister or the request has no room for', async () => {
    const network = new FakeNetwork();
    const { client } = await gateway(network, { limits: { bodyBytes: 200_000 } });
    const create = (length: number) => client().embeddings.create({ model: APP, input: 'x'.repeat(length) });
    expect(await failureOf(create(102_400))).toEqual([413, 'payload_too_large']);
    expect(await failureOf(create(200_001))).toEqual([413, 'payload_too_large']);
    const body = { url: '/v1/embeddings', body: { model: APP, input: 'x'.repeat(102_400) } };
    expect(await failureOf(client().post('/jobs', { body }))).toEqual([413, 'payload_too_large']);
    expect(network.lastId()).toBe(0n);
    expect((await create(65_000)).data).toHaveLength(1);

    await close?.();
    const generous = await gateway(network, { limits: { inlineBytes: 131_072 } });
    const ask = (length: number) => generous.client().embeddings.create({ model: APP, input: 'x'.repeat(length) });
    expect((await ask(131_000)).data).toHaveLength(1);
    network.market.book.tables.limits.set({ ...network.market.book.tables.limits.get(), maxInputBytes: 1_000n });
    expect(await failureOf(ask(2_000))).toEqual([413, 'payload_too_large']);
});

test('a paused market is told apart from an outage: 503 with Retry-After, and no job', async () => {
    const network = new FakeNetwork();
    network.refuses = { code: 'Paused' };
    const { client } = await gateway(network);
    const failure: unknown = await client()
        .embeddings.create({ model: APP, input: 'x' })
        .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ status: 503, code: 'market_paused' });
    expect(failure instanceof OpenAI.APIError && failure.headers?.get('retry-after')).toBe('60');
});

test('scenario 9: a job that fails for good is 422 with its reason', async () => {
    const network = new FakeNetwork();
    network.node = { fails: 'context_too_long' };
    const { client } = await gateway(network);
    const call = client().embeddings.create({ model: APP, input: 'x' });
    await expect(call).rejects.toMatchObject({ status: 422, code: 'job_failed' });
    await expect(call).rejects.toThrow('context_too_long');
});

test('failures of nodes are 503 with Retry-After: nothing is wrong with the request', async () => {
    const network = new FakeNetwork();
    network.node = { fails: 'backend_unreachable' };
    const { client } = await gateway(network);
    const call = client().embeddings.create({ model: APP, input: 'x' });
    await expect(call).rejects.toMatchObject({ status: 503, code: 'node_failed' });
    const failure: unknown = await call.catch((thrown: unknown) => thrown);
    expect(failure instanceof OpenAI.APIError && failure.headers?.get('retry-after')).toBe('2');
});

test('scenario 14: a full queue is 429 with Retry-After', async () => {
    const network = new FakeNetwork();
    const { tables } = network.market.book;
    tables.limits.set({ ...tables.limits.get(), maxActive: 0n });
    const { client } = await gateway(network);
    const failure: unknown = await client()
        .embeddings.create({ model: APP, input: 'x' })
        .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ status: 429, code: 'busy' });
    expect(failure instanceof OpenAI.APIError && failure.headers?.get('retry-after')).toBe('1');
});

test('a job that nobody takes is 504 at the deadline, cancelled, and says why', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    network.market.attach(NODE_A, 64, []);
    const { client } = await gateway(network, { limits: { requestMs: 150 } });
    const call = client().embeddings.create({ model: APP, input: 'x' });
    await expect(call).rejects.toMatchObject({ status: 504, code: 'deadline_exceeded' });
    await expect(call).rejects.toThrow('NoNodeForModel');
    expect(network.state(1n)).toBe('Cancelled');
    expect(network.requests[0]?.ttlS).toBe(1n);
});

test('a client that goes away cancels its job', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const { client } = await gateway(network);
    const abort = new AbortController();
    const call = client().embeddings.create({ model: APP, input: 'x' }, { signal: abort.signal });
    await until(() => network.state(1n) === 'Queued');
    abort.abort();
    await expect(call).rejects.toThrow(OpenAI.APIUserAbortError);
    await until(() => network.state(1n) === 'Cancelled');
});

test('a submission whose answer was lost is repeated and makes one job', async () => {
    const network = new FakeNetwork();
    network.loseAnswers = 1;
    network.outages.get = 2;
    const { client } = await gateway(network);
    expect((await client().embeddings.create({ model: APP, input: 'x' })).data).toHaveLength(1);
    expect(network.requests).toHaveLength(2);
    expect(network.lastId()).toBe(1n);
});

test('a network that cannot be reached is 503', async () => {
    const network = new FakeNetwork();
    const { client } = await gateway(network, { cacheMs: 0 });
    network.outages.check = 1;
    expect(await failureOf(client().models.list())).toEqual([503, 'unavailable']);
    network.outages.submit = 3;
    const call = client().embeddings.create({ model: APP, input: 'x' });
    expect(await failureOf(call)).toEqual([503, 'unavailable']);
});

test('each key has its own rate', async () => {
    const { client } = await gateway(new FakeNetwork(), { limits: { requestsPerMinutePerKey: 60 } });
    const outcomes = await Promise.all(Array.from({ length: 11 }, () => failureOf(client().models.list())));
    expect(outcomes.filter((outcome) => outcome === 'no failure')).toHaveLength(10);
    expect(outcomes).toContainEqual([429, 'rate_limit_exceeded']);
    expect(await failureOf(client('emc-other').models.list())).toEqual([401, 'invalid_api_key']);
});

test('malformed requests are 400 and name the field', async () => {
    const { client, url } = await gateway(new FakeNetwork(), { limits: { inputsPerRequest: 2 } });
    const bodies = [
        { model: APP },
        { model: APP, input: '' },
        { model: APP, input: [] },
        { model: APP, input: [1, 2] }
    ];
    for (const body of [...bodies, { model: APP, input: ['a', 'b', 'c'] }]) {
        const call = client().post('/embeddings', { body });
        await expect(call).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
    }
    const dimensions = client().embeddings.create({ model: APP, input: 'x', dimensions: 3 });
    await expect(dimensions).rejects.toMatchObject({ status: 400, param: 'dimensions' });
    const headers = { authorization: `Bearer ${GOOD_KEY}`, 'content-type': 'application/json' };
    const post = (body: string, type = headers['content-type']) =>
        fetch(`${url}/v1/embeddings`, { method: 'POST', headers: { ...headers, 'content-type': type }, body });
    expect((await post('{')).status).toBe(400);
    expect((await post('x', 'text/plain')).status).toBe(415);
    expect(await (await fetch(`${url}/v2/nothing`)).json()).toMatchObject({ error: { code: 'unknown_url' } });
});
