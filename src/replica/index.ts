/**
 * An Internet Computer network inside a Node process, for development and tests: see README.md.
 * The network itself runs in a worker thread; this thread serves its HTTP interface.
 */
import { randomBytes } from 'node:crypto';
import { defaultNames, type GatewayNames } from './gateway/addressing';
import type { GatewaySettings } from './gateway/http_gateway';
import { listen, ListenError, type HttpListener } from './http/http_server';
import { answerNetwork, maxAgentBodyBytes } from './http/network_handler';
import type { SystemCanisters } from './natives';
import { openStateFolder, type StateFolder } from './persistence/state_folder';
import type { SubnetKind } from './subnet_kinds';
import { networkKinds, plansOf } from './workload';
import type { NetworkApi, NetworkIdentity, SessionOptions } from './worker/api';
import { hostNetwork, NetworkFaultError, NetworkStoppedError, type HostedNetwork } from './worker/worker_host';

export { ListenError, NetworkFaultError, NetworkStoppedError, networkKinds };
export type { GatewayNames, NetworkApi, NetworkIdentity, SubnetKind, SystemCanisters };

/** How `startNetwork` sets a network up; everything has a default. */
export type StartOptions = Partial<Omit<SessionOptions, 'live' | 'systemCanisters' | 'stateFolder'>> & {
    /** Folder where the network keeps its state and goes on from; default: state is in memory and ends with the network. */
    readonly stateDir?: string;
    /**
     * The network's subnets by their kinds, first the one where canisters are created (`networkKinds` adds those of every network).
     * Default: one subnet that has every canister id. State from before keeps the subnets that it began with.
     */
    readonly subnetKinds?: readonly SubnetKind[];
    /**
     * Each record of the journal reaches the disk before it takes effect, so that a power failure loses no more than a killed process.
     * Default false: records are in the system's hands. Of no use without `stateDir`.
     */
    readonly durable?: boolean;
    /** Ledgers and minting canister; default: all of them, with a faucet for new users. */
    readonly systemCanisters?: SystemCanisters | 'none';
    /** Default 4943; 0 for any free port. */
    readonly port?: number;
    /** Address to listen on; default 127.0.0.1. The interface has development-only methods: do not open it to others. */
    readonly host?: string;
    /** Where pages of canisters are found; default: below `localhost`. */
    readonly names?: GatewayNames;
    /** Pages without a certificate are refused, as on the real network, except at raw names. Default: they are served. */
    readonly certifiedPages?: boolean;
    /** Told of bugs; default: standard error. */
    readonly onFault?: (error: unknown) => void;
};

/** The folder for the state cannot be used. */
export class StateFolderError extends Error {
    constructor(readonly reason: string) {
        super(reason);
        this.name = 'StateFolderError';
    }
}

/** A running network. */
export interface RunningNetwork {
    /** Base address for agents, `http://127.0.0.1:4943`. */
    readonly url: string;
    /** DER; what agents call the root key. */
    readonly rootKey: Uint8Array;
    readonly identity: NetworkIdentity;
    /** The network without HTTP, for control that agents do not have. */
    readonly api: NetworkApi;
    /** Stops serving, and writes the state down if it has a place. */
    close(): Promise<void>;
}

/** Where `startNetwork` and `emc-replica` listen unless told otherwise. */
export const defaultPort = 4943;

/**
 * Starts a network that follows the wall clock. Without a seed, and without state from before, its keys are new.
 * Rejects with ListenError when the port is taken, with StateFolderError when the state cannot be used.
 */
export async function startNetwork(options: StartOptions = {}): Promise<RunningNetwork> {
    const { port = defaultPort, host = '127.0.0.1', onFault = logFault, systemCanisters, ...rest } = options;
    const { stateDir, names = defaultNames, certifiedPages: requiresCertificates = false, ...others } = rest;
    const { subnetKinds, ...session } = others;
    const natives = systemCanisters === 'none' ? undefined : (systemCanisters ?? { faucet: true });
    const folder = stateDir === undefined ? undefined : takeFolder(stateDir, { ...others, natives });
    const seed = folder?.seed ?? session.seed ?? new Uint8Array(randomBytes(32));
    const kinds = folder?.subnets ?? subnetKinds ?? [];
    const subnets = kinds.length > 0 ? plansOf(kinds) : session.subnets;
    const stop = new Undo(() => folder?.release());
    try {
        const network = await hostNetwork(
            { ...session, subnets, seed, live: true, systemCanisters: natives, stateFolder: folder?.path },
            onFault
        );
        stop.before(() => network.close());
        const serving = { host, port, onFault, pages: { ...names, requiresCertificates } };
        const listener = await serveNetwork(network, serving);
        stop.before(() => listener.close());
        return {
            url: `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`,
            rootKey: network.identity.rootKeyDer,
            identity: network.identity,
            api: network.api,
            close: () => stop.run()
        };
    } catch (error) {
        await stop.run();
        throw error;
    }
}

interface WantedNetwork extends Pick<StartOptions, 'seed' | 'subnets' | 'subnetKinds'> {
    readonly natives: SystemCanisters | undefined;
}

function takeFolder(path: string, { seed, subnets, subnetKinds, natives }: WantedNetwork): StateFolder {
    if (subnets !== undefined) {
        throw new StateFolderError('A folder keeps subnets by their kinds only: name them with subnetKinds');
    }
    const systemCanisters = natives === undefined ? 'none' : natives.faucet ? 'faucet' : 'plain';
    const folder = openStateFolder(path, { seed, subnets: subnetKinds, systemCanisters });
    if (!folder.ok) {
        throw new StateFolderError(folder.error);
    }
    const kept = folder.value.subnets;
    if (subnetKinds !== undefined && kept.join() !== subnetKinds.join()) {
        folder.value.release();
        const has = kept.length === 0 ? 'one subnet' : `the subnets ${kept.join(', ')}`;
        throw new StateFolderError(`${path} belongs to a network that began with ${has}`);
    }
    return folder.value;
}

/** What has to be undone, the last thing first. */
class Undo {
    #steps: (() => void | Promise<void>)[];

    constructor(last: () => void | Promise<void>) {
        this.#steps = [last];
    }

    before(step: () => void | Promise<void>): void {
        this.#steps.unshift(step);
    }

    async run(): Promise<void> {
        for (const step of this.#steps.splice(0)) {
            await step();
        }
    }
}

interface Serving {
    readonly host: string;
    readonly port: number;
    readonly pages: GatewaySettings;
    readonly onFault: (error: unknown) => void;
}

function serveNetwork(network: HostedNetwork, { pages, ...serving }: Serving): Promise<HttpListener> {
    return listen({
        ...serving,
        maxBodyBytes: maxAgentBodyBytes,
        handler: (request) => answerNetwork(network, request, pages)
    });
}

function logFault(error: unknown): void {
    console.error(error);
}
