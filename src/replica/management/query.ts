import type { CallResponse } from '../state/message';
import type { Network } from '../state/network';
import type { QueryCall } from '../query/frame';
import { reject, reply } from '../state/message';
import { unknownManagementMethod } from '../state/failures';
import type { Subnet } from '../state/subnet';
import { managementMethods } from './methods';

/** Methods of the management canister that may be queried: they read, and cost nothing. */
export function managementQuery(
    network: Network,
    { caller, method: name, argument }: QueryCall,
    { subnetId }: Subnet
): CallResponse {
    const method = managementMethods.get(name);
    if (method === undefined || !method.query) return reject(unknownManagementMethod(name));
    const outcome = method.execute({ network, origin: { kind: 'system' }, caller, cycles: 0n, subnetId }, argument);
    if (outcome.kind === 'done') return reply(outcome.value);
    return reject(outcome.kind === 'failed' ? outcome.error : unknownManagementMethod(name));
}
