/** Messages from users: the checks before a message is taken, and taking it (replica.md a.7). */
import type { IngressMessage, SubmitResult } from '../state/api';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { Network } from '../state/network';
import { findCanister } from '../state/network';
import { idKey, managementId, sameId } from '../state/principals';
import { mayView, type Visibility } from '../state/settings';
import { toRejection } from '../state/rejection';
import {
    canisterNotFound,
    noWasmModule,
    notSnapshotViewer,
    onlyCanisters,
    onlyControllers,
    unknownManagementMethod
} from '../state/failures';
import type { IngressRule } from '../management/call';
import { managementMethods } from '../management/methods';
import { answerHere } from '../query/answering';
import { entryRefusal, inspectionQuestion } from '../query/inspection';
import { payIngress } from './ingress_fee';
import { ingressRefusal, noteWaiting } from './ingress_memory';

/**
 * Takes the message into the queue, or refuses it. A known request id is never taken again. `isInspected` when its canister has been asked
 * already, and takes it.
 */
export function submitIngress(network: Network, message: IngressMessage, isInspected: boolean): SubmitResult {
    const requestKey = idKey(message.requestId);
    const known = network.requests.get(requestKey);
    if (known !== undefined) return { kind: 'known', status: known.status };
    const refusal =
        ingressRefusal(network, message) ??
        (sameId(message.canisterId, managementId)
            ? managementRefusal(network, message)
            : canisterRefusal(network, message, isInspected));
    if (refusal !== undefined) return { kind: 'rejected', rejection: toRejection(refusal) };
    accept(network, message, requestKey);
    return { kind: 'accepted' };
}

function accept(network: Network, message: IngressMessage, requestKey: string): void {
    network.version += 1;
    noteWaiting(network, message);
    network.requests.set(requestKey, {
        requestId: message.requestId,
        sender: message.sender,
        canisterId: message.canisterId,
        effectiveCanisterId: message.effectiveCanisterId,
        expiryNs: message.ingressExpiryNs,
        status: { kind: 'received' },
        changeCounter: network.version
    });
    network.queue.push({
        kind: 'call',
        origin: { kind: 'ingress', requestKey },
        caller: message.sender,
        callee: message.canisterId,
        method: message.methodName,
        argument: message.argument,
        cycles: 0n,
        deadlineNs: 0n,
        ...(message.callerInfo && { callerInfo: message.callerInfo })
    });
}

function canisterRefusal(network: Network, message: IngressMessage, isInspected: boolean): IcError | undefined {
    if (network.natives.has(idKey(message.canisterId))) return undefined;
    const canister = findCanister(network, message.canisterId);
    if (canister === undefined) return canisterNotFound(message.canisterId);
    const { module } = canister;
    if (module === undefined) return noWasmModule(canister);
    return (
        entryRefusal(network, { canister, module }, message) ??
        (isInspected ? undefined : answerHere(network, inspectionQuestion(network, message))) ??
        payIngress(network, canister, message)
    );
}

function managementRefusal(network: Network, message: IngressMessage): IcError | undefined {
    const name = message.methodName;
    const method = managementMethods.get(name);
    if (method === undefined) return unknownManagementMethod(name);
    if (method.ingress === 'never') return onlyCanisters(name);
    if (method.ingress === 'anyone') return undefined;
    const target = method.target(message.argument);
    // An argument that cannot be read is refused by the execution, with its reason.
    if (target === undefined) return undefined;
    const canister = findCanister(network, target);
    if (canister === undefined) return canisterNotFound(target);
    const visibility = visibilityFor(method.ingress, canister);
    if (!mayView(visibility, canister.settings.controllers, message.sender))
        return onlyViewers(canister, message, method.ingress);
    return isFree(message) ? undefined : payIngress(network, canister, message);
}

function onlyViewers(canister: Canister, { sender, methodName }: IngressMessage, rule: IngressRule): IcError {
    return rule === 'snapshot_viewers' ? notSnapshotViewer(sender, methodName) : onlyControllers(canister, methodName);
}

function visibilityFor(rule: IngressRule, { settings }: Canister): Visibility {
    if (rule === 'viewers') return settings.statusVisibility;
    return rule === 'snapshot_viewers' ? settings.snapshotVisibility : { kind: 'controllers' };
}

/** Changing the settings must stay possible for a frozen canister, so small changes travel free. */
const freeSettingsBytes = 324;

function isFree({ methodName, argument }: IngressMessage): boolean {
    return methodName === 'update_settings' && argument.length <= freeSettingsBytes;
}
