import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPUTE_NODES, keyPath } from '../../src/cli/start/keys';
import { sleep } from '../../src/client/wait';
import { once, type Benchmark } from '../lib/benchmark';
import { missingBullMq, runBullMq } from '../lib/bullmq';
import { ChatLoad, type ChatRun, type ChatTarget } from '../lib/chat_load';
import { ComputeMarket, freePort } from '../lib/compute_market';
import { Program } from '../lib/program';
import { quantile } from '../lib/statistics';

const MODEL = 'chat-model';
const CONNECTIONS = 32;
const RUNS = 5;
const CHATS = 2_000;
/** Offered when latency is measured: far from what saturates the machine, where a closed loop would show only its queues. */
const CHATS_PER_SECOND = 200;
const JOBS = 200;
const SESSION_TRIES = 100;
const MILLISECONDS = 1_000;

/** The gateway serves no session, so its path cannot be measured. */
class NoSession extends Error {
    constructor() {
        super('no session was opened');
        this.name = 'NoSession';
    }
}

interface Shop {
    readonly gateway: ChatTarget;
    readonly backend: ChatTarget;
    close(): Promise<void>;
}

/** Network, AI server, gateway and node, each a process of its own, as in production but on one machine. */
async function openShop(): Promise<Shop> {
    const folder = await mkdtemp(join(tmpdir(), 'emc-bench-'));
    const server = new Program('backend', ['--import', 'tsx', 'bench/lib/fast_backend.ts'], /Backend ready/);
    const baseUrl = /ready at (\S+)/.exec(await server.start())?.[1] ?? '';
    const limits = { max_active_per_payer: 1_000n, max_leased_per_payer: 256n };
    const terms = { model: MODEL, leaseS: 60n, credits: 900_000n, queueLimits: limits };
    const market = await ComputeMarket.open(folder, terms);
    const port = await freePort();
    const shared = market.agentConfig('error');
    const gateway = await market.agent('gateway', 'gateway', {
        ...shared,
        keyFile: keyPath(market.keyFolder, 'gateway'),
        port,
        limits: { requestsPerMinutePerKey: 100_000_000 },
        sessions: { maxCredits: 700_000 },
        cacheMs: 60_000
    });
    const node = await market.agent('node', 'node', {
        ...shared,
        logLevel: 'info',
        keyFile: keyPath(market.keyFolder, COMPUTE_NODES[0]),
        apps: [{ appId: MODEL, backend: { kind: 'openai-compatible', baseUrl, model: 'm', slots: 256 } }],
        slots: 64,
        pocIntervalMs: 0
    });
    await Promise.all([gateway.start(), node.start()]);
    return {
        gateway: { url: `http://127.0.0.1:${port}/v1`, apiKey: market.apiKey, model: MODEL },
        backend: { url: baseUrl, apiKey: 'none', model: 'm' },
        async close() {
            for (const program of [gateway, node, market.network, server]) await program.stop();
            await rm(folder, { recursive: true, force: true });
        }
    };
}

interface Pair {
    readonly direct: ChatRun;
    readonly through: ChatRun;
    /** Through gateway and session, as fast as it goes. */
    readonly saturated: ChatRun;
}

/** The same rate of chats to the AI server alone and through gateway and session, in turns, so that both see the same machine. */
const pairs = once(async (): Promise<readonly Pair[]> => {
    const shop = await openShop();
    const direct = new ChatLoad(shop.backend, CONNECTIONS);
    const through = new ChatLoad(shop.gateway, CONNECTIONS);
    try {
        await untilSession(through);
        await Promise.all([direct.run(CHATS), through.run(CHATS)]);
        const measured: Pair[] = [];
        while (measured.length < RUNS) {
            measured.push({
                direct: await direct.runAt(CHATS_PER_SECOND, CHATS),
                through: await through.runAt(CHATS_PER_SECOND, CHATS),
                saturated: await through.run(CHATS)
            });
        }
        if (!(await isOnSession(through))) throw new NoSession();
        return measured;
    } finally {
        direct.close();
        through.close();
        await shop.close();
    }
});

async function isOnSession(load: ChatLoad): Promise<boolean> {
    return (await load.ask())['x-emc-session-id'] !== undefined;
}

async function untilSession(load: ChatLoad): Promise<void> {
    for (let tries = 0; tries < SESSION_TRIES; tries++) {
        if (await isOnSession(load)) return;
        await sleep(200);
    }
    throw new NoSession();
}

const added = (q: number) => async (): Promise<readonly number[]> =>
    (await pairs()).map(({ direct, through }) => quantile(through.latenciesMs, q) - quantile(direct.latenciesMs, q));

/** Jobs: a client that names each by an Idempotency-Key, so that none goes by a session. */
async function jobsPerSecond(): Promise<readonly number[]> {
    const shop = await openShop();
    const load = new ChatLoad(shop.gateway, CONNECTIONS);
    let named = 0;
    const headersOf = (): Record<string, string> => ({ 'idempotency-key': `job ${named++}` });
    try {
        await load.run(CONNECTIONS, headersOf);
        const rates: number[] = [];
        while (rates.length < 3) {
            const { elapsedMs } = await load.run(JOBS, headersOf);
            rates.push((JOBS * MILLISECONDS) / elapsedMs);
        }
        return rates;
    } finally {
        load.close();
        await shop.close();
    }
}

export const gatewayBenchmarks: readonly Benchmark[] = [
    {
        name: 'gateway_p50',
        unit: 'ms',
        description:
            'Added by gateway, session line and node at the median: 2 000 chats with 1 KiB prompts on 32 connections at 200 per second (an open loop; latency from the time at which a chat is due), all processes on one machine, less the same load on the AI server alone.',
        runs: added(0.5)
    },
    { name: 'gateway_p99', unit: 'ms', description: 'The same at the 99th percentile.', runs: added(0.99) },
    {
        name: 'gateway_rps',
        unit: 'calls/s',
        description:
            'Chats per second through the gateway when each of the 32 connections sends again as soon as it has its answer.',
        runs: async () => (await pairs()).map(({ saturated }) => (CHATS * MILLISECONDS) / saturated.elapsedMs)
    },
    {
        name: 'gateway_p50_saturated',
        unit: 'ms',
        description: 'Median latency of that load, its queues on the busy machine included.',
        runs: async () => (await pairs()).map(({ saturated }) => quantile(saturated.latenciesMs, 0.5))
    },
    {
        name: 'jobs_per_second',
        unit: 'calls/s',
        description:
            'Paid jobs from the HTTP request to the answer, 32 at a time: hold, queue, lease, AI server, completion and record on the embedded network.',
        runs: jobsPerSecond
    },
    {
        name: 'jobs_per_second_bullmq',
        unit: 'calls/s',
        description:
            'For comparison: jobs of BullMQ on Redis that do nothing, 32 at a time. No money, no signatures, no consensus.',
        missing: missingBullMq,
        runs: async () => {
            const rates: number[] = [];
            while (rates.length < 3) rates.push((10 * JOBS * MILLISECONDS) / (await runBullMq(10 * JOBS, CONNECTIONS)));
            return rates;
        }
    }
];
