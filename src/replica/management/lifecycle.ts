/** Starting, stopping, uninstalling and deleting canisters. */
import { reject } from '../state/message';
import { stopCancelled } from '../state/failures';
import { stopIfQuiet } from '../scheduler/contexts';
import { respond } from '../scheduler/respond';
import type { IcError } from '../state/errors';
import type { Canister } from '../state/canister';
import { sameId } from '../state/principals';
import { retire } from '../state/subnet_metrics';
import { consume } from '../cycles/account';
import { changeOrigin, controlled, done, failed, method, type ManagementCall, type Outcome } from './call';
import { canisterArgument, versionedCanisterArgument } from './types';
import { uninstall } from './uninstall';

/** `start_canister`: controllers; cancels stop requests that wait (IC0511). */
export const startCanister = method({
    ingress: 'controllers',
    argument: canisterArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = controlled(call, canister_id);
        if (!found.ok) return failed(found.error);
        start(call, found.canister);
        return done(undefined);
    }
});

function start(call: ManagementCall, canister: Canister): void {
    const { status } = canister;
    canister.status = { kind: 'running' };
    canister.version += 1n;
    if (status.kind !== 'stopping') return;
    for (const { origin, cycles } of status.requests) {
        respond(call.network, origin, reject(stopCancelled(canister)), cycles);
    }
}

/** `stop_canister`: controllers; answered when the canister has no open calls, or after five minutes (IC0206). */
export const stopCanister = method({
    ingress: 'controllers',
    argument: canisterArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }): Outcome<undefined> => {
        const found = controlled(call, canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        if (canister.status.kind === 'stopped') return done(undefined);
        const earlier = canister.status.kind === 'stopping' ? canister.status.requests : [];
        const request = { origin: call.origin, cycles: call.cycles, sinceNs: call.network.roundNs };
        if (canister.status.kind === 'running') canister.version += 1n;
        canister.status = { kind: 'stopping', requests: [...earlier, request] };
        stopIfQuiet(call.network, canister);
        return { kind: 'waiting' };
    }
});

/** `uninstall_code`: controllers. */
export const uninstallCode = method({
    ingress: 'controllers',
    argument: versionedCanisterArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, sender_canister_version }) => {
        const found = controlled(call, canister_id);
        if (!found.ok) return failed(found.error);
        uninstall(call.network, found.canister, changeOrigin(call, sender_canister_version));
        return done(undefined);
    }
});

/** `delete_canister`: controllers; the canister must be stopped (IC0510). Its cycles are gone. */
export const deleteCanister = method({
    ingress: 'controllers',
    argument: canisterArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = controlled(call, canister_id);
        if (!found.ok) return failed(found.error);
        const refusal = deletionRefusal(call, found.canister);
        if (refusal !== undefined) return failed(refusal);
        remove(call, found.canister);
        return done(undefined);
    }
});

function deletionRefusal(call: ManagementCall, canister: Canister): IcError | undefined {
    if (sameId(call.caller, canister.id)) {
        return { code: 'CanisterInvalidController', message: `Canister ${canister.text} cannot delete itself.` };
    }
    if (canister.status.kind !== 'stopped') {
        const message = `Canister ${canister.text} must be stopped before it is deleted.`;
        return { code: 'CanisterNotStopped', message };
    }
    if (hasMessages(call, canister)) {
        const message = `Canister ${canister.text} has messages in its queues and cannot be deleted now.`;
        return { code: 'CanisterQueueNotEmpty', message };
    }
    return undefined;
}

/** Requests to a stopped canister would be rejected anyway; responses still carry its refunds. */
function hasMessages({ network }: ManagementCall, canister: Canister): boolean {
    for (const message of network.queue) {
        if (message.kind === 'response' && sameId(message.canisterId, canister.id)) return true;
    }
    return false;
}

function remove({ network }: ManagementCall, canister: Canister): void {
    canister.module?.sandbox.dispose();
    consume(network, canister.balance);
    retire(network, canister);
    network.canisters.delete(canister.key);
    network.deletedIds.add(canister.key);
    network.version += 1;
}
