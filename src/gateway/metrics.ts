import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the gateway counts. Labels come from closed lists; never a user, a key or a URL as it was sent. */
export interface Metrics {
    readonly registry: Registry;
    request(route: string, status: number, seconds: number): void;
    inFlight(change: 1 | -1): void;
    job(outcome: string, seconds: number): void;
}

/** A registry of its own for each gateway. */
export function makeMetrics(): Metrics {
    const registry = new Registry();
    const registers = [registry];
    const requests = new Counter({
        name: 'emc_http_requests_total',
        help: 'Requests by route and status',
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
    const jobs = new Histogram({
        name: 'emc_job_seconds',
        help: 'Time from submission to the end of a job, by outcome',
        labelNames: ['outcome'],
        buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 120],
        registers
    });
    const running = new Gauge({ name: 'emc_requests_in_flight', help: 'Requests that wait for a job', registers });
    return {
        registry,
        request(route, status, seconds) {
            requests.inc({ route, status });
            latency.observe({ route }, seconds);
        },
        inFlight: (change) => running.inc(change),
        job: (outcome, seconds) => jobs.observe({ outcome }, seconds)
    };
}
