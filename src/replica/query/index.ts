import type { QueryMessage, QueryResult } from '../state/api';
import type { Network } from '../state/network';
import { toRejection } from '../state/rejection';
import { evaluate } from './evaluate';
import { subnetOf } from '../state/subnet';

/** Answers a query at the last round's time; changes nothing but statistics. */
export function query(network: Network, message: QueryMessage): QueryResult {
    const { sender: caller, canisterId: callee, methodName: method, argument } = message;
    const budget = { instructionsLeft: subnetOf(network, callee).limits.query };
    const response = evaluate({ network, stack: [], budget }, { caller, callee, method, argument });
    return response.kind === 'reply'
        ? { kind: 'replied', data: response.data }
        : { kind: 'rejected', rejection: toRejection(response.error) };
}
