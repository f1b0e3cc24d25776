/** What the state tree tells of a subnet's work (interface specification, "Subnet information"). */
import type { SubnetMetrics } from './api';
import { memoryBytes, type Canister } from './canister';
import type { Network } from './network';
import { idKey } from './principals';
import { subnetById, subnetOf } from './subnet';

/** Counted since the network began. */
export interface SubnetTotals {
    /** Messages, responses and tasks that were executed. */
    transactions: bigint;
    /** Cycles that canisters had consumed before they were deleted. */
    consumedByDeleted: bigint;
}

function totalsOf(network: Network, canisterId: Uint8Array): SubnetTotals {
    const key = idKey(subnetOf(network, canisterId).subnetId);
    const totals = network.subnetTotals.get(key) ?? { transactions: 0n, consumedByDeleted: 0n };
    network.subnetTotals.set(key, totals);
    return totals;
}

/** Notes an execution for the canister. */
export function countTransaction(network: Network, canisterId: Uint8Array): void {
    totalsOf(network, canisterId).transactions += 1n;
}

/** Keeps what the canister has consumed, which is about to be deleted. */
export function retire(network: Network, canister: Canister): void {
    totalsOf(network, canister.id).consumedByDeleted += consumedBy(canister);
}

function consumedBy({ consumed }: Canister): bigint {
    return Object.values(consumed).reduce((sum: bigint, amount: bigint) => sum + amount, 0n);
}

/** The figures of one subnet as they are now. */
export function subnetMetrics(network: Network, subnetId: Uint8Array): SubnetMetrics {
    const subnet = subnetById(network, subnetId);
    const isHere = (id: Uint8Array): boolean => subnetOf(network, id) === subnet;
    const canisters = [...network.canisters.values()].filter(({ id }) => isHere(id));
    const natives = [...network.natives.values()].filter(({ canisterId }) => isHere(canisterId));
    const totals = network.subnetTotals.get(idKey(subnetId));
    return {
        canisters: canisters.length + natives.length,
        stateBytes: canisters.reduce((sum, canister) => sum + memoryBytes(canister), 0n),
        consumedCycles: canisters.reduce(
            (sum, canister) => sum + consumedBy(canister),
            totals?.consumedByDeleted ?? 0n
        ),
        transactions: totals?.transactions ?? 0n
    };
}
