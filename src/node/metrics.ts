import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LossReason } from './lease_keeper';

/** What a node counts. Labels come from closed lists and from its own configuration; never a user or a payload. */
export interface NodeMetrics {
    readonly registry: Registry;
    job(app: string, outcome: string, seconds: number): void;
    leaseLost(reason: LossReason): void;
    heartbeatMissed(): void;
    /** Looks at these numbers whenever somebody asks. */
    watch(numbers: NodeNumbers): void;
}

/** Numbers of the moment. */
export interface NodeNumbers {
    busy(): number;
    slots: number;
    /** Room of each backend, by app. */
    rooms(): Promise<ReadonlyMap<string, number>>;
}

/** A registry of its own for each node. */
export function makeNodeMetrics(): NodeMetrics {
    const registry = new Registry();
    const registers = [registry];
    const jobs = new Histogram({
        name: 'emc_node_job_seconds',
        help: 'Time of a job from its lease to its report, by outcome',
        labelNames: ['app', 'outcome'],
        buckets: [0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 120],
        registers
    });
    const lost = new Counter({
        name: 'emc_node_leases_lost_total',
        help: 'Leases that ended before their jobs',
        labelNames: ['reason'],
        registers
    });
    const missed = new Counter({
        name: 'emc_node_heartbeats_missed_total',
        help: 'Heartbeats that were not answered',
        registers
    });
    return {
        registry,
        job: (app, outcome, seconds) => jobs.observe({ app, outcome }, seconds),
        leaseLost: (reason) => lost.inc({ reason }),
        heartbeatMissed: () => missed.inc(),
        watch: (numbers) => addGauges(registry, numbers)
    };
}

function addGauges(registry: Registry, numbers: NodeNumbers): void {
    const registers = [registry];
    new Gauge({ name: 'emc_node_slots', help: 'Jobs at a time', registers }).set(numbers.slots);
    new Gauge({
        name: 'emc_node_busy',
        help: 'Jobs that run now',
        registers,
        collect() {
            this.set(numbers.busy());
        }
    });
    new Gauge({
        name: 'emc_node_backend_room',
        help: 'Jobs that the backend of an app would take now; 0 while it is down',
        labelNames: ['app'],
        registers,
        async collect() {
            for (const [app, room] of await numbers.rooms()) this.set({ app }, Number.isFinite(room) ? room : -1);
        }
    });
}

/** Serves `/metrics` on this machine until the signal. Resolves when it listens; @throws what `listen` throws. */
export async function serveMetrics(metrics: NodeMetrics, port: number, signal: AbortSignal): Promise<Server> {
    const server = createServer((request, response) => {
        if (request.url !== '/metrics') return void response.writeHead(404).end();
        metrics.registry.metrics().then(
            (text) => response.setHeader('content-type', metrics.registry.contentType).end(text),
            () => response.writeHead(500).end()
        );
    });
    await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', resolve);
    });
    const close = (): void => {
        server.closeAllConnections();
        server.close();
    };
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    return server;
}
