/** A network in a process of its own with everything that a paid job needs; gateways and nodes can be started before it. */
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Agents } from '../../src/cli/start/agents';
import { buyCredits, createApiKey } from '../../src/cli/start/customer';
import { fundWallets } from '../../src/cli/start/funding';
import { COMPUTE_NODES, loadKeys, type Keys } from '../../src/cli/start/keys';
import { LOCAL_SPEC } from '../../src/cli/start/local_spec';
import { deployLocalSuite, prepareModules, type LocalSuite } from '../../src/cli/start/local_suite';
import { registerApp } from '../../src/cli/start/market';
import { expectOk, PATIENCE_SECONDS } from '../../src/cli/start/outcome';
import { admitValidators, registerAll, stakeAll, waitUntilActive } from '../../src/cli/start/registry';
import { Cleanup } from '../../src/cli/start/story';
import { fromHex } from '../../src/core/bytes';
import type { RunningNetwork } from '../../src/replica';
import { Program } from './program';

export interface MarketOptions {
    /** Id of a chat app whose unit is the token, at a credit each. */
    readonly model: string;
    readonly leaseS: bigint;
    /** What its user buys. */
    readonly credits: bigint;
    readonly queueLimits?: Readonly<Record<string, bigint>>;
    /** Where the network keeps its state; absent: in memory. */
    readonly stateDir?: string;
}

/** What says that an agent works. */
const READY = { gateway: /Gateway ready/, node: /"msg":"attached"/ } as const;
const ROUND_SECONDS = 3_600;

export class ComputeMarket {
    private constructor(
        private readonly folder: string,
        readonly network: Program,
        readonly suite: LocalSuite,
        readonly keys: Keys,
        readonly apiKey: string
    ) {}

    get keyFolder(): string {
        return join(this.folder, 'keys');
    }

    /** Suite, app, user with credits, and two nodes that have proved their computing; the agents of that are gone then. */
    static async open(folder: string, options: MarketOptions): Promise<ComputeMarket> {
        const keys = await loadKeys(join(folder, 'keys'));
        const port = await freePort();
        const state = options.stateDir === undefined ? [] : ['--state', options.stateDir];
        const replica = ['bin/emc-replica', 'start', '--port', `${port}`, ...state];
        const network = new Program('network', replica, /Root key [0-9a-f]+/);
        const rootKeyHex = /Root key ([0-9a-f]+)/.exec(await network.start())?.[1] ?? '';
        const access = { host: `http://127.0.0.1:${port}`, rootKeyHex };
        const suite = await deployLocalSuite(access, keys.deployer, await prepareModules(), {
            publicOwner: keys.deployer.getPrincipal(),
            roundS: BigInt(ROUND_SECONDS),
            statusSpacingS: 1n,
            pocSpacingS: 1n,
            pocSpec: LOCAL_SPEC,
            queueLimits: options.queueLimits
        });
        await populate(suite, keys, options);
        const apiKey = await createApiKey(suite, keys.user, 'user');
        const market = new ComputeMarket(folder, network, suite, keys, apiKey);
        await market.proveNodes();
        return market;
    }

    /** What gateways and nodes have in common in their configurations. */
    agentConfig(logLevel: string): object {
        const { compute_gateway, hub, state_machine } = this.suite.ids;
        const canisters = {
            compute_gateway: compute_gateway.toText(),
            hub: hub.toText(),
            state_machine: state_machine.toText()
        };
        return { network: this.suite.access, canisters, logLevel };
    }

    /** An agent of the command line, not yet started. */
    async agent(name: string, kind: keyof typeof READY, config: object): Promise<Program> {
        const file = join(this.folder, `${name}.json`);
        await writeFile(file, JSON.stringify(config));
        return new Program(name, ['--import', 'tsx', 'src/cli/main.ts', kind, 'run', '--config', file], READY[kind]);
    }

    private async proveNodes(): Promise<void> {
        const { suite, keys, keyFolder } = this;
        const cleanup = new Cleanup();
        const options = { port: 0, gatewayPort: 0, once: true, roundSeconds: ROUND_SECONDS, keyFolder };
        const { host, rootKeyHex = '' } = suite.access;
        const reached = { url: host, rootKey: fromHex(rootKeyHex) } as RunningNetwork;
        const agents = new Agents(suite, reached, keys, options, cleanup);
        await agents.startGateway();
        await agents.startNodes();
        await agents.startValidators();
        const active = COMPUTE_NODES.map((name) =>
            waitUntilActive(suite, keys, keys[name].getPrincipal(), PATIENCE_SECONDS)
        );
        await Promise.all(active);
        await cleanup.run();
    }
}

async function populate(suite: LocalSuite, keys: Keys, { model, leaseS, credits }: MarketOptions): Promise<void> {
    await fundWallets(suite, keys);
    await registerAll(suite, keys);
    await stakeAll(suite, keys);
    await admitValidators(suite, keys);
    await registerApp(suite, keys);
    const { compute_gateway: queue } = await suite.as(keys.deployer);
    const options = { lease_s: leaseS, exec_limit_s: [] as [], requirements: [] as [] };
    const terms = { unit: 'token', unit_price_credits: 1n, max_units: 4_000n, ...options };
    const app = { app_id: model, kind: { Chat: null }, model_hash: new Uint8Array(32).fill(9), ...terms };
    expectOk('register_app', await queue.register_app(app));
    await buyCredits(suite, keys.user, credits);
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}
