/** Calls that a passed proposal may make: the one exception to the direction of calls (architecture.md §2). */
import type { CanisterName } from '../peers';

export interface AllowedCall {
    readonly canister: CanisterName;
    readonly method: string;
}

/** Every method is open to governance in the canister that is named, and safe to be asked for again. */
export const ALLOWED_CALLS: readonly AllowedCall[] = [
    { canister: 'rewards', method: 'set_paused' },
    { canister: 'state_machine', method: 'set_paused' },
    { canister: 'hub', method: 'set_paused' },
    { canister: 'compute_gateway', method: 'set_paused' },
    { canister: 'state_machine', method: 'admit_validators' },
    { canister: 'state_machine', method: 'open_validator_batch' },
    { canister: 'hub', method: 'resolve_dispute' },
    { canister: 'compute_gateway', method: 'add_gateway' },
    { canister: 'compute_gateway', method: 'remove_gateway' }
];

export function isAllowed({ canister, method }: AllowedCall): boolean {
    return ALLOWED_CALLS.some((allowed) => allowed.canister === canister && allowed.method === method);
}
