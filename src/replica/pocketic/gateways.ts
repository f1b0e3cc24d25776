import { addressedCanister, pathOf, type GatewayNames } from '../gateway/addressing';
import { listen, type HttpListener } from '../http/http_server';
import { answerNetwork, maxAgentBodyBytes } from '../http/network_handler';
import type { Instance } from './instances';
import type { Json } from './json';
import { jsonAnswer } from './rest_answer';
import { topologyJson } from './topology';

/** Where to serve an instance, and where pages of its canisters are found. */
export interface GatewayAddress {
    readonly host: string;
    /** 0 for any free one. */
    readonly port: number;
    readonly names: GatewayNames;
}

interface OpenGateway {
    readonly listener: HttpListener;
    readonly instanceId: number;
    readonly domains: readonly string[];
}

/** Extra ports, each serving agents and pages of one instance at its root. */
export class Gateways {
    readonly #open = new Map<number, OpenGateway>();
    readonly #onFault: (error: unknown) => void;
    #nextId = 0;

    constructor(onFault: (error: unknown) => void) {
        this.#onFault = onFault;
    }

    /** Rejects with ListenError when the port is taken. Port 0 is any free one. */
    async open(
        instance: Instance,
        { host, port, names }: GatewayAddress
    ): Promise<{ readonly id: number; readonly port: number }> {
        const listener = await listen({
            host,
            port,
            maxBodyBytes: maxAgentBodyBytes,
            onFault: this.#onFault,
            // As on the real server, whose gateways show the instance's topology.
            handler: async (request) =>
                pathOf(request.url) === '/_/topology' && addressedCanister(request, names) === undefined
                    ? jsonAnswer(topologyJson(instance))
                    : answerNetwork(instance.network, request, names)
        });
        const id = this.#nextId;
        this.#nextId += 1;
        this.#open.set(id, { listener, instanceId: instance.id, domains: names.domains });
        return { id, port: listener.port };
    }

    /** Those that are open, as `GET /http_gateway` shows them. */
    list(): readonly Json[] {
        return [...this.#open].map(([id, { listener, instanceId, domains }]) => ({
            instance_id: id,
            port: listener.port,
            forward_to: { PocketIcInstance: instanceId },
            domains,
            https_config: null
        }));
    }

    /** Whether there was one. */
    async stop(id: number): Promise<boolean> {
        const gateway = this.#open.get(id);
        this.#open.delete(id);
        await gateway?.listener.close();
        return gateway !== undefined;
    }

    async stopAll(): Promise<void> {
        await Promise.all([...this.#open.keys()].map((id) => this.stop(id)));
    }
}
