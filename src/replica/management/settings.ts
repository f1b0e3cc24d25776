/** `update_settings`, and the way between Candid settings and ours. */
import { cyclesText } from '../execution/traps';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { Network } from '../state/network';
import { touchCanister } from '../state/network';
import { changeSettings, type CanisterSettings, type SettingsChange, type Visibility } from '../state/settings';
import { freezingLimit } from '../cycles/account';
import { watchMemory } from '../scheduler/low_memory';
import { changeOrigin, controlled, done, failed, method } from './call';
import {
    updateSettingsArgument,
    type CandidDefiniteSettings,
    type CandidSettings,
    type CandidVisibility
} from './types';

function fromVisibility(visibility: CandidVisibility | undefined): Visibility | undefined {
    if (visibility?.kind !== 'allowed_viewers') return visibility && { kind: visibility.kind };
    return { kind: 'allowed_viewers', viewers: visibility.value };
}

function toVisibility(visibility: Visibility): CandidVisibility {
    if (visibility.kind !== 'allowed_viewers') return { kind: visibility.kind, value: null };
    return { kind: 'allowed_viewers', value: visibility.viewers };
}

/** Candid to ours. */
export function fromCandidSettings(settings: CandidSettings): SettingsChange {
    return {
        controllers: settings.controllers,
        computeAllocation: settings.compute_allocation,
        memoryAllocation: settings.memory_allocation,
        freezingThreshold: settings.freezing_threshold,
        reservedCyclesLimit: settings.reserved_cycles_limit,
        minimumIncomingCallCycles: settings.minimum_incoming_canister_call_cycles,
        logVisibility: fromVisibility(settings.log_visibility),
        snapshotVisibility: fromVisibility(settings.snapshot_visibility),
        statusVisibility: fromVisibility(settings.status_visibility),
        logMemoryLimit: settings.log_memory_limit,
        wasmMemoryLimit: settings.wasm_memory_limit,
        wasmMemoryThreshold: settings.wasm_memory_threshold,
        environmentVariables: settings.environment_variables?.map(({ name, value }) => [name, value])
    };
}

/** Ours to Candid. */
export function toCandidSettings(settings: CanisterSettings): CandidDefiniteSettings {
    return {
        controllers: settings.controllers,
        compute_allocation: settings.computeAllocation,
        memory_allocation: settings.memoryAllocation,
        freezing_threshold: settings.freezingThreshold,
        reserved_cycles_limit: settings.reservedCyclesLimit,
        minimum_incoming_canister_call_cycles: settings.minimumIncomingCallCycles,
        log_visibility: toVisibility(settings.logVisibility),
        snapshot_visibility: toVisibility(settings.snapshotVisibility),
        status_visibility: toVisibility(settings.statusVisibility),
        log_memory_limit: settings.logMemoryLimit,
        wasm_memory_limit: settings.wasmMemoryLimit,
        wasm_memory_threshold: settings.wasmMemoryThreshold,
        environment_variables: settings.environmentVariables.map(([name, value]) => ({ name, value }))
    };
}

/** IC0504. */
export function invalidSettings(why: string): IcError {
    return { code: 'CanisterContractViolation', message: `Could not validate the settings: ${why} ` };
}

/** Applies a change that the canister can pay for, or tells why not and changes nothing. */
function applySettings(network: Network, canister: Canister, change: SettingsChange): IcError | undefined {
    const before = canister.settings;
    const changed = changeSettings(before, change);
    if (!changed.ok) return invalidSettings(changed.why);
    canister.settings = changed.value;
    const unpayable = unpayableAllocation(network, canister, before);
    if (unpayable !== undefined) canister.settings = before;
    return unpayable;
}

/** Raising an allocation must leave the balance above the freezing limit that it causes. */
function unpayableAllocation(network: Network, canister: Canister, before: CanisterSettings): IcError | undefined {
    const limit = freezingLimit(network, canister);
    if (canister.balance >= limit) return undefined;
    const missing = limit - canister.balance;
    if (canister.settings.computeAllocation > before.computeAllocation) {
        const message = `Cannot increase compute allocation due to insufficient cycles. At least ${cyclesText(missing)} additional cycles are required.`;
        return { code: 'InsufficientCyclesInComputeAllocation', message };
    }
    if (canister.settings.memoryAllocation > before.memoryAllocation) {
        const message = `Cannot increase memory allocation due to insufficient cycles. At least ${cyclesText(missing)} additional cycles are required.`;
        return { code: 'InsufficientCyclesInMemoryAllocation', message };
    }
    return undefined;
}

/** `update_settings`: controllers; IC0504 for settings out of bounds, IC0530/IC0531 for allocations that cannot be paid. */
export const updateSettings = method({
    ingress: 'controllers',
    argument: updateSettingsArgument,
    target: (argument) => argument.canister_id,
    run: (call, argument) => {
        const found = controlled(call, argument.canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const change = fromCandidSettings(argument.settings);
        const error = applySettings(call.network, canister, change);
        if (error !== undefined) return failed(error);
        canister.version += 1n;
        watchMemory(canister);
        if (change.controllers !== undefined) {
            canister.history.add({
                timestampNs: call.network.roundNs,
                canisterVersion: canister.version,
                origin: changeOrigin(call, argument.sender_canister_version),
                details: { kind: 'controllers_change', controllers: canister.settings.controllers }
            });
            touchCanister(call.network, canister);
        }
        return done(undefined);
    }
});
