/** What canisters may ask about the subnet itself. */
import { daysOf, type DayOfBlocks } from '../state/block_makers';
import type { IcError } from '../state/errors';
import { idText } from '../state/principals';
import { subnetById } from '../state/subnet';
import { nat64, principal, record, text, vec, type Decoded } from '../candid/codecs';
import { done, failed, method, type ManagementCall } from './call';

const nodeMetrics = record({ node_id: principal, num_blocks_proposed_total: nat64, num_block_failures_total: nat64 });
const dayResult = record({ timestamp_nanos: nat64, node_metrics: vec(nodeMetrics) });

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

/** `node_metrics_history`: canisters. There is no consensus here: blocks are made by whom a test names, or by the first node. */
export const nodeMetricsHistory = method({
    ingress: 'never',
    argument: record({ subnet_id: principal, start_at_timestamp_nanos: nat64 }),
    result: vec(dayResult),
    run: (call, { subnet_id, start_at_timestamp_nanos }) => {
        const refusal = otherSubnet(call, subnet_id);
        if (refusal !== undefined) return failed(refusal);
        const days = daysOf(call.network, subnet_id).filter(({ timeNs }) => timeNs >= start_at_timestamp_nanos);
        return done(days.map(toCandidDay));
    }
});

function toCandidDay({ timeNs, nodes }: DayOfBlocks): Decoded<typeof dayResult> {
    const metrics = [...nodes.values()].sort((a, b) => Buffer.compare(a.nodeId, b.nodeId));
    return {
        timestamp_nanos: timeNs,
        node_metrics: metrics.map(({ nodeId, proposed, failed }) => ({
            node_id: nodeId,
            num_blocks_proposed_total: proposed,
            num_block_failures_total: failed
        }))
    };
}
