/** Calls that a passed proposal may make: the one exception to the direction of calls (architecture.md §2). */
import type { CanisterName } from '../peers';
import type { ProposalGroup } from '../tokenomics/profile';

/** A method of a canister. */
export interface AllowedCall {
    readonly canister: CanisterName;
    readonly method: string;
}

/** `group`: whose majority decides on it; without it, that of ordinary proposals. */
interface OpenCall extends AllowedCall {
    readonly group?: ProposalGroup;
}

/** Every method is open to governance in the canister that is named, and safe to be asked for again. */
export const ALLOWED_CALLS: readonly OpenCall[] = [
    { canister: 'rewards', method: 'set_paused' },
    { canister: 'state_machine', method: 'set_paused' },
    { canister: 'hub', method: 'set_paused' },
    { canister: 'compute_gateway', method: 'set_paused' },
    { canister: 'token_icrc1', method: 'set_peers' },
    { canister: 'state_machine', method: 'set_peers' },
    { canister: 'hub', method: 'set_peers' },
    { canister: 'compute_gateway', method: 'set_peers' },
    { canister: 'rewards', method: 'set_governance', group: 'constitution' },
    { canister: 'token_icrc1', method: 'set_governance', group: 'constitution' },
    { canister: 'state_machine', method: 'set_governance', group: 'constitution' },
    { canister: 'hub', method: 'set_governance', group: 'constitution' },
    { canister: 'compute_gateway', method: 'set_governance', group: 'constitution' },
    { canister: 'token_icrc1', method: 'icrc107_set_fee_collector', group: 'constitution' },
    { canister: 'state_machine', method: 'admit_validators' },
    { canister: 'state_machine', method: 'open_validator_batch' },
    { canister: 'state_machine', method: 'add_poc_spec', group: 'poc_standard' },
    { canister: 'state_machine', method: 'set_poc_policy', group: 'poc_standard' },
    { canister: 'hub', method: 'resolve_dispute' },
    { canister: 'hub', method: 'change_settings' },
    { canister: 'compute_gateway', method: 'add_gateway' },
    { canister: 'compute_gateway', method: 'remove_gateway' }
];

/** Whether a proposal may call the method at all. */
export function isAllowed(call: AllowedCall): boolean {
    return entryOf(call) !== undefined;
}

/** Whose majority decides on a call. */
export function groupOfCall(call: AllowedCall): ProposalGroup {
    return entryOf(call)?.group ?? 'ordinary';
}

function entryOf({ canister, method }: AllowedCall): OpenCall | undefined {
    return ALLOWED_CALLS.find((allowed) => allowed.canister === canister && allowed.method === method);
}
