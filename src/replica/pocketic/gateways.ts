import { addressedCanister, pathOf, type GatewayNames } from '../gateway/addressing';
import { answerGateway } from '../gateway/http_gateway';
import { listen, type HttpAnswer, type HttpListener, type HttpRequest } from '../http/http_server';
import { answerNetwork, maxAgentBodyBytes, noCanister } from '../http/network_handler';
import { httpsJson, readTlsKeys, type HttpsConfig } from './gateway_config';
import type { Instance } from './instances';
import type { Json } from './json';
import { RemoteReplica, UpstreamError, upstreamAnswer } from './remote_replica';

/** What a gateway stands in front of: an instance of this server, or the replica at an address. */
export type Backend =
    { readonly kind: 'instance'; readonly instance: Instance } | { readonly kind: 'replica'; readonly url: string };

/** Where to serve it, and where pages of its canisters are found. */
export interface GatewayAddress {
    readonly host: string;
    /** 0 for any free one. */
    readonly port: number;
    readonly names: GatewayNames;
    /** Serve HTTPS. */
    readonly https?: HttpsConfig | undefined;
}

interface OpenGateway {
    readonly listener: HttpListener;
    readonly backend: Backend;
    readonly domains: readonly string[];
    readonly https: HttpsConfig | undefined;
}

/** A gateway that serves. */
export interface GatewayInfo {
    readonly id: number;
    readonly port: number;
}

/** Extra ports, each serving agents and pages of one network at its root. */
export class Gateways {
    readonly #open = new Map<number, OpenGateway>();
    readonly #onFault: (error: unknown) => void;
    #nextId = 0;

    constructor(onFault: (error: unknown) => void) {
        this.#onFault = onFault;
    }

    /**
     * Rejects with ListenError when the port is taken, with InvalidBodyError when the certificate cannot be used, with UpstreamError when
     * the replica does not answer.
     */
    async open(backend: Backend, { host, port, names, https }: GatewayAddress): Promise<GatewayInfo> {
        const handler = await handlerOf(backend, names);
        const listener = await listen({
            host,
            port,
            maxBodyBytes: maxAgentBodyBytes,
            onFault: this.#onFault,
            ...(https && { tls: readTlsKeys(https) }),
            handler
        });
        const id = this.#nextId;
        this.#nextId += 1;
        this.#open.set(id, { listener, backend, domains: names.domains, https });
        return { id, port: listener.port };
    }

    /** Those that are open, as `GET /http_gateway` shows them. */
    list(): readonly Json[] {
        return [...this.#open].map(([id, { listener, backend, domains, https }]) => ({
            instance_id: id,
            port: listener.port,
            forward_to: backendJson(backend),
            domains,
            https_config: httpsJson(https)
        }));
    }

    /** Whether there was one. */
    async stop(id: number): Promise<boolean> {
        const gateway = this.#open.get(id);
        this.#open.delete(id);
        await gateway?.listener.close();
        return gateway !== undefined;
    }

    /** Those of one instance, which is about to end. */
    async stopOf(instanceId: number): Promise<void> {
        const ids = [...this.#open]
            .filter(([, { backend }]) => backend.kind === 'instance' && backend.instance.id === instanceId)
            .map(([id]) => id);
        await Promise.all(ids.map((id) => this.stop(id)));
    }

    async stopAll(): Promise<void> {
        await Promise.all([...this.#open.keys()].map((id) => this.stop(id)));
    }
}

function backendJson(backend: Backend): Json {
    return backend.kind === 'instance' ? { PocketIcInstance: backend.instance.id } : { Replica: backend.url };
}

async function handlerOf(
    backend: Backend,
    names: GatewayNames
): Promise<(request: HttpRequest) => Promise<HttpAnswer>> {
    if (backend.kind === 'instance') return (request) => answerNetwork(backend.instance.network, request, names);
    const replica = await RemoteReplica.connect(backend.url);
    return async (request) => {
        try {
            return await answerRemote(replica, request, names);
        } catch (error) {
            if (error instanceof UpstreamError) return upstreamAnswer;
            throw error;
        }
    };
}

/** Agents and what the replica tells of itself are its own business; pages of canisters are asked for here. */
async function answerRemote(replica: RemoteReplica, request: HttpRequest, names: GatewayNames): Promise<HttpAnswer> {
    const path = pathOf(request.url);
    const isAddressed = addressedCanister(request, names) !== undefined;
    if (path.startsWith('/api/') || (path.startsWith('/_/') && !isAddressed)) return replica.forward(request);
    return (await answerGateway(replica, request, names)) ?? noCanister;
}
