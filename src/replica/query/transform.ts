import type { Canister } from '../state/canister';
import type { Network } from '../state/network';
import type { CallResponse } from '../state/message';
import { methodNotFound, rejectedByCanister, trapped, didNotReply } from '../state/failures';
import { reject, reply } from '../state/message';
import { exportsEntry } from '../state/module';
import { managementId } from '../state/principals';
import { executeStep } from './frame';
import { subnetOf } from '../state/subnet';

/** Lets the canister that made an HTTPS outcall reshape its response. */
export function runTransform(network: Network, canister: Canister, method: string, argument: Uint8Array): CallResponse {
    const { module } = canister;
    const entry = `canister_query ${method}`;
    if (module === undefined || !exportsEntry(module, entry)) return reject(methodNotFound(canister, 'query', method));
    const budget = { instructionsLeft: subnetOf(network, canister.id).limits.query };
    const call = { caller: managementId, callee: canister.id, method, argument };
    const frame = { graph: { network, stack: [], budget }, canister, module, call, instructions: 0n };
    module.sandbox.begin();
    const output = executeStep(frame, { mode: 'TQ', entry: { export: entry }, input: { argument } });
    module.sandbox.rollback();
    if (output.trap !== undefined) return reject(trapped(canister, output.trap));
    if (output.response === undefined) return reject(didNotReply(canister));
    return output.response.kind === 'reply'
        ? reply(output.response.data)
        : reject(rejectedByCanister(output.response.message));
}
