import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { Cached } from '../../../src/gateway/cached';
import { BadConfig } from '../../../src/client/config_problems';
import { parseGatewayConfig } from '../../../src/gateway/config';
import { watchNetwork } from '../../../src/gateway/network_watch';
import { RateLimit } from '../../../src/gateway/rate_limit';
import { PortTaken } from '../../../src/gateway/start_gateway';
import { maxUnitsOf, unitsOf } from '../../../src/core/compute/units';
import { ALICE, APP } from '../compute_gateway/support/market';
import { FakeNetwork, GOOD_KEY, startOn, until } from './support/fakes';

const HEADERS = { authorization: `Bearer ${GOOD_KEY}`, 'content-type': 'application/json' };

function embed(url: string, input: string): Promise<Response> {
    return fetch(`${url}/v1/embeddings`, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ model: APP, input })
    });
}

test('health, readiness and metrics tell how the gateway does', async () => {
    const network = new FakeNetwork();
    const gateway = await startOn(network);
    await (await embed(gateway.url, 'x')).json();
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    network.outages.listModels = 1;
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('emc_http_requests_total{route="/v1/embeddings",status="200"} 1');
    expect(metrics).toContain('emc_job_seconds_count{outcome="completed"} 1');
    expect(metrics).toContain('emc_requests_in_flight 0');
    expect(metrics).toContain('emc_canister_call_seconds_count{method="submit",outcome="answered"} 1');
    expect(metrics).toContain('emc_canister_call_seconds_count{method="listModels",outcome="failed"} 1');
    expect(metrics).toContain(`emc_tokens_total{model="${APP}",direction="in"} 4`);
    expect(metrics).toContain(`emc_tokens_total{model="${APP}",direction="out"} 0`);
    expect(metrics).toMatch(/^emc_outbox_messages 0$/m);
    // Nothing that tells who asked, or for what.
    expect(metrics).not.toContain(GOOD_KEY);
    expect(metrics).not.toContain(ALICE.toText());
    await gateway.close();
});

test('metrics tell the time in the queue, as a node takes a job', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const gateway = await startOn(network);
    const asked = embed(gateway.url, 'x');
    await until(() => network.state(1n) === 'Queued');
    network.node = 'works';
    await (await asked).json();
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/^emc_job_queue_seconds_count 1$/m);
    await gateway.close();
});

test('metrics tell the cycles of the canisters and how late settlements are, without waiting for a dead network', async () => {
    const registry = new Registry();
    let isAway = false;
    const ask = <T>(value: T): Promise<T> => (isAway ? new Promise(() => undefined) : Promise.resolve(value));
    const port = { cycles: () => ask({ hub: 7n }), unsettledSinceMs: () => ask(10_000) };
    watchNetwork(registry, port, () => 25_000);
    const told = await registry.metrics();
    expect(told).toContain('emc_canister_cycles{canister="hub"} 7');
    expect(told).toMatch(/^emc_settlement_lag_seconds 15$/m);
    const early = new Registry();
    watchNetwork(early, port, () => 5_000);
    expect(await early.metrics()).toMatch(/^emc_settlement_lag_seconds 0$/m);
    isAway = true;
    const away = new Registry();
    watchNetwork(away, port);
    expect(await away.metrics()).not.toContain('emc_canister_cycles{');
});

test('the log has one line for each request, without prompts and keys', async () => {
    const network = new FakeNetwork();
    const gateway = await startOn(network);
    await (await embed(gateway.url, 'a very private prompt')).json();
    await gateway.close();
    const lines = gateway.log.map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = lines.filter(({ msg }) => msg === 'request');
    expect(requests).toMatchObject([{ route: '/v1/embeddings', method: 'POST', status: 200, job_id: '1' }]);
    expect(gateway.log.join()).not.toMatch(/private|emc-good-key/);
});

test('a request whose client has left is counted and told as well, and an error by its code', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const gateway = await startOn(network);
    const leaving = new AbortController();
    const left = fetch(`${gateway.url}/v1/embeddings`, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify({ model: APP, input: 'x' }),
        signal: leaving.signal
    }).catch(() => undefined);
    await until(() => network.state(1n) === 'Queued');
    leaving.abort();
    await left;
    await until(() => network.state(1n) === 'Cancelled');
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('emc_http_requests_total{route="/v1/embeddings",status="499"} 1');
    await gateway.close();
    const requests = gateway.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(isRequest);
    expect(requests).toMatchObject([
        { route: '/v1/embeddings', status: 499 },
        { route: '/v1/models', status: 401, code: 'invalid_api_key' },
        { route: '/metrics', status: 200 }
    ]);
});

function isRequest({ msg }: Record<string, unknown>): boolean {
    return msg === 'request';
}

test('closing lets running requests end', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const gateway = await startOn(network);
    const pending = embed(gateway.url, 'x');
    await until(() => network.state(1n) === 'Queued');
    const closing = gateway.close();
    network.node = 'works';
    const answer = await pending;
    expect(answer.status).toBe(200);
    await answer.json();
    await closing;
    await expect(embed(gateway.url, 'x')).rejects.toThrow();
});

test('more requests than the gateway holds are refused at once', async () => {
    const network = new FakeNetwork();
    network.node = 'idle';
    const gateway = await startOn(network, { limits: { requestsInFlight: 1 } });
    const first = embed(gateway.url, 'x');
    await until(() => network.state(1n) === 'Queued');
    expect((await embed(gateway.url, 'y')).status).toBe(429);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    network.node = 'works';
    expect((await first).status).toBe(200);
    await gateway.close();
});

test('a taken port is an error that names the option', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const failure: unknown = await startOn(new FakeNetwork(), { port }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(PortTaken);
    expect(failure).toMatchObject({ option: 'port', port });
    other.close();
});

test('a bad configuration is refused with every problem at once', () => {
    try {
        parseGatewayConfig({
            network: { host: 'x' },
            canisters: {},
            keyFile: '',
            poll: { minMs: 500, maxMs: 100 },
            limits: { inlineByte: 1 },
            journalFil: 'a typo that would lose what it was meant to keep'
        });
        throw new BadConfig([]);
    } catch (failure) {
        const problems = failure instanceof BadConfig ? failure.problems : [];
        expect(problems.map((problem) => problem.split(':')[0])).toEqual([
            'network.host',
            'canisters.compute_gateway',
            'canisters.hub',
            'keyFile',
            'limits.inlineByte',
            'poll',
            'journalFil'
        ]);
    }
});

test('rate limit: a burst, then the steady rate, and room for so many keys', () => {
    let nowMs = 0;
    const limit = new RateLimit(60, 2, () => nowMs);
    const takes = (count: number) => Array.from({ length: count }, () => limit.take('a'));
    expect(takes(11)).toEqual([...Array<undefined>(10).fill(undefined), 1_000]);
    nowMs = 2_000;
    expect(takes(3)).toEqual([undefined, undefined, 1_000]);
    limit.take('b');
    limit.take('c');
    expect(limit.take('a')).toBeUndefined();
});

test('cache: answers are shared and remembered, failures are not, and old ones make room', async () => {
    let nowMs = 0;
    let asked = 0;
    const cache = new Cached<number>(100, 2, () => nowMs);
    const ask = () => Promise.resolve(++asked);
    expect(await Promise.all([cache.get('a', ask), cache.get('a', ask)])).toEqual([1, 1]);
    nowMs = 100;
    expect(await cache.get('a', ask)).toBe(2);
    await expect(cache.get('b', () => Promise.reject(new RangeError()))).rejects.toThrow(RangeError);
    expect(await cache.get('b', ask)).toBe(3);
    await cache.get('c', ask);
    expect(await cache.get('a', ask)).toBe(5);
});

test('units: tokens and inputs count, anything else is the request; the bound is never below the use', () => {
    expect(['token', 'input', 'minute'].map((unit) => unitsOf(unit, { tokens: 7, inputs: 2 }))).toEqual([7n, 2n, 1n]);
    expect(['token', 'input', 'minute'].map((unit) => maxUnitsOf(unit, ['é', 'abc']))).toEqual([7n, 2n, 1n]);
});
