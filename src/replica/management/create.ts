/** Creating canisters, and giving them cycles from nowhere on a development network. */
import { cyclesText } from '../execution/traps';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { Network } from '../state/network';
import { newCanister } from '../state/canister';
import { subnet, touchCanister } from '../state/network';
import { canisterIdOfIndex, idInRange, idKey, idText, isCanisterId } from '../state/principals';
import { hosts, subnetById, subnetOf, type Subnet } from '../state/subnet';
import { changeSettings, defaultSettings, type CanisterSettings, type ChangedSettings } from '../state/settings';
import { mint, spend } from '../cycles/account';
import { changeOrigin, done, existing, failed, method, type ManagementCall, type Outcome } from './call';
import { fromCandidSettings, invalidSettings } from './settings';
import {
    canisterArgument,
    createArgument,
    provisionalCreateArgument,
    topUpArgument,
    type CandidSettings
} from './types';

interface NewCanisterRequest {
    readonly canisterId: Uint8Array;
    readonly settings: CanisterSettings;
    readonly senderVersion?: bigint | undefined;
}

/** Whether the id belongs to a subnet of the network. */
export function ownsId(network: Network, id: Uint8Array): boolean {
    return [network, ...network.others].some((each) => hosts(each, id));
}

function isTaken(network: Network, id: Uint8Array): boolean {
    const key = idKey(id);
    return network.canisters.has(key) || network.natives.has(key) || network.deletedIds.has(key);
}

/** The next free id of a subnet. */
export function nextCanisterId(network: Network, place: Subnet): Uint8Array {
    let id = canisterIdOfIndex(place.nextCanisterIndex);
    while (isTaken(network, id)) {
        place.nextCanisterIndex += 1n;
        id = canisterIdOfIndex(place.nextCanisterIndex);
    }
    return id;
}

/** Where a new canister goes: users say it by the effective canister id, native canisters by name, others create on their own subnet. */
function targetSubnet({ network, origin, caller, subnetId }: ManagementCall): Subnet {
    if (subnetId !== undefined) return subnetById(network, subnetId) ?? network;
    if (origin.kind === 'ingress') {
        const request = network.requests.get(origin.requestKey);
        return request === undefined ? network : subnetOf(network, request.effectiveCanisterId);
    }
    return subnetOf(network, caller);
}

/** Those that a new canister is to have, or why it cannot. */
function initialSettings({ caller }: ManagementCall, given: CandidSettings | undefined): ChangedSettings {
    return changeSettings(defaultSettings([caller]), given === undefined ? {} : fromCandidSettings(given));
}

function create(call: ManagementCall, request: NewCanisterRequest): Canister {
    const { network } = call;
    const canister = newCanister(request.canisterId, request.settings, 0n, network.roundNs);
    network.canisters.set(canister.key, canister);
    canister.history.add({
        timestampNs: network.roundNs,
        canisterVersion: canister.version,
        origin: changeOrigin(call, request.senderVersion),
        details: { kind: 'creation', controllers: request.settings.controllers }
    });
    touchCanister(network, canister);
    return canister;
}

type Created = Outcome<{ readonly canister_id: Uint8Array }>;

/** `create_canister`: canisters, with at least the fee attached (IC0403). */
export const createCanister = method({
    ingress: 'never',
    argument: createArgument,
    result: canisterArgument,
    run: (call, { settings, sender_canister_version }): Created => {
        const { network } = call;
        const target = targetSubnet(call);
        const initial = initialSettings(call, settings);
        if (!initial.ok) return failed(invalidSettings(initial.why));
        const fee = target.prices.createCanister();
        if (call.cycles < fee) return failed(tooFewCyclesToCreate(fee, call.cycles));
        const canisterId = nextCanisterId(network, target);
        const canister = create(call, { canisterId, settings: initial.value, senderVersion: sender_canister_version });
        spend(network, canister, fee, 'creation');
        canister.balance += call.cycles - fee;
        return done({ canister_id: canisterId }, call.cycles);
    }
});

function tooFewCyclesToCreate(fee: bigint, given: bigint): IcError {
    const message =
        `Creating a canister requires a fee of ${cyclesText(fee)} that is deducted from the canister's initial balance ` +
        `but only ${cyclesText(given)} cycles were received with the create_canister request.`;
    return { code: 'InsufficientCyclesForCreateCanister', message };
}

/** Balance of a provisionally created canister that asks for none in particular. */
const provisionalBalance = 100_000_000_000_000n;

/** `provisional_create_canister_with_cycles`: anybody; a chosen id must be free (IC0538) and in the ranges (IC0405). */
export const provisionalCreateCanister = method({
    ingress: 'anyone',
    argument: provisionalCreateArgument,
    result: canisterArgument,
    run: (call, { amount, settings, specified_id, sender_canister_version }): Created => {
        const { network } = call;
        if (specified_id !== undefined && isCanisterId(specified_id)) bringSubnet(network, specified_id);
        const refusal = specified_id && specifiedIdRefusal(network, specified_id);
        if (refusal !== undefined) return failed(refusal);
        const initial = initialSettings(call, settings);
        if (!initial.ok) return failed(invalidSettings(initial.why));
        const canisterId = specified_id ?? nextCanisterId(network, targetSubnet(call));
        const canister = create(call, { canisterId, settings: initial.value, senderVersion: sender_canister_version });
        mint(network, canister, amount ?? provisionalBalance);
        return done({ canister_id: canisterId });
    }
});

/** Ids of the real network may bring their subnet with them. */
function bringSubnet(network: Network, id: Uint8Array): void {
    const added = ownsId(network, id) ? undefined : network.config.addSubnet?.(id);
    if (added !== undefined) network.others.push(subnet(added));
}

function specifiedIdRefusal(network: Network, id: Uint8Array): IcError | undefined {
    if (!isCanisterId(id) || !ownsId(network, id)) {
        const message = `The specified canister id ${idText(id)} is not hosted by the subnet.`;
        return { code: 'CanisterNotHostedBySubnet', message };
    }
    const isAllocated = [network, ...network.others].some(
        ({ allocation }) => allocation && idInRange(id, allocation.start, allocation.end)
    );
    if (isAllocated) return { code: 'InvalidManagementPayload', message: allocatedId(id) };
    if (!isTaken(network, id)) return undefined;
    return { code: 'CanisterAlreadyInstalled', message: `Canister ${idText(id)} is already installed.` };
}

function allocatedId(id: Uint8Array): string {
    return (
        `The \`specified_id\` ${idText(id)} is invalid because it belongs to the canister allocation ranges of the test environment.\n` +
        'Use a `specified_id` that matches a canister ID on the ICP mainnet and a test environment that supports canister creation with `specified_id` (e.g., PocketIC).'
    );
}

/** `provisional_top_up_canister`: anybody. */
export const provisionalTopUpCanister = method({
    ingress: 'anyone',
    argument: topUpArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, amount }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        mint(call.network, found.canister, amount);
        return done(undefined);
    }
});

/** `deposit_cycles`: canisters; all attached cycles are kept. */
export const depositCycles = method({
    ingress: 'never',
    argument: canisterArgument,
    run: (call, { canister_id }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        found.canister.balance += call.cycles;
        return done(undefined, call.cycles);
    }
});
