import { pino, type Logger } from 'pino';
import { setMaxListeners } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startGateway } from '../../gateway';
import { runNode, type NodeConfigInput } from '../../node';
import type { RunningNetwork } from '../../replica';
import { parseValidatorConfig, runValidator } from '../../validator';
import { toHex } from '../../core/bytes';
import { CANISTERS } from '../../core/peers';
import { createApiKey } from './customer';
import { COMPUTE_NODES, keyPath, VALIDATORS, type Keys } from './keys';
import type { LocalSuite } from './local_suite';
import { EMBEDDING_MODEL } from './market';
import type { StartOptions } from './options';
import { StepRefused } from './outcome';
import type { Cleanup } from './story';

const SECOND_MS = 1_000;

/** The off-chain agents of the local network: they talk to it over HTTP, as they would from anywhere. */
export class Agents {
    gatewayUrl = '';
    private readonly stop = new AbortController();
    private readonly running: Promise<void>[] = [];
    private readonly log: Logger;

    constructor(
        private readonly suite: LocalSuite,
        private readonly network: RunningNetwork,
        private readonly keys: Keys,
        private readonly options: StartOptions,
        private readonly cleanup: Cleanup
    ) {
        this.log = logTo(logFile(options));
        // Every agent listens to the one signal, many times.
        setMaxListeners(0, this.stop.signal);
        cleanup.add(async () => {
            this.stop.abort();
            await Promise.allSettled(this.running);
        });
    }

    async startGateway(): Promise<void> {
        const { compute_gateway: computeGateway, hub } = this.suite.ids;
        const config = {
            network: this.access(),
            canisters: { compute_gateway: computeGateway.toText(), hub: hub.toText() },
            keyFile: keyPath(this.options.keyFolder, 'gateway'),
            port: this.options.gatewayPort,
            // The network's state is in memory: the next one knows nothing of this one's jobs.
            journalFile: false as const
        };
        const gateway = await startGateway(config, this.log.child({ agent: 'gateway' }));
        this.cleanup.add(() => gateway.close());
        this.gatewayUrl = gateway.url;
    }

    async startNodes(): Promise<void> {
        for (const name of COMPUTE_NODES) {
            const config: NodeConfigInput = {
                network: this.access(),
                canisters: {
                    compute_gateway: this.suite.ids.compute_gateway.toText(),
                    state_machine: this.suite.ids.state_machine.toText()
                },
                keyFile: keyPath(this.options.keyFolder, name),
                apps: [{ appId: EMBEDDING_MODEL, backend: { kind: 'embedded-embeddings' } }],
                poll: { minMs: 100, maxMs: 1_000 },
                statusIntervalMs: 60 * SECOND_MS,
                pocIntervalMs: 300,
                // As with the gateway's journal: sessions end with the network.
                sessions: { receiptsFolder: false },
                // Two nodes and the network share the machine's cores.
                poc: { prover: 'wasm', threads: 1 }
            };
            this.run(name, runNode(config, this.stop.signal, this.log.child({ agent: name })));
        }
    }

    /** Each validator buys its probes like any user and sends them through the gateway. */
    async startValidators(): Promise<void> {
        for (const name of VALIDATORS) {
            const config = parseValidatorConfig({
                host: this.network.url,
                rootKeyHex: toHex(this.network.rootKey),
                canisterIds: this.canisterIds(),
                keyFile: keyPath(this.options.keyFolder, name),
                gatewayUrl: this.gatewayUrl,
                apiKey: await createApiKey(this.suite, this.keys[name], name),
                probeModel: EMBEDDING_MODEL,
                references: [{ model: EMBEDDING_MODEL, backend: { kind: 'embedded-embeddings' } }],
                planMs: 2 * SECOND_MS,
                reportMs: 60 * SECOND_MS,
                attestMs: 500,
                challengeMs: SECOND_MS
            });
            if (!config.ok) throw new StepRefused('validator configuration', config.error);
            this.run(name, runValidator(config.value, this.stop.signal, this.log.child({ agent: name })));
        }
    }

    private run(name: string, agent: Promise<void>): void {
        this.running.push(
            agent.catch((failure: unknown) => this.log.error({ agent: name, err: failure }, 'agent ended'))
        );
    }

    private access(): { host: string; rootKeyHex: string } {
        return { host: this.network.url, rootKeyHex: toHex(this.network.rootKey) };
    }

    private canisterIds(): Record<string, string> {
        return Object.fromEntries(CANISTERS.map((name) => [name, this.suite.ids[name].toText()]));
    }
}

/** Where the agents of the local network write their logs. */
export function logFile(options: StartOptions): string {
    return join(dirname(options.keyFolder), 'agents.log');
}

function logTo(file: string): Logger {
    mkdirSync(dirname(file), { recursive: true });
    return pino(pino.destination({ dest: file, sync: false, mkdir: true }));
}
