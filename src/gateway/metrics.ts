import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { callHistogram, type CallObserver } from '../client/measured';

/** What the gateway counts. Labels come from closed lists; never a user, a key or a URL as it was sent. */
export interface Metrics {
    readonly registry: Registry;
    request(route: string, status: number, seconds: number): void;
    inFlight(change: 1 | -1): void;
    job(outcome: string, seconds: number): void;
    /** Time to the first text of a stream. */
    firstText(seconds: number): void;
    /** Time from a job's submission until a node has it. */
    queueWait(seconds: number): void;
    /** Tokens of an answer; `model` is one of the registered apps. */
    tokens(model: string, counts: TokenCounts): void;
    /** A node's delivery, by the status that it was answered with. */
    delivery(status: number): void;
    /** Looks at the outbox whenever somebody asks. */
    watchOutbox(outbox: { readonly depth: number; readonly oldestMs: number }): void;
    /** Looks at the sessions whenever somebody asks. */
    watchSessions(sessions: { readonly size: number }): void;
    /** A call to a canister. */
    readonly call: CallObserver;
}

/** Tokens of a request and of its answer. */
export interface TokenCounts {
    readonly prompt: number;
    readonly completion: number;
}

/** A registry of its own for each gateway. */
export function makeMetrics(): Metrics {
    const registry = new Registry();
    const registers = [registry];
    return {
        registry,
        ...requestMetrics(registers),
        ...jobMetrics(registers),
        watchOutbox: (outbox) => addOutbox(registers, outbox),
        watchSessions: (sessions) => addSessions(registers, sessions),
        call: callHistogram(registry)
    };
}

function requestMetrics(registers: Registry[]): Pick<Metrics, 'request' | 'inFlight' | 'firstText' | 'delivery'> {
    const requests = new Counter({
        name: 'emc_http_requests_total',
        help: 'Requests by route and status; 499: the client left before its answer was complete',
        labelNames: ['route', 'status'],
        registers
    });
    const latency = new Histogram({
        name: 'emc_http_request_seconds',
        help: 'Time from request to answer',
        labelNames: ['route'],
        buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 120],
        registers
    });
    const firstText = new Histogram({
        name: 'emc_first_text_seconds',
        help: 'Time from request to the first text of its stream',
        buckets: [0.1, 0.5, 1, 2, 5, 10, 30],
        registers
    });
    const deliveries = new Counter({
        name: 'emc_deliveries_total',
        help: 'Results that nodes have handed over, by status',
        labelNames: ['status'],
        registers
    });
    const running = new Gauge({ name: 'emc_requests_in_flight', help: 'Requests that wait for a job', registers });
    return {
        request(route, status, seconds) {
            requests.inc({ route, status });
            latency.observe({ route }, seconds);
        },
        inFlight: (change) => running.inc(change),
        firstText: (seconds) => firstText.observe(seconds),
        delivery: (status) => deliveries.inc({ status })
    };
}

function jobMetrics(registers: Registry[]): Pick<Metrics, 'job' | 'queueWait' | 'tokens'> {
    const buckets = [0.1, 0.5, 1, 2, 5, 10, 30, 120];
    const jobs = new Histogram({
        name: 'emc_job_seconds',
        help: 'Time from submission to the end of a job, by outcome',
        labelNames: ['outcome'],
        buckets,
        registers
    });
    const waits = new Histogram({
        name: 'emc_job_queue_seconds',
        help: 'Time from the submission of a job until a node has it, as it was seen',
        buckets,
        registers
    });
    const tokens = new Counter({
        name: 'emc_tokens_total',
        help: 'Tokens that were answered for, by model and direction (in: prompts, out: answers)',
        labelNames: ['model', 'direction'],
        registers
    });
    return {
        job: (outcome, seconds) => jobs.observe({ outcome }, seconds),
        queueWait: (seconds) => waits.observe(seconds),
        tokens(model, { prompt, completion }) {
            tokens.inc({ model, direction: 'in' }, prompt);
            tokens.inc({ model, direction: 'out' }, completion);
        }
    };
}

function addOutbox(registers: Registry[], outbox: { readonly depth: number; readonly oldestMs: number }): void {
    new Gauge({
        name: 'emc_outbox_messages',
        help: 'Messages that the canister has not answered',
        registers,
        collect() {
            this.set(outbox.depth);
        }
    });
    new Gauge({
        name: 'emc_outbox_oldest_seconds',
        help: 'Age of the oldest of them',
        registers,
        collect() {
            this.set(outbox.oldestMs / 1_000);
        }
    });
}

function addSessions(registers: Registry[], sessions: { readonly size: number }): void {
    new Gauge({
        name: 'emc_sessions',
        help: 'Sessions that are open or being opened',
        registers,
        collect() {
            this.set(sessions.size);
        }
    });
}
