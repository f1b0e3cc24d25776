/** A gateway with its node, network and AI server, each a process of its own, as in production but on one machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPUTE_NODES, keyPath } from '../../src/cli/start/keys';
import { sleep } from '../../src/client/wait';
import type { ChatTarget } from './chat_load';
import { ComputeMarket, freePort } from './compute_market';
import { Program } from './program';

const MODEL = 'chat-model';
/** Jobs that the node has at a time. */
export const SLOTS = 64;

export interface Shop {
    readonly gateway: ChatTarget;
    readonly backend: ChatTarget;
    /** Resolves when the chain has nothing left to do: every job has ended, and the hub has recorded it. */
    settled(): Promise<void>;
    close(): Promise<void>;
}

export async function openShop(): Promise<Shop> {
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
        slots: SLOTS,
        pocIntervalMs: 0
    });
    await Promise.all([gateway.start(), node.start()]);
    return {
        gateway: { url: `http://127.0.0.1:${port}/v1`, apiKey: market.apiKey, model: MODEL },
        backend: { url: baseUrl, apiKey: 'none', model: 'm' },
        settled: () => untilSettled(market),
        async close() {
            for (const program of [gateway, node, market.network, server]) await program.stop();
            await rm(folder, { recursive: true, force: true });
        }
    };
}

/** Between two looks: a look costs the network less than a hundredth of a job. */
const LOOK_MS = 50;

async function untilSettled({ suite, keys }: ComputeMarket): Promise<void> {
    const { compute_gateway: queue } = await suite.as(keys.deployer);
    const request: Parameters<typeof queue.http_request>[0] = {
        url: '/metrics',
        method: 'GET',
        headers: [],
        body: new Uint8Array(),
        certificate_version: []
    };
    for (;;) {
        const { body } = await queue.http_request(request);
        const text = Buffer.from(Uint8Array.from(body)).toString();
        if (/^emc_gateway_jobs_active 0$/m.test(text) && /^emc_gateway_outbox_messages 0$/m.test(text)) return;
        await sleep(LOOK_MS);
    }
}
