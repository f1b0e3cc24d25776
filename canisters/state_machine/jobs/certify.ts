import { certifiedDataSet } from 'azle';
import { headDigest } from '../../../src/core/consensus/state_hash';
import { commitments } from '../wiring';

/** Has the network certify the tip and all commitments as they stand now; called after each change of them. */
export function certifyHead(): void {
    certifiedDataSet(headDigest(commitments.head()));
}
