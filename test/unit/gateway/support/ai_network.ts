import type { AppKind } from '../../../../canisters/compute_gateway/domain/app';
import OpenAI from 'openai';
import { httpDelivery } from '../../../../src/node/adapters/http_delivery';
import { httpInputs } from '../../../../src/node/adapters/http_inputs';
import { openAiCompatible } from '../../../../src/node/backends/openai_compatible';
import type { Backend } from '../../../../src/node/ports';
import { JobRunner, type ServedApp } from '../../../../src/node/job_runner';
import { Worker } from '../../../../src/node/worker';
import { NODE_A, NODE_B } from '../../compute_gateway/support/market';
import { FakeQueue, MemoryLog } from '../../node/support/fakes';
import { OpenAiServer, type Behaviour } from '../../node/support/openai_server';
import { FakeNetwork, GOOD_KEY, startOn, until } from './fakes';

/** One app of each kind, all run by one AI server. */
export const APPS = {
    Chat: 'chat-model',
    Completion: 'text-model',
    Image: 'image-model',
    Embedding: 'vectors'
} as const;

const UNITS: Partial<Record<AppKind, string>> = { Image: 'image', Embedding: 'input' };

/** A gateway before a fake network whose node is a real one: real HTTP on both sides, a real queue between them. */
export class AiNetwork {
    readonly network = new FakeNetwork();
    readonly log = new MemoryLog();
    private readonly cleanups: (() => Promise<void> | void)[] = [];
    url = '';

    private constructor(readonly ai: OpenAiServer) {
        this.network.node = 'idle';
        this.network.market.attach(NODE_A, 64, []);
        let index = 100;
        for (const [kind, appId] of Object.entries(APPS) as [AppKind, string][]) {
            const unit = UNITS[kind] ?? 'token';
            const spec = { kind, unit, unitPriceCredits: 1n, maxUnits: 40_000n };
            this.network.market.registerApp(appId, new Uint8Array(32).fill(index++), spec);
        }
    }

    static async start(
        does: Behaviour = {},
        changes: Parameters<typeof startOn>[1] = {},
        sessions?: Parameters<typeof startOn>[2]
    ): Promise<AiNetwork> {
        const made = new AiNetwork(await OpenAiServer.start(does));
        made.cleanups.push(() => made.ai.close());
        const gateway = await startOn(made.network, changes, sessions);
        made.url = gateway.url;
        made.cleanups.push(gateway.close);
        const { gatewayUrls } = made.network.market.book.tables;
        if (changes.delivery?.enabled !== false) await until(() => gatewayUrls.size() === 1);
        return made;
    }

    client(apiKey = GOOD_KEY): OpenAI {
        return new OpenAI({ apiKey, baseURL: `${this.url}/v1`, maxRetries: 0 });
    }

    /** A node agent for all apps, on a server of its own or on the common one; the answer stops it. */
    startNode(name: 'A' | 'B' = 'A', ai = this.ai, backend = backendOf(ai)): () => Promise<void> {
        const node = name === 'A' ? NODE_A : NODE_B;
        const { market } = this.network;
        const source = new FakeQueue(market, node);
        market.attach(node, 64, Object.values(APPS));
        const parts = {
            source,
            log: this.log,
            openDelivery: httpDelivery({ allowHttp: false, ackMs: 60_000 }),
            fetchInput: httpInputs({ allowPrivate: true, timeoutMs: 60_000 })
        };
        const served = this.served(ai, backend);
        const runner = new JobRunner(served, parts);
        const options = {
            backends: new Map([...served].map(([appId, { backend }]) => [appId, backend])),
            slots: 64,
            poll: { minMs: 5, maxMs: 20, factor: 2 },
            graceMs: 0
        };
        const stop = new AbortController();
        const running = new Worker({ ...parts, runner }, options).run(Promise.resolve(), stop.signal);
        const end = (): Promise<void> => {
            stop.abort();
            return running;
        };
        this.cleanups.push(end);
        return end;
    }

    /** All apps, each on the AI server. */
    served(ai = this.ai, backend = backendOf(ai)): ReadonlyMap<string, ServedApp> {
        const { appsById } = this.network.market.book.tables;
        return new Map(
            Object.values(APPS).map((appId) => {
                const { kind, unit, modelHash, execLimitS } = appsById.get(appId) ?? APP_MISSING;
                const app = { appId, kind, unit, modelHash, execLimitMs: Number(execLimitS) * 1_000 };
                return [appId, { app, backend }];
            })
        );
    }

    /** Ends with the network, before it. */
    add(cleanup: () => Promise<void>): void {
        this.cleanups.push(cleanup);
    }

    async close(): Promise<void> {
        for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
    }
}

const APP_MISSING = { kind: 'Other', unit: '', modelHash: new Uint8Array(), execLimitS: 0n } as const;

/** A server as a backend; what it bears with may be changed. */
export function backendOf(ai: OpenAiServer, changes: Partial<Parameters<typeof openAiCompatible>[0]> = {}): Backend {
    return openAiCompatible({
        baseUrl: ai.url,
        model: 'm',
        timeoutMs: 60_000,
        idleMs: 60_000,
        slots: 64,
        breaker: { failures: 5, restMs: 200 },
        retry: { tries: 2, minMs: 1, maxMs: 5 },
        probeMs: 1_000,
        ...changes
    });
}
