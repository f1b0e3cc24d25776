/** What canisters may ask about the subnet itself. */
import type { IcError } from '../state/errors';
import { idText } from '../state/principals';
import { subnetById } from '../state/subnet';
import { nat64, principal, record, text, vec } from '../candid/codecs';
import { done, failed, method, type ManagementCall } from './call';

const nodeMetrics = record({ node_id: principal, num_blocks_proposed_total: nat64, num_block_failures_total: nat64 });

function otherSubnet({ network }: ManagementCall, subnetId: Uint8Array): IcError | undefined {
    if (subnetById(network, subnetId) !== undefined) return undefined;
    return { code: 'SubnetNotFound', message: `Subnet ${idText(subnetId)} is not part of this network.` };
}

/** `subnet_info`: canisters. */
export const subnetInfo = method({
    ingress: 'never',
    argument: record({ subnet_id: principal }),
    result: record({ replica_version: text, registry_version: nat64 }),
    run: (call, { subnet_id }) => {
        const refusal = otherSubnet(call, subnet_id);
        return refusal === undefined ? done({ replica_version: 'embedded', registry_version: 1n }) : failed(refusal);
    }
});

/** There is no consensus here, hence no blocks and no history of who proposed them. */
export const nodeMetricsHistory = method({
    ingress: 'never',
    argument: record({ subnet_id: principal, start_at_timestamp_nanos: nat64 }),
    result: vec(record({ timestamp_nanos: nat64, node_metrics: vec(nodeMetrics) })),
    run: (call, { subnet_id }) => {
        const refusal = otherSubnet(call, subnet_id);
        return refusal === undefined ? done([]) : failed(refusal);
    }
});
