/** Taking cycles from canisters and giving them back. Nothing else changes a balance, so that the sum of all cycles can be audited. */
import type { Network } from '../state/network';
import { memoryBytes, type Canister, type CyclesUse } from '../state/canister';
import { subnetOf } from '../state/subnet';
import type { Keeping } from '../execution/types';
import type { IcError } from '../state/errors';
import { cannotGrow } from '../state/failures';
import { hasId } from '../state/principals';
import type { Prices } from './prices';

/** The prices of the canister's subnet, for code of its kind. */
export function pricesOf(network: Network, { id, module }: Canister): Prices {
    return subnetOf(network, id).prices.forPointers(module?.code.layout.pointerBytes ?? 4);
}

/** What the settings say about the freezing limit. */
export function keepingOf({ settings }: Canister): Keeping {
    const { memoryAllocation: allocation, computeAllocation, freezingThreshold } = settings;
    return { allocation, computeAllocation, freezingThreshold };
}

/** IC0532 if the balance no longer covers the freezing limit after the canister has grown by `bytes`; tells controllers what is missing. */
export function unpayableGrowth(
    network: Network,
    canister: Canister,
    bytes: bigint,
    caller: Uint8Array
): IcError | undefined {
    if (bytes <= 0n) return undefined;
    const limit = pricesOf(network, canister).freezingLimit(memoryBytes(canister) + bytes, keepingOf(canister));
    if (canister.balance >= limit) return undefined;
    const isController = hasId(canister.settings.controllers, caller);
    return cannotGrow(bytes, isController ? limit - canister.balance : undefined);
}

/** What the canister pays per day for its memory and its compute allocation. */
export function idleBurnPerDay(network: Network, canister: Canister): bigint {
    const { allocation, computeAllocation } = keepingOf(canister);
    return pricesOf(network, canister).idleBurnPerDay(memoryBytes(canister), { allocation, computeAllocation });
}

/** Cycles that only rent may touch: the idle burn over the freezing threshold. */
export function freezingLimit(network: Network, canister: Canister): bigint {
    return pricesOf(network, canister).freezingLimit(memoryBytes(canister), keepingOf(canister));
}

/** Balance above the freezing limit, never negative. */
export function liquidBalance(network: Network, canister: Canister): bigint {
    const liquid = canister.balance - freezingLimit(network, canister);
    return liquid > 0n ? liquid : 0n;
}

/** Takes `amount` from the liquid balance, to be spent or given back by the caller; undefined, or what is missing. */
export function withdraw(
    network: Network,
    canister: Canister,
    amount: bigint
): { readonly missing: bigint } | undefined {
    if (amount === 0n) return undefined;
    const liquid = liquidBalance(network, canister);
    if (amount > liquid) return { missing: amount - liquid };
    canister.balance -= amount;
    return undefined;
}

/** Spends `used` of an amount withdrawn before and gives the rest back. Never spends more than was withdrawn. */
export function settle(
    network: Network,
    canister: Canister,
    withdrawn: bigint,
    used: bigint,
    useCase: CyclesUse
): void {
    const spent = used < withdrawn ? used : withdrawn;
    spend(network, canister, spent, useCase);
    canister.balance += withdrawn - spent;
}

/** Destroys cycles that were withdrawn from the canister, and notes for what. */
export function spend(network: Network, canister: Canister, amount: bigint, useCase: CyclesUse): void {
    consume(network, amount);
    canister.consumed[useCase] += amount;
}

/** Destroys cycles that were withdrawn or refunded to nobody. */
export function consume(network: Network, amount: bigint): void {
    network.cyclesConsumed += amount;
}

/** New cycles from nowhere: provisional methods, native ledgers, PocketIC's addCycles. */
export function mint(network: Network, canister: Canister, amount: bigint): void {
    network.cyclesMinted += amount;
    canister.balance += amount;
}

/** Charges rent up to `nowNs`. False when the balance did not suffice; it is zero then. */
export function chargeRent(network: Network, canister: Canister, nowNs: bigint): boolean {
    const elapsedNs = nowNs - canister.rentPaidNs;
    const due = rent(network, canister, elapsedNs);
    canister.rentPaidNs = nowNs;
    const paid = due < canister.balance ? due : canister.balance;
    canister.balance -= paid;
    const compute = subnetOf(network, canister.id).prices.rent(0n, canister.settings.computeAllocation, elapsedNs);
    const forCompute = compute < paid ? compute : paid;
    spend(network, canister, forCompute, 'computeAllocation');
    spend(network, canister, paid - forCompute, 'memory');
    return paid === due;
}

function rent(network: Network, canister: Canister, elapsedNs: bigint): bigint {
    const used = memoryBytes(canister);
    const { memoryAllocation, computeAllocation } = canister.settings;
    const bytes = used > memoryAllocation ? used : memoryAllocation;
    return subnetOf(network, canister.id).prices.rent(bytes, computeAllocation, elapsedNs);
}
