/** A network of several subnets is one state machine: what differs between its canisters is what their subnet says. */
import type { Prices } from '../cycles/prices';
import type { CanisterRange } from './api';
import type { InstructionLimits } from './limits';
import { idInRange, sameId } from './principals';

/** What a canister has from the subnet that it is on. */
export interface Subnet {
    readonly subnetId: Uint8Array;
    readonly nodeIds: readonly Uint8Array[];
    readonly ranges: readonly CanisterRange[];
    /** Where the subnet's own canisters are created, if nobody may choose ids there. */
    readonly allocation: CanisterRange | undefined;
    readonly prices: Prices;
    readonly limits: InstructionLimits;
    nextCanisterIndex: bigint;
}

/** The home subnet is where canisters are created when nobody says where. */
export interface Subnets extends Subnet {
    readonly others: Subnet[];
}

/** Whether the id lies in the subnet's ranges. */
export function hosts({ ranges }: Pick<Subnet, 'ranges'>, canisterId: Uint8Array): boolean {
    return ranges.some(({ start, end }) => idInRange(canisterId, start, end));
}

/** The subnet of a canister; the home subnet for ids that are on none, such as those of native canisters. */
export function subnetOf(home: Subnets, canisterId: Uint8Array): Subnet {
    if (home.others.length === 0) return home;
    return home.others.find((subnet) => hosts(subnet, canisterId)) ?? home;
}

/** Undefined for a subnet that is not part of the network. */
export function subnetById(home: Subnets, subnetId: Uint8Array): Subnet | undefined {
    return [home, ...home.others].find((subnet) => sameId(subnet.subnetId, subnetId));
}
