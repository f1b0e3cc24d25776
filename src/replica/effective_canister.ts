import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { equalBytes } from './wire/bytes';
import type { CanisterRequest } from './wire/envelope';
import { refuse, type Refusal } from './wire/refusal';

/** Old agents send it under the management canister's own id, which leads nowhere else. */
const creation = 'provisional_create_canister_with_cycles';

/** Methods of the management canister that any effective canister id of the subnet fits. */
const unbound = new Set(['create_canister', creation, 'raw_rand', 'http_request', 'list_canisters']);

/**
 * Whether a request may be sent under the effective canister id of its URL (interface specification, "Effective
 * canister id"): the canister itself, or for the management canister the canister that the argument is about.
 */
export function checkEffectiveCanister(request: CanisterRequest, effectiveCanisterId: Uint8Array): Refusal | undefined {
    const { canisterId, methodName } = request;
    if (canisterId.length > 0) {
        return equalBytes(canisterId, effectiveCanisterId) ? undefined : mismatch();
    }
    if (unbound.has(methodName)) {
        return effectiveCanisterId.length > 0 || methodName === creation ? undefined : onNoSubnet();
    }
    const subject = subjectOf(request);
    // An argument that does not decode is for the management canister to refuse.
    return subject === undefined || equalBytes(subject, effectiveCanisterId) ? undefined : mismatch();
}

/** Canister aaaaa-aa is every subnet's, so that its id says nothing about where to go. */
export function onNoSubnet(): Refusal {
    return refuse('wrong_canister', 'Canister aaaaa-aa does not belong to any subnet.');
}

function mismatch(): Refusal {
    return refuse('wrong_canister', 'The effective canister id in the URL does not fit the canister of the request');
}

const withCanisterId = IDL.Record({ canister_id: IDL.Principal });
const withTargetCanister = IDL.Record({ target_canister: IDL.Principal });

/** Canister that the argument of a management call is about. */
function subjectOf({ methodName, argument }: CanisterRequest): Uint8Array | undefined {
    const type = methodName === 'install_chunked_code' ? withTargetCanister : withCanisterId;
    try {
        const [record] = IDL.decode([type], argument);
        return firstPrincipal(record);
    } catch {
        // The decoder throws for anything that is not Candid of that type.
        return undefined;
    }
}

function firstPrincipal(record: unknown): Uint8Array | undefined {
    const values: readonly unknown[] = typeof record === 'object' && record !== null ? Object.values(record) : [];
    return values.find(isPrincipal)?.toUint8Array();
}

function isPrincipal(value: unknown): value is Principal {
    return typeof value === 'object' && value !== null && 'toUint8Array' in value;
}
