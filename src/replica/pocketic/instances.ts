import { roomOfProcess } from '../worker/memory_room';
import { hostNetwork, type HostedNetwork } from '../worker/worker_host';
import type { InstanceConfig } from './instance_config';
import { openInstanceState } from './instance_state';
import { InvalidBodyError } from './json';

/** One network of the server. */
export interface Instance {
    readonly id: number;
    readonly network: HostedNetwork;
}

interface Held extends Instance {
    /** Gives the folder of its state back. */
    readonly release: () => void;
}

/** The server's networks, each in a worker thread of its own. */
export class Instances {
    readonly #instances = new Map<number, Held>();
    readonly #onFault: (error: unknown) => void;
    #nextId = 0;

    constructor(
        onFault: (error: unknown) => void,
        private readonly memoryLimitBytes?: number
    ) {
        this.#onFault = onFault;
    }

    /** Rejects with InvalidBodyError when the folder of the state cannot be used, or the machine has no memory left. */
    async create({ session, stateDir }: InstanceConfig): Promise<Instance> {
        const { memoryLimitBytes } = this;
        if (roomOfProcess(memoryLimitBytes) < 0) {
            throw new InvalidBodyError('This machine has no memory left for another instance: delete some.');
        }
        const state = openInstanceState(stateDir, session);
        const id = this.#nextId;
        this.#nextId += 1;
        try {
            const network = await hostNetwork(
                { ...state.session, ...(memoryLimitBytes !== undefined && { memoryLimitBytes }) },
                this.#onFault
            );
            if (state.isResumed) await passResumption(network);
            const instance = { id, network, release: state.release };
            this.#instances.set(id, instance);
            return instance;
        } catch (error) {
            state.release();
            throw error;
        }
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
        instance?.release();
        return instance !== undefined;
    }

    async closeAll(): Promise<void> {
        await Promise.all([...this.#instances.keys()].map((id) => this.delete(id)));
    }
}

/** As on the real server: one nanosecond for the last round before the end, one for the new beginning. */
async function passResumption({ api }: HostedNetwork): Promise<void> {
    if (!(await api.isLive())) await api.setCertifiedTime((await api.time()) + 2n);
}
