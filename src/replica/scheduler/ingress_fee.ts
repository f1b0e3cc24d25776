/** What taking a message costs its receiver (replica.md d.3). */
import type { IngressMessage } from '../state/api';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { Network } from '../state/network';
import { liquidBalance, spend, withdraw } from '../cycles/account';
import { outOfCycles } from '../state/failures';
import { hasId } from '../state/principals';
import { subnetOf } from '../state/subnet';

function feeOf(network: Network, payer: Canister, { methodName, argument }: IngressMessage): bigint {
    return subnetOf(network, payer.id).prices.ingress(methodName.length + argument.length);
}

/** IC0207 of a canister that could not pay; takes nothing. */
export function ingressShortage(network: Network, payer: Canister, message: IngressMessage): IcError | undefined {
    const fee = feeOf(network, payer, message);
    const missing = fee === 0n ? 0n : fee - liquidBalance(network, payer);
    return missing > 0n ? short(payer, message, missing) : undefined;
}

function short(payer: Canister, { sender }: IngressMessage, missing: bigint): IcError {
    return outOfCycles(payer, missing, hasId(payer.settings.controllers, sender));
}

/** The receiver pays for ingress; for management methods that is the canister they are about. */
export function payIngress(network: Network, payer: Canister, message: IngressMessage): IcError | undefined {
    const fee = feeOf(network, payer, message);
    const missing = withdraw(network, payer, fee)?.missing;
    if (missing !== undefined) return short(payer, message, missing);
    spend(network, payer, fee, 'ingress');
    return undefined;
}
