/**
 * The official OpenAI client, the HTTP gateway and the node agent before a live network: over HTTP, with certificates and
 * query signatures verified, with the real embeddings model.
 */
import type { Ed25519KeyIdentity } from '@dfinity/identity';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { connectAgent } from '../../src/client/agent';
import { canisterActor } from '../../src/client/canisters';
import { loadOrCreateIdentity } from '../../src/client/key_file';
import { encodeEmbeddingInput } from '../../src/core/compute/embedding_job';
import { sha256 } from '../../src/core/hash';
import { startGateway, type RunningGateway } from '../../src/gateway';
import { embeddedModelHash, runNode, type NodeConfigInput } from '../../src/node';
import { pino } from 'pino';
import { canisterPlan } from '../../src/validator/adapters/canister_plan';
import { httpApi } from '../../src/validator/adapters/http_api';
import { systemClock } from '../../src/validator/adapters/system_clock';
import { inventedTexts } from '../../src/validator/duties/text_source';
import { backendReferences } from '../../src/validator/adapters/backend_references';
import { comparedApi } from '../../src/validator/duties/compared_api';
import { plannedProbeDuty } from '../../src/validator/duties/planned_probe';
import { prometheusMetrics } from '../../src/validator/metrics/metrics';
import {
    accepted,
    activateNode,
    admitValidators,
    buyCredits,
    createApiKey,
    idOf,
    Refused
} from '../support/compute_market';
import { givenUpWhen } from '../support/late_api';
import { asService } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';
import { until } from '../support/until';
import { OpenAiServer } from '../unit/node/support/openai_server';
import { FakeState } from '../unit/validator/fakes';

const APP = 'text-embedding-en';
const CHAT = 'chat-model';
/** Paid by the request. */
const LONG = 'long-model';
const EMBEDDED = { kind: 'embedded-embeddings' } as const;
const USER = idOf('user');
const KEYS = { user: 'emc-user', poor: 'emc-poor', revoked: 'emc-revoked' } as const;

let suite: Suite;
let folder: string;
let host: string;
let node: Ed25519KeyIdentity;
let gateway: RunningGateway;
let ai: OpenAiServer;
/** Ends the node of a test that failed before it did: the next one's would find the key in use. */
const stopNodes: (() => Promise<void>)[] = [];

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-gateway-'));
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n, probeMinS: 5n, probeMaxS: 10n }, Date.now());
    await admitValidators(suite);
    node = await loadOrCreateIdentity(join(folder, 'node.pem'));
    await activateNode(suite, {
        principal: node.getPrincipal(),
        publicKey: new Uint8Array(node.getPublicKey().toDer())
    });
    await openShop();
    ai = await OpenAiServer.start();
    host = `http://127.0.0.1:${await suite.pic.makeLive()}`;
    gateway = await startGateway(gatewayConfig());
});
afterEach(async () => {
    await Promise.all(stopNodes.splice(0).map((stop) => stop()));
});
afterAll(async () => {
    await gateway.close();
    ai.close();
    await suite.close();
    await rm(folder, { recursive: true, force: true });
});

/** The app, the gateway's right to present keys, and two users with keys. */
async function openShop(): Promise<void> {
    const asDeployer = suite.as('compute_gateway', suite.deployer);
    const terms = { unit_price_credits: 1n, lease_s: 60n, exec_limit_s: [] as [], requirements: [] as [] };
    const price = { unit: 'token', max_units: 1_000n, ...terms };
    const embedding = { app_id: APP, kind: { Embedding: null }, model_hash: await embeddedModelHash() };
    const chat = { app_id: CHAT, kind: { Chat: null }, model_hash: new Uint8Array(32).fill(5) };
    for (const app of [embedding, chat]) accepted(await asDeployer.register_app({ ...app, ...price }));
    const long = { ...chat, app_id: LONG, model_hash: new Uint8Array(32).fill(6) };
    accepted(await asDeployer.register_app({ ...long, ...price, unit: 'request', max_units: 1n }));
    const gatewayKey = await loadOrCreateIdentity(join(folder, 'gateway.pem'));
    accepted(await asDeployer.add_gateway(gatewayKey.getPrincipal()));
    // More than all calls come to, however many of them a slow machine makes before a session has its line.
    await buyCredits(suite, USER, 100_000n);
    await createApiKey(suite, USER, KEYS.user);
    await createApiKey(suite, idOf('poor user'), KEYS.poor);
    const revoked = await createApiKey(suite, USER, KEYS.revoked);
    accepted(await suite.as('hub', USER).revoke_api_key(revoked));
}

const gatewayConfig = () => ({
    network: { host },
    canisters: { compute_gateway: suite.ids.compute_gateway.toText(), hub: suite.ids.hub.toText() },
    keyFile: join(folder, 'gateway.pem'),
    port: 0,
    logLevel: 'silent' as const
});

/** A node agent; the answer stops it and waits for its end. */
function startNode(embeddings: NodeConfigInput['apps'][number]['backend'] = EMBEDDED): () => Promise<void> {
    const stop = new AbortController();
    const running = runNode(
        {
            network: { host },
            canisters: {
                compute_gateway: suite.ids.compute_gateway.toText(),
                state_machine: suite.ids.state_machine.toText()
            },
            keyFile: join(folder, 'node.pem'),
            apps: [
                { appId: APP, backend: embeddings },
                { appId: CHAT, backend: { kind: 'openai-compatible', baseUrl: ai.url, model: 'm' } },
                { appId: LONG, backend: { kind: 'openai-compatible', baseUrl: ai.url, model: 'm' } }
            ],
            // The blob's server is on this machine.
            inputs: { allowPrivate: true },
            sessions: { pollMs: 100, settleMs: 1_000 },
            logLevel: 'silent'
        },
        stop.signal
    );
    const stopNode = (): Promise<void> => (stop.abort(), running);
    stopNodes.push(stopNode);
    return stopNode;
}

const client = (apiKey: string = KEYS.user) => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });

const embed = (input: string | string[], options: OpenAI.RequestOptions = {}) =>
    client().embeddings.create({ model: APP, input }, options).withResponse();

/** The canister, as the node sees it over HTTP. */
async function asNode() {
    return canisterActor('compute_gateway', await connectAgent({ host }, node), suite.ids.compute_gateway);
}

const account = () => suite.as('hub', USER).get_account(USER);

async function job(jobId: bigint) {
    return accepted(await suite.as('compute_gateway', suite.deployer).get_job(jobId));
}

test('an OpenAI client gets embeddings that a node computed and the user paid by the token', async () => {
    const stopNode = startNode();
    const before = await account();
    const { data: answer, response } = await embed(['hello world', 'what is a canister?']);
    expect(answer.data.map(({ embedding }) => embedding.length)).toEqual([512, 512]);
    const jobId = BigInt(response.headers.get('x-emc-job-id') ?? '');
    const done = await job(jobId);
    expect(done.node.map(String)).toEqual([node.getPrincipal().toText()]);
    expect(done.owner.toText()).toBe(USER.toText());
    expect(done.credits_used).toBe(BigInt(answer.usage.prompt_tokens));
    await until(async () => (await account()).held === 0n);
    expect((await account()).spent - before.spent).toBe(done.credits_used);
    expect((await client().models.list()).data.map(({ id }) => id)).toEqual([APP, CHAT, LONG]);
    await stopNode();
});

test('keys that are unknown, revoked or without credits buy nothing', async () => {
    const failures = ['emc-unknown', KEYS.revoked, KEYS.poor].map(async (key) => {
        const call = client(key).embeddings.create({ model: APP, input: 'x' });
        const failure: unknown = await call.catch((thrown: unknown) => thrown);
        return failure instanceof OpenAI.APIError ? failure.status : undefined;
    });
    expect(await Promise.all(failures)).toEqual([401, 401, 402]);
});

test('a client that goes away cancels its job on the canister and gets its hold back', async () => {
    const abort = new AbortController();
    const call = embed('nobody runs this', { signal: abort.signal });
    const queue = await asNode();
    await until(async () => (await queue.peek([APP])).queued > 0n);
    abort.abort();
    await expect(call).rejects.toThrow(OpenAI.APIUserAbortError);
    await until(async () => (await queue.peek([APP])).queued === 0n);
    await until(async () => (await account()).held === 0n);
});

test('a node that crashed goes on with its lease when it is back', async () => {
    const queue = await asNode();
    accepted(await queue.attach_node({ apps: [APP], slots: 1, capacity: [] }));
    const submitted = await suite.as('compute_gateway', USER).submit_job({
        app_id: APP,
        input: encodeEmbeddingInput({ input: ['resumed'] }),
        max_credits: 100n,
        idempotency_key: [],
        payer: { Caller: null },
        ttl_s: [],
        priority: [],
        session_key: [],
        ack_hash: []
    });
    const jobId = accepted(submitted).job_id;
    const [lease] = accepted(await queue.claim_jobs({ max: 1, apps: [] }));
    if (lease?.job_id !== jobId) throw new Refused('NothingToClaim');
    const stopNode = startNode();
    await until(async () => 'Completed' in (await job(jobId)).state);
    expect(await job(jobId)).toMatchObject({ attempt: 1 });
    await stopNode();
});

test('an Idempotency-Key is the same job to a gateway that was restarted', async () => {
    const stopNode = startNode();
    const headers = { 'Idempotency-Key': 'across a restart' };
    const first = await embed('once', { headers });
    await gateway.close();
    gateway = await startGateway(gatewayConfig());
    const second = await embed('once', { headers });
    expect(second.response.headers.get('x-emc-job-id')).toBe(first.response.headers.get('x-emc-job-id'));
    expect(second.data.data).toEqual(first.data.data);
    await stopNode();
});

const stream = (content: string, options: OpenAI.RequestOptions = {}) =>
    client()
        .chat.completions.create(
            {
                model: CHAT,
                messages: [{ role: 'user', content }],
                max_tokens: 300,
                stream: true,
                stream_options: { include_usage: true }
            },
            options
        )
        .withResponse();

test('scenario 17: a chat streams from the node beside the chain, which has its hash and takes the payment', async () => {
    ai.does = { pieces: Array.from({ length: 100 }, (_, index) => `${index} `), pauseMs: 2 };
    const stopNode = startNode();
    const before = await account();
    const { data, response } = await stream('count');
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of data) chunks.push(chunk);
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(ai.does.pieces?.join(''));
    expect(chunks.length).toBeGreaterThan(20);
    expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 107 });
    const jobId = BigInt(response.headers.get('x-emc-job-id') ?? '');
    await until(async () => 'Completed' in (await job(jobId)).state);
    const done = await job(jobId);
    expect(Uint8Array.from(done.output_hash[0] ?? [])).toEqual(sha256(new TextEncoder().encode(text)));
    expect(done).toMatchObject({ output: [], units: 107n, credits_used: 107n, lease_hash: [] });
    await until(async () => (await account()).held === 0n);
    expect((await account()).spent - before.spent).toBe(107n);
    await stopNode();
});

test('scenario 17: a client that leaves at chunk 10 cancels the job, stops the AI server and pays for what there was', async () => {
    ai.does = { pieces: Array<string>(500).fill('x '), holds: { after: 50 } };
    const stopNode = startNode();
    const before = await account();
    const { data, response } = await stream('never mind');
    let seen = 0;
    for await (const chunk of data) if (chunk.choices[0]?.delta.content && ++seen === 10) break;
    await until(async () => ai.seen.at(-1)?.aborted === true);
    const jobId = BigInt(response.headers.get('x-emc-job-id') ?? '');
    await until(async () => 'Cancelled' in (await job(jobId)).state);
    await until(async () => (await account()).held === 0n);
    const paid = (await account()).spent - before.spent;
    expect(paid).toBe((await job(jobId)).credits_used);
    expect(paid).toBeGreaterThanOrEqual(10n);
    expect(paid).toBeLessThan(300n);
    await stopNode();
});

test("a validator's probe goes the way of any call, is what the hub recorded of it, and fails a node that runs another model", async () => {
    const validator = idOf('validator 1');
    const hub = suite.as('hub', validator);
    await buyCredits(suite, validator, 1_000n);
    await createApiKey(suite, validator, 'emc-probes');
    const [log, metrics] = [pino({ enabled: false }), prometheusMetrics()];
    const references = backendReferences([{ model: APP, backend: EMBEDDED, leastCosine: 0.99 }], log);
    const api = comparedApi(httpApi({ gatewayUrl: gateway.url, apiKey: 'emc-probes' }), references);
    const plan = canisterPlan(asService(hub), validator, [{ apiKey: 'emc-probes', api }]);
    const parts = { state: new FakeState(), api, texts: inventedTexts, clock: systemClock, metrics };
    const config = { planMs: 1, probeTimeoutMs: 600_000, probeModel: APP, recordMs: 600_000 };
    const duty = plannedProbeDuty({ ...parts, log }, plan, config);
    const probes = async () => hub.list_validator_probes(validator, 0n, 10n);
    const stopNode = startNode();
    await until(async () => (await plan.dueProbes()).length > 0);
    await duty.run(new AbortController().signal);
    const [probe] = await probes();
    const [call] = await hub.get_request(probe?.request_id[0] ?? 0n);
    expect(probe).toMatchObject({ status: { Success: null }, node: node.getPrincipal() });
    expect(call).toMatchObject({ status: { Success: null }, origin: { Validator: null }, app_id: APP });
    expect([call?.owner.toText(), call?.node.map(String)]).toEqual([validator.toText(), [probe?.node.toText()]]);
    await stopNode();
    await until(async () => (await plan.dueProbes()).length > 0);
    const stopOther = startNode({ kind: 'openai-compatible', baseUrl: ai.url, model: 'another model' });
    await duty.run(new AbortController().signal);
    const [wrong] = await probes();
    const [paid] = await hub.get_request(wrong?.request_id[0] ?? 0n);
    expect([wrong?.status, paid?.status]).toEqual([{ Failed: null }, { Success: null }]);
    await stopOther();
    await until(async () => (await plan.dueProbes()).length > 0);
    // Gives up when the hub knows the call, which takes as long as it takes.
    const isKnown = async () => (await plan.callTo(node.getPrincipal().toText())) !== undefined;
    const late = [{ apiKey: 'emc-probes', api: givenUpWhen(api, isKnown) }];
    const directed = canisterPlan(asService(hub), validator, late);
    const impatient = { ...config, probeTimeoutMs: 10 };
    await plannedProbeDuty({ ...parts, log }, directed, impatient).run(new AbortController().signal);
    const [missed] = await probes();
    const [unserved] = await hub.get_request(missed?.request_id[0] ?? 0n);
    expect(missed).toMatchObject({ status: { Timeout: null } });
    expect([unserved?.owner.toText(), unserved?.node]).toEqual([validator.toText(), []]);
});

const chat = (content: string) =>
    client()
        .chat.completions.create({ model: CHAT, messages: [{ role: 'user', content }], max_tokens: 20 })
        .withResponse();

test('a key that comes again is served by a session: no jobs, one hold, paid by what its gateway has signed', async () => {
    ai.does = { pieces: ['a ', 'b '] };
    await gateway.close();
    gateway = await startGateway({ ...gatewayConfig(), sessions: { maxCredits: 300, idleMs: 3_600_000 } });
    const stopNode = startNode();
    /** The session that answered, if one did. */
    const chatOnSession = async (content: string): Promise<bigint | undefined> => {
        const { response } = await chat(content);
        const [id] = response.headers.get('x-emc-session-id')?.split('-') ?? [];
        return id === undefined ? undefined : BigInt(id);
    };
    let sessionId: bigint | undefined;
    await until(async () => (sessionId = await chatOnSession('hello')) !== undefined);
    const queue = suite.as('compute_gateway', USER);
    const session = async () => accepted(await queue.get_session(sessionId ?? 0n));
    const { data: answer } = await chat('hello again');
    expect(answer.choices[0]?.message.content).toBe('a b ');
    expect(await session()).toMatchObject({ state: { Open: null }, node: [expect.anything()], max_units: 300n });
    // The gateway closes a session that is spent, and its node has it settled.
    await until(async () => (await chatOnSession('and again')) === undefined);
    await until(async () => 'Ended' in (await session()).state);
    const { settled } = await session();
    expect(settled.calls).toBeGreaterThanOrEqual(2);
    expect(settled.units).toBe(BigInt(settled.calls) * 9n);
    await until(async () => (await account()).held === 0n);
    const [record] = await suite.as('hub', USER).get_request(sessionId ?? 0n);
    expect(record).toMatchObject({ status: { Success: null }, credits_used: settled.units });
    expect(record?.receipt_hash).toHaveLength(1);
    await stopNode();
});

interface JobView {
    readonly id: string;
    readonly status: string;
    readonly result: { readonly choices?: readonly { readonly message: { readonly content: string } }[] } | null;
    readonly error: { readonly code: string; readonly message: string } | null;
}

test('scenario 16: a prompt of 100 KiB is 413 inline; by its hash a node fetches and checks it, and refuses other bytes', async () => {
    ai.does = { pieces: ['a ', 'b '] };
    const prompt = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(102_400) }], max_tokens: 20 });
    const inline = { model: LONG, messages: [{ role: 'user' as const, content: 'x'.repeat(102_400) }], max_tokens: 20 };
    const headers = { 'Idempotency-Key': 'large' };
    const refused = client().chat.completions.create(inline, { headers });
    await expect(refused).rejects.toMatchObject({ status: 413, code: 'payload_too_large' });

    const blobs = createServer((_request, response) => response.end(prompt));
    await new Promise<void>((resolve) => blobs.listen(0, '127.0.0.1', resolve));
    const locator = `http://127.0.0.1:${(blobs.address() as AddressInfo).port}/prompt`;
    const stopNode = startNode();
    const ordered = async (hash: Uint8Array): Promise<JobView> => {
        const input = { sha256: Buffer.from(hash).toString('hex'), size: prompt.length, locators: [locator] };
        const body = { url: '/v1/chat/completions', model: LONG, input };
        const { id } = await client().post<JobView>('/jobs', { body });
        const look = (): Promise<JobView> => client().get<JobView>(`/jobs/${id}`);
        await until(async () => ['completed', 'failed'].includes((await look()).status));
        return look();
    };
    const good = await ordered(sha256(new TextEncoder().encode(prompt)));
    expect(good.result?.choices?.[0]?.message.content).toBe('a b ');
    expect(JSON.stringify(ai.seen.at(-1)?.body.messages).length).toBeGreaterThan(102_400);
    const bad = await ordered(new Uint8Array(32).fill(1));
    expect(bad).toMatchObject({ status: 'failed', error: { code: 'job_failed' } });
    expect(bad.error?.message).toContain('hash_mismatch');
    await until(async () => (await account()).held === 0n);
    await stopNode();
    blobs.close();
});
