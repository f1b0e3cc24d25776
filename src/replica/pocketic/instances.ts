import { hostNetwork, type HostedNetwork } from '../worker/worker_host';
import type { InstanceConfig } from './instance_config';
import type { SubnetKind } from './subnet_kinds';

/** One network of the server. */
export interface Instance {
    readonly id: number;
    /** In the order of the network's subnets. */
    readonly subnetKinds: readonly SubnetKind[];
    readonly network: HostedNetwork;
}

/** The server's networks, each in a worker thread of its own. */
export class Instances {
    readonly #instances = new Map<number, Instance>();
    readonly #onFault: (error: unknown) => void;
    #nextId = 0;

    constructor(onFault: (error: unknown) => void) {
        this.#onFault = onFault;
    }

    async create(config: InstanceConfig): Promise<Instance> {
        const id = this.#nextId;
        this.#nextId += 1;
        const instance = {
            id,
            subnetKinds: config.subnetKinds,
            network: await hostNetwork(config.session, this.#onFault)
        };
        this.#instances.set(id, instance);
        return instance;
    }

    /** Of all instances that there ever were, by their id. */
    states(): readonly ('Available' | 'Deleted')[] {
        return Array.from({ length: this.#nextId }, (_, id) => (this.#instances.has(id) ? 'Available' : 'Deleted'));
    }

    get(id: number): Instance | undefined {
        return this.#instances.get(id);
    }

    /** Ends the instance and frees its memory. Whether there was one. */
    async delete(id: number): Promise<boolean> {
        const instance = this.#instances.get(id);
        this.#instances.delete(id);
        await instance?.network.close();
        return instance !== undefined;
    }

    async closeAll(): Promise<void> {
        await Promise.all([...this.#instances.keys()].map((id) => this.delete(id)));
    }
}
