/** Calls arriving at the management canister. */
import type { Network } from '../state/network';
import type { CallMessage, CallResponse } from '../state/message';
import { reject, reply } from '../state/message';
import { canisterNotFound, noManagementMethod, onlyCanisters } from '../state/failures';
import { hosts, subnetById } from '../state/subnet';
import { respond } from '../scheduler/respond';
import { failed, type ManagementCall, type Outcome } from './call';
import { managementMethods } from './methods';

/** Executes the call and responds, now or when the method is ready to. */
export function executeManagementCall(network: Network, message: CallMessage): void {
    const { origin, caller, cycles, callerVersion, subnetId } = message;
    const call = { network, origin, caller, cycles, callerVersion, subnetId };
    const outcome = run(call, message.method, message.argument);
    if (outcome.kind === 'done') respond(network, origin, reply(outcome.value), cycles - outcome.accepted);
    if (outcome.kind === 'failed') respond(network, origin, reject(outcome.error), cycles);
}

function run(call: ManagementCall, name: string, argument: Uint8Array): Outcome<Uint8Array> {
    const method = managementMethods.get(name);
    if (method === undefined) return failed(noManagementMethod(name));
    if (call.origin.kind === 'ingress' && method.ingress === 'never') return failed(onlyCanisters(name));
    return elsewhere(call, method.target(argument)) ?? method.execute(call, argument);
}

/** The canister is not on the subnet that was called. */
function elsewhere({ network, subnetId }: ManagementCall, target: Uint8Array | undefined): Outcome<never> | undefined {
    const subnet = subnetId && subnetById(network, subnetId);
    return subnet === undefined || target === undefined || hosts(subnet, target)
        ? undefined
        : failed(canisterNotFound(target));
}

interface NativeManagementCall {
    readonly caller: Uint8Array;
    readonly method: string;
    readonly argument: Uint8Array;
    readonly cycles: bigint;
    readonly subnetId: Uint8Array;
}

/** For native canisters, which keep cycles in books of their own: what the method takes comes into being here. */
export function callManagementAsNative(
    network: Network,
    { caller, method, argument, cycles, subnetId }: NativeManagementCall
): CallResponse {
    const origin = { kind: 'canister', canisterId: caller, callbackId: -1 } as const;
    network.cyclesMinted += cycles;
    const outcome = run({ network, origin, caller, cycles, subnetId }, method, argument);
    if (outcome.kind === 'waiting') {
        const message = `Native canisters cannot wait for ${method}`;
        return reject({ code: 'CanisterRejectedMessage', message });
    }
    network.cyclesMinted -= outcome.kind === 'done' ? cycles - outcome.accepted : cycles;
    return outcome.kind === 'done' ? reply(outcome.value) : reject(outcome.error);
}
