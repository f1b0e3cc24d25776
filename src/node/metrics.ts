import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { callHistogram, type CallObserver } from '../client/measured';
import type { LossReason } from './lease_keeper';
import type { BackendLoad } from './ports';

/** What a node counts. Labels come from closed lists and from its own configuration; never a user or a payload. */
export interface NodeMetrics {
    readonly registry: Registry;
    job(app: string, outcome: string, seconds: number): void;
    leaseLost(reason: LossReason): void;
    heartbeatMissed(): void;
    /** An outcome was reported; the code of the canister's answer. */
    reported(answer: string): void;
    /** Tokens of a prompt and of its answer. */
    tokens(app: string, prompt: number, completion: number): void;
    /** A request was sent to a backend again, for a failure of this code. */
    retried(cause: string): void;
    /** A call to a canister. */
    readonly call: CallObserver;
    /** Looks at these numbers whenever somebody asks. */
    watch(numbers: NodeNumbers): void;
}

/** Numbers of the moment. */
export interface NodeNumbers {
    busy(): number;
    slots: number;
    /** Room of each backend, by app. */
    rooms(): Promise<ReadonlyMap<string, number>>;
    /** The servers of each backend, by app. */
    loads(): ReadonlyMap<string, readonly BackendLoad[]>;
    /** Sessions that are served. */
    sessions(): number;
}

/** A registry of its own for each node. */
export function makeNodeMetrics(): NodeMetrics {
    const registry = new Registry();
    return {
        registry,
        ...leaseMetrics([registry]),
        ...workMetrics([registry]),
        call: callHistogram(registry),
        watch: (numbers) => addGauges(registry, numbers)
    };
}

function leaseMetrics(registers: Registry[]): Pick<NodeMetrics, 'leaseLost' | 'heartbeatMissed' | 'reported'> {
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
    const reports = new Counter({
        name: 'emc_node_reports_total',
        help: 'Outcomes of jobs that were reported, by the answer; StaleLease: somebody else has the job by then',
        labelNames: ['answer'],
        registers
    });
    return {
        leaseLost: (reason) => lost.inc({ reason }),
        heartbeatMissed: () => missed.inc(),
        reported: (answer) => reports.inc({ answer })
    };
}

function workMetrics(registers: Registry[]): Pick<NodeMetrics, 'job' | 'tokens' | 'retried'> {
    const jobs = new Histogram({
        name: 'emc_node_job_seconds',
        help: 'Time of a job from its lease to its report, by outcome',
        labelNames: ['app', 'outcome'],
        buckets: [0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 120],
        registers
    });
    const tokens = new Counter({
        name: 'emc_node_tokens_total',
        help: 'Tokens of prompts (in) and answers (out)',
        labelNames: ['app', 'direction'],
        registers
    });
    const retries = new Counter({
        name: 'emc_node_backend_retries_total',
        help: 'Requests that were sent to a backend again, by what went wrong',
        labelNames: ['cause'],
        registers
    });
    return {
        job: (app, outcome, seconds) => jobs.observe({ app, outcome }, seconds),
        tokens(app, prompt, completion) {
            tokens.inc({ app, direction: 'in' }, prompt);
            tokens.inc({ app, direction: 'out' }, completion);
        },
        retried: (cause) => retries.inc({ cause })
    };
}

function addGauges(registry: Registry, numbers: NodeNumbers): void {
    const registers = [registry];
    new Gauge({ name: 'emc_node_slots', help: 'Jobs at a time', registers }).set(numbers.slots);
    addNumber(registers, 'emc_node_busy', 'Jobs that run now, each with a lease', () => numbers.busy());
    addNumber(registers, 'emc_node_sessions', 'Sessions that are served', () => numbers.sessions());
    new Gauge({
        name: 'emc_node_backend_room',
        help: 'Jobs that the backend of an app would take now; 0 while it is down, -1 without a bound',
        labelNames: ['app'],
        registers,
        async collect() {
            for (const [app, room] of await numbers.rooms()) this.set({ app }, Number.isFinite(room) ? room : -1);
        }
    });
    addLoad(registers, numbers, 'up', 'Servers of an app that work', ({ isUp }) => (isUp ? 1 : 0));
    addLoad(registers, numbers, 'slots', 'Requests that they run at a time', ({ slots }) => slots);
    addLoad(registers, numbers, 'waiting', 'Requests that wait in their own queues', ({ waiting }) => waiting);
}

function addNumber(registers: Registry[], name: string, help: string, value: () => number): void {
    new Gauge({
        name,
        help,
        registers,
        collect() {
            this.set(value());
        }
    });
}

function addLoad(
    registers: Registry[],
    numbers: NodeNumbers,
    name: string,
    help: string,
    valueOf: (load: BackendLoad) => number
): void {
    new Gauge({
        name: `emc_node_backend_${name}`,
        help,
        labelNames: ['app'],
        registers,
        collect() {
            for (const [app, loads] of numbers.loads()) {
                this.set(
                    { app },
                    loads.reduce((sum, load) => sum + valueOf(load), 0)
                );
            }
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
