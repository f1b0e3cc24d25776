/** On which subnets the system canisters create canisters for others, and where canisters are. */
import { opt, principal, record, text, variant, type Decoded } from '../candid/codecs';
import { idText, sameId } from '../state/principals';

/** A subnet by id or by its type. */
export const subnetSelection = variant({
    Subnet: record({ subnet: principal }),
    Filter: record({ subnet_type: opt(text) })
});
/** The same, decoded. */
export type SubnetSelection = Decoded<typeof subnetSelection>;

/** Type of the subnets where canisters go when nobody says where. */
export const defaultSubnetType = 'application';

/** A subnet where everybody may create canisters. */
export interface OfferedSubnet {
    readonly subnetId: Uint8Array;
    readonly type: string;
}

/** What the system canisters know of the network's subnets. */
export interface Placement {
    readonly offered: readonly OfferedSubnet[];
    /** Undefined for ids in the ranges of no subnet. */
    readonly subnetOf: (canisterId: Uint8Array) => Uint8Array | undefined;
}

/** Ids of the subnets of this type. */
export function subnetsOfType({ offered }: Placement, wanted: string): readonly Uint8Array[] {
    return offered.filter(({ type }) => type === wanted).map(({ subnetId }) => subnetId);
}

/** The offered types with their subnets, as the cycles minting canister lists them: the subnets that everybody gets have none. */
export function typesToSubnets(placement: Placement): (readonly [string, readonly Uint8Array[]])[] {
    const types = new Set(placement.offered.map(({ type }) => type).filter((type) => type !== defaultSubnetType));
    return Array.from(types, (type) => [type, subnetsOfType(placement, type)] as const);
}

/** Where a new canister goes, or a sentence for whoever wanted something else. */
export type Choice =
    { readonly ok: true; readonly subnetId: Uint8Array } | { readonly ok: false; readonly why: string };

/** The first of the subnets that fit. The errors are those of the cycles minting canister. */
export function chooseSubnet(
    placement: Placement,
    selection: SubnetSelection | undefined,
    controller: Uint8Array
): Choice {
    if (selection?.kind === 'Subnet') {
        const { subnet: subnetId } = selection.value;
        const isOffered = placement.offered.some((candidate) => sameId(candidate.subnetId, subnetId));
        const why = `Subnet ${idText(subnetId)} does not exist or ${idText(controller)} is not authorized to deploy to that subnet.`;
        return isOffered ? { ok: true, subnetId } : { ok: false, why };
    }
    const { subnet_type: type } = selection?.value ?? {};
    // The default is no type that can be asked for.
    const [subnetId] = type === defaultSubnetType ? [] : subnetsOfType(placement, type ?? defaultSubnetType);
    if (subnetId !== undefined) return { ok: true, subnetId };
    const none = 'No subnets in which to create a canister.';
    return { ok: false, why: type === undefined ? none : `Provided subnet type ${type} does not exist` };
}
