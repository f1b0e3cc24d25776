/** Calls to canisters written in TypeScript. */
import type { Network } from '../state/network';
import type { CallMessage, CallResponse } from '../state/message';
import type { NativeCallTerms, NativeCanister, NativeHost } from '../state/native';
import { findCanister } from '../state/network';
import { idKey } from '../state/principals';
import { consume, mint } from '../cycles/account';
import { callManagementAsNative } from '../management/execute';
import { respond } from './respond';

/** Answers the call if a native canister lives at the callee's id; undefined otherwise. */
export function executeNativeCall(network: Network, call: CallMessage): bigint | undefined {
    const native = network.natives.get(idKey(call.callee));
    if (native === undefined) return undefined;
    const { caller, method, argument } = call;
    const answer = native.update({ caller, method, argument, cyclesAvailable: call.cycles }, host(network, native));
    const accepted = answer.cyclesAccepted < call.cycles ? answer.cyclesAccepted : call.cycles;
    // A native canister keeps its cycles in its own books: for the network they are gone, and come back by minting.
    consume(network, accepted);
    respond(network, call.origin, answer.response, call.cycles - accepted);
    return 0n;
}

function host(network: Network, native: NativeCanister): NativeHost {
    return {
        nowNs: network.roundNs,
        callManagement: (method: string, argument: Uint8Array, terms: NativeCallTerms): CallResponse =>
            callManagementAsNative(network, { caller: native.canisterId, method, argument, ...terms }),
        depositCycles: (canisterId: Uint8Array, amount: bigint): boolean => {
            const canister = findCanister(network, canisterId);
            if (canister !== undefined) mint(network, canister, amount);
            return canister !== undefined;
        }
    };
}
