import type { GatewayNames } from '../gateway/addressing';
import { listen, type HttpListener } from '../http/http_server';
import { answerNetwork, maxAgentBodyBytes } from '../http/network_handler';
import { httpsJson, readTlsKeys, type HttpsConfig } from './gateway_config';
import type { Instance } from './instances';
import type { Json } from './json';

/** Where to serve an instance, and where pages of its canisters are found. */
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
    readonly instanceId: number;
    readonly domains: readonly string[];
    readonly https: HttpsConfig | undefined;
}

/** A gateway that serves. */
export interface GatewayInfo {
    readonly id: number;
    readonly port: number;
}

/** Extra ports, each serving agents and pages of one instance at its root. */
export class Gateways {
    readonly #open = new Map<number, OpenGateway>();
    readonly #onFault: (error: unknown) => void;
    #nextId = 0;

    constructor(onFault: (error: unknown) => void) {
        this.#onFault = onFault;
    }

    /** Rejects with ListenError when the port is taken, with InvalidBodyError when the certificate cannot be used. */
    async open(instance: Instance, { host, port, names, https }: GatewayAddress): Promise<GatewayInfo> {
        const listener = await listen({
            host,
            port,
            maxBodyBytes: maxAgentBodyBytes,
            onFault: this.#onFault,
            ...(https && { tls: readTlsKeys(https) }),
            handler: (request) => answerNetwork(instance.network, request, names)
        });
        const id = this.#nextId;
        this.#nextId += 1;
        this.#open.set(id, { listener, instanceId: instance.id, domains: names.domains, https });
        return { id, port: listener.port };
    }

    /** Those that are open, as `GET /http_gateway` shows them. */
    list(): readonly Json[] {
        return [...this.#open].map(([id, { listener, instanceId, domains, https }]) => ({
            instance_id: id,
            port: listener.port,
            forward_to: { PocketIcInstance: instanceId },
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
        const ids = [...this.#open].filter(([, gateway]) => gateway.instanceId === instanceId).map(([id]) => id);
        await Promise.all(ids.map((id) => this.stop(id)));
    }

    async stopAll(): Promise<void> {
        await Promise.all([...this.#open.keys()].map((id) => this.stop(id)));
    }
}
