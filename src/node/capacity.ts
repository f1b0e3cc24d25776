import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NodeConfig } from './config';

/** What a node says of itself when it offers its apps; requirements of apps are held against it. */
export interface NodeCapacity {
    /** Video memory of all devices that run its models, in MiB. */
    readonly vramMib: bigint;
    readonly quantizations: readonly { readonly appId: string; readonly quantization: string }[];
}

/** Asks the driver of this machine's devices: a line for each, its memory in MiB. Undefined where there is none. */
export type AskDevices = () => Promise<string | undefined>;

const LOOK_MS = 5_000;

/** NVIDIA's own tool; other drivers have none that is as widely there. */
async function nvidiaSmi(): Promise<string | undefined> {
    const args = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
    try {
        return (await promisify(execFile)('nvidia-smi', args, { timeout: LOOK_MS })).stdout;
    } catch {
        return undefined;
    }
}

/**
 * What the configuration says; where it leaves the video memory out, that of the devices of this machine, provided that the AI servers are
 * on it, too: nobody here knows the devices of another machine.
 */
export async function capacityOf(
    { apps, vramMib }: Pick<NodeConfig, 'apps' | 'vramMib'>,
    askDevices: AskDevices = nvidiaSmi
): Promise<NodeCapacity> {
    const quantizations = apps.flatMap(({ appId, quantization }) =>
        quantization === undefined ? [] : [{ appId, quantization }]
    );
    const found = vramMib ?? (hasOwnServers(apps) ? memoryIn(await askDevices()) : 0);
    return { vramMib: BigInt(found), quantizations };
}

const OWN_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether every server of the apps is on this machine, and there is one. */
function hasOwnServers(apps: NodeConfig['apps']): boolean {
    const urls = apps
        .flatMap(({ backend }) => backend)
        .flatMap((backend) => (backend.kind === 'embedded-embeddings' ? [] : [backend.baseUrl]));
    return urls.length > 0 && urls.every((url) => OWN_HOSTS.has(new URL(url).hostname));
}

/** The sum of the devices; 0 when it is not a number for each. */
function memoryIn(answer = ''): number {
    const lines = answer.trim().split('\n');
    const total = lines.reduce((sum, line) => sum + (/^\d{1,9}$/.test(line.trim()) ? Number(line) : Number.NaN), 0);
    return Number.isNaN(total) ? 0 : total;
}
