import { cpus } from 'node:os';

/** Kind of this machine, such as `AMD EPYC, 2 cores, linux x64, Node 20.20.2`. */
export function machineKind(): string {
    const processors = cpus();
    const model = (processors[0]?.model ?? 'unknown processor').replace(/\s+/g, ' ').trim();
    const cores = `${processors.length} core${processors.length === 1 ? '' : 's'}`;
    return `${model}, ${cores}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** Today, YYYY-MM-DD in UTC. */
export function today(): string {
    return new Date().toISOString().slice(0, 10);
}
