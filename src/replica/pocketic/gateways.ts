import type { GatewayNames } from '../gateway/addressing';
import { listen, type HttpListener } from '../http/http_server';
import { answerNetwork, maxAgentBodyBytes } from '../http/network_handler';
import type { Instance } from './instances';

/** Where to serve an instance, and where pages of its canisters are found. */
export interface GatewayAddress {
    readonly host: string;
    /** 0 for any free one. */
    readonly port: number;
    readonly names: GatewayNames;
}

/** Extra ports, each serving agents and pages of one instance at its root. */
export class Gateways {
    readonly #listeners = new Map<number, HttpListener>();
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
            handler: (request) => answerNetwork(instance.network, request, names)
        });
        const id = this.#nextId;
        this.#nextId += 1;
        this.#listeners.set(id, listener);
        return { id, port: listener.port };
    }

    /** Whether there was one. */
    async stop(id: number): Promise<boolean> {
        const listener = this.#listeners.get(id);
        this.#listeners.delete(id);
        await listener?.close();
        return listener !== undefined;
    }

    async stopAll(): Promise<void> {
        await Promise.all([...this.#listeners.keys()].map((id) => this.stop(id)));
    }
}
