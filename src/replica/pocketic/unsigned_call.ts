/** Calls without an envelope, as PocketIC takes them: bodies of `/update/submit_ingress_message` and `/read/query`. */
import type { SubnetIdentity } from '../subnets';
import { equalBytes } from '../wire/bytes';
import type { UnsignedCall } from '../worker/api';
import type { Body } from './json';
import { unroutable } from './routing';

/** The call, or why it cannot be sent anywhere. */
export function readCall(subnets: readonly SubnetIdentity[], body: Body): UnsignedCall | { readonly refusal: string } {
    const target = readTarget(subnets, body);
    if ('refusal' in target) return target;
    return {
        sender: body.bytes('sender'),
        canisterId: body.bytes('canister_id'),
        ...target,
        methodName: body.text('method'),
        argument: body.bytes('payload'),
        ...readCallerInfo(body)
    };
}

/** What the sender's canister is taken to have said of it: nobody signs here. */
function readCallerInfo(body: Body): Pick<UnsignedCall, 'callerInfo'> {
    const info = body.optionalObject('sender_info');
    return info === undefined ? {} : { callerInfo: { data: info.bytes('info'), signer: info.bytes('signer') } };
}

/** A canister of the subnet stands for the subnet. */
function readTarget(
    subnets: readonly SubnetIdentity[],
    body: Body
): Pick<UnsignedCall, 'effectiveCanisterId'> | { readonly refusal: string } {
    const principal = body.get('effective_principal');
    if (principal === 'None' || principal === undefined) return {};
    const target = body.object('effective_principal');
    if (target.get('SubnetId') === undefined) {
        const canisterId = target.get('CanisterId') === undefined ? undefined : target.bytes('CanisterId');
        // The management canister as a target is any subnet.
        if (canisterId === undefined || canisterId.length === 0) return {};
        const refusal = unroutable(subnets, canisterId);
        return refusal === undefined ? { effectiveCanisterId: canisterId } : { refusal };
    }
    const subnetId = target.bytes('SubnetId');
    const subnet = subnets.find((candidate) => equalBytes(candidate.subnetId, subnetId));
    return subnet === undefined ? { refusal: 'SubnetNotFound' } : { effectiveCanisterId: subnet.anyCanisterId };
}
