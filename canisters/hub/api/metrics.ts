import type { Metric } from '../../../src/azle/http';
import { hub } from '../wiring';

const counter = (name: string, help: string, value: bigint | number): Metric => ({
    name,
    help,
    kind: 'counter',
    value
});
const gauge = (name: string, help: string, value: bigint | number): Metric => ({ name, help, kind: 'gauge', value });

/** What `/metrics` tells. */
export function metrics(): readonly Metric[] {
    return [...callMetrics(), ...creditMetrics(), ...orderMetrics(), ...settlementMetrics(), ...probeMetrics()];
}

function callMetrics(): readonly Metric[] {
    const { opened, closed } = hub.requests.counters();
    return [
        counter('hub_requests_opened_total', 'Requests with a reservation', opened),
        gauge('hub_requests_open', 'Requests without a result', opened - closed)
    ];
}

function creditMetrics(): readonly Metric[] {
    const totals = hub.credits.totals();
    return [
        counter('hub_credits_bought_total', 'Credits bought', totals.bought),
        gauge('hub_credits_available', 'Credits that can be spent', totals.available),
        gauge('hub_credits_held', 'Credits reserved for open requests', totals.held),
        gauge('hub_credits_captured', 'Credits spent, money not yet sent to rewards', totals.captured),
        counter('hub_credits_settled_total', 'Credits whose money was sent to rewards', totals.settled),
        counter('hub_credits_withdrawn_total', 'Credits paid back', totals.withdrawn),
        gauge('hub_movements_unresolved', 'Transfers without an answer of the ledger', hub.movements.unresolvedCount())
    ];
}

function orderMetrics(): readonly Metric[] {
    const escrow = hub.escrow.totals();
    return [
        counter('hub_listings_total', 'Listings ever made', hub.listings.count()),
        counter('hub_orders_total', 'Orders ever placed', hub.orders.count()),
        gauge('hub_escrowed_e8s', 'Price of orders in escrow', escrow.escrowedE8s),
        gauge('hub_refunding_e8s', 'Refunds that are not confirmed yet', escrow.refundingE8s)
    ];
}

function settlementMetrics(): readonly Metric[] {
    return [
        gauge('hub_next_window', 'First window that is not settled', hub.settlements.nextWindow()),
        gauge('hub_settlement_failures', 'Failed attempts in a row', hub.tables.setback.get().failures)
    ];
}

function probeMetrics(): readonly Metric[] {
    return [
        gauge('hub_nodes_online', 'Compute nodes that probes are planned for', hub.onlineNodes.count()),
        gauge('hub_probers', 'Validators that probe', hub.probePlan.probers().members.length),
        gauge('hub_probes_waiting', 'Probes whose time has not come', hub.probePlan.waitingCount()),
        counter('hub_probes_total', 'Probe results', hub.probes.count())
    ];
}
