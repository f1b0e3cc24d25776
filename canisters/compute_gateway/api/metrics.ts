import type { Metric } from '../../../src/azle/http';
import { book, tables } from '../wiring';

/** What `/metrics` tells. */
export function metrics(): readonly Metric[] {
    const totals = tables.totals.get();
    return [
        gauge('jobs_active', 'Jobs that have not ended', totals.active),
        counter('jobs_completed_total', 'Jobs with a result', totals.completed),
        counter('jobs_failed_total', 'Jobs that failed for good', totals.failed),
        counter('jobs_timed_out_total', 'Jobs whose last attempt ran out of time', totals.timedOut),
        counter('jobs_cancelled_total', 'Jobs cancelled by their payer', totals.cancelled),
        counter('jobs_expired_total', 'Jobs that nobody took in time', totals.expired),
        gauge('outbox_messages', 'Messages that the hub has not answered for good', book.outbox.size()),
        gauge(
            'sessions',
            'Session leases that are kept, ended ones of the last day among them',
            tables.sessionLeases.size()
        ),
        gauge('apps', 'Registered apps', tables.appIds.length()),
        gauge('nodes', 'Nodes that have ever been attached', tables.attachments.size())
    ];
}

function gauge(name: string, help: string, value: bigint | number): Metric {
    return { name: `emc_gateway_${name}`, help, kind: 'gauge', value };
}

function counter(name: string, help: string, value: bigint): Metric {
    return { name: `emc_gateway_${name}`, help, kind: 'counter', value };
}
