/** Creating canisters for others, as the cycles ledger and the cycles minting canister do. */
import { decodeArgument, encodeResult, opt, principal, record, text, variant, type Decoded } from '../candid/codecs';
import { canisterArgument, canisterSettings, createArgument, type CandidSettings } from '../management/types';
import type { NativeHost } from '../state/native';
import { idText, sameId } from '../state/principals';

/** A subnet by id or by its type. */
export const subnetSelection = variant({
    Subnet: record({ subnet: principal }),
    Filter: record({ subnet_type: opt(text) })
});
/** The same, decoded. */
export type SubnetSelection = Decoded<typeof subnetSelection>;

/** Where and how to create a canister. */
export const creationArgument = record({ subnet_selection: opt(subnetSelection), settings: opt(canisterSettings) });
/** Settings and subnet of a new canister. */
export type CreationArgument = Decoded<typeof creationArgument>;

/** The only type of subnet that this network has. */
export const subnetType = 'application';

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
export function createCanister(host: NativeHost, subnetId: Uint8Array, order: CreationOrder): Creation {
    const { controller, selection, cycles } = order;
    const misplaced = selection && selectionRefusal(selection, subnetId);
    if (misplaced !== undefined) return { ok: false, why: misplaced };
    const settings = { ...noSettings, ...order.settings, controllers: order.settings?.controllers ?? [controller] };
    const argument = encodeResult(createArgument, { settings, sender_canister_version: undefined });
    const response = host.callManagement('create_canister', argument, cycles);
    if (response.kind === 'reject') return { ok: false, why: response.error.message };
    const created = decodeArgument(canisterArgument, response.data);
    return created.ok ? { ok: true, canisterId: created.value.canister_id } : { ok: false, why: created.why };
}

function selectionRefusal(selection: SubnetSelection, subnetId: Uint8Array): string | undefined {
    if (selection.kind === 'Subnet') {
        const { subnet } = selection.value;
        return sameId(subnet, subnetId) ? undefined : `Subnet ${idText(subnet)} does not exist.`;
    }
    const { subnet_type: wanted = subnetType } = selection.value;
    return wanted === subnetType ? undefined : `There is no subnet of type ${JSON.stringify(wanted)}.`;
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
