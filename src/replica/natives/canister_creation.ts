/** Creating canisters for others, as the cycles ledger and the cycles minting canister do. */
import { decodeArgument, encodeResult, opt, record, type Decoded } from '../candid/codecs';
import { canisterArgument, canisterSettings, createArgument, type CandidSettings } from '../management/types';
import type { NativeHost } from '../state/native';
import { chooseSubnet, subnetSelection, type Placement, type SubnetSelection } from './placement';

/** Where and how to create a canister. */
export const creationArgument = record({ subnet_selection: opt(subnetSelection), settings: opt(canisterSettings) });
/** Settings and subnet of a new canister. */
export type CreationArgument = Decoded<typeof creationArgument>;

/** A canister that somebody has paid for. */
export interface CreationOrder {
    /** Controls the canister unless the settings say otherwise. */
    readonly controller: Uint8Array;
    readonly selection: SubnetSelection | undefined;
    readonly settings: CandidSettings | undefined;
    /** Balance of the canister, creation fee included. */
    readonly cycles: bigint;
}

/** The new canister, or why there is none. */
export type Creation =
    { readonly ok: true; readonly canisterId: Uint8Array } | { readonly ok: false; readonly why: string };

/** Creates the canister, or changes nothing. */
export function createCanister(host: NativeHost, placement: Placement, order: CreationOrder): Creation {
    const { controller, selection, cycles } = order;
    const place = chooseSubnet(placement, selection, controller);
    if (!place.ok) return place;
    const settings = { ...noSettings, ...order.settings, controllers: order.settings?.controllers ?? [controller] };
    const argument = encodeResult(createArgument, { settings, sender_canister_version: undefined });
    const response = host.callManagement('create_canister', argument, { cycles, subnetId: place.subnetId });
    if (response.kind === 'reject') return { ok: false, why: response.error.message };
    const created = decodeArgument(canisterArgument, response.data);
    return created.ok ? { ok: true, canisterId: created.value.canister_id } : { ok: false, why: created.why };
}

const noSettings: CandidSettings = {
    controllers: undefined,
    compute_allocation: undefined,
    memory_allocation: undefined,
    freezing_threshold: undefined,
    reserved_cycles_limit: undefined,
    minimum_incoming_canister_call_cycles: undefined,
    log_visibility: undefined,
    snapshot_visibility: undefined,
    status_visibility: undefined,
    log_memory_limit: undefined,
    wasm_memory_limit: undefined,
    wasm_memory_threshold: undefined,
    environment_variables: undefined
};
