import type { Metric } from '../../../src/azle/http';
import { hub } from '../wiring';

/** What `/metrics` tells. */
export function metrics(): readonly Metric[] {
    const { opened, closed } = hub.requests.counters();
    const totals = hub.credits.totals();
    const counter = (name: string, help: string, value: bigint): Metric => ({ name, help, kind: 'counter', value });
    const gauge = (name: string, help: string, value: bigint | number): Metric => ({
        name,
        help,
        kind: 'gauge',
        value
    });
    return [
        counter('hub_requests_opened_total', 'Requests with a reservation', opened),
        gauge('hub_requests_open', 'Requests without a result', opened - closed),
        counter('hub_credits_bought_total', 'Credits bought', totals.bought),
        gauge('hub_credits_available', 'Credits that can be spent', totals.available),
        gauge('hub_credits_held', 'Credits reserved for open requests', totals.held),
        gauge('hub_credits_captured', 'Credits spent, money not yet sent to rewards', totals.captured),
        counter('hub_credits_settled_total', 'Credits whose money was sent to rewards', totals.settled),
        gauge('hub_purchases_unresolved', 'Purchases without an answer of the ledger', hub.purchases.unresolvedCount()),
        gauge('hub_next_window', 'First window that is not settled', hub.settlements.nextWindow()),
        gauge('hub_settlement_failures', 'Failed attempts in a row', hub.tables.setback.get().failures)
    ];
}
