/** What a network tells of itself to clients of PocketIC. */
import { utf8 } from '../wire/bytes';
import { idText } from '../state/principals';
import type { SubnetIdentity } from '../subnets';
import type { NetworkIdentity } from '../worker/api';
import type { HttpAnswer } from './http_server';

/** Where clients look for it. */
const topologyPath = '/_/topology';

/** Undefined for other paths. */
export function answerTopology(identity: NetworkIdentity, method: string, path: string): HttpAnswer | undefined {
    if (method !== 'GET' || path !== topologyPath) return undefined;
    return { status: 200, contentType: 'application/json', body: utf8(JSON.stringify(topology(identity))) };
}

/** The body of `/_/topology`, also in the answer to `POST /instances`. */
export interface Topology {
    readonly subnet_configs: Readonly<Record<string, ReturnType<typeof subnetConfig>>>;
    readonly default_effective_canister_id: { readonly canister_id: string };
}

/** Of the whole network. */
export function topology(identity: NetworkIdentity): Topology {
    return {
        subnet_configs: Object.fromEntries(
            identity.subnets.map((subnet) => [idText(subnet.subnetId), subnetConfig(subnet)])
        ),
        default_effective_canister_id: { canister_id: base64(identity.defaultEffectiveCanisterId) }
    };
}

function subnetConfig(subnet: SubnetIdentity) {
    return {
        subnet_kind: subnet.kind,
        size: subnet.size,
        subnet_seed: [...subnet.subnetSeed],
        instruction_config: subnet.instructionLimits === 'benchmarking' ? 'Benchmarking' : 'Production',
        cost_schedule: subnet.costSchedule,
        node_ids: subnet.nodeIds.map((nodeId) => ({ node_id: base64(nodeId) })),
        canister_ranges: subnet.canisterRanges.map(({ start, end }) => ({
            start: { canister_id: base64(start) },
            end: { canister_id: base64(end) }
        }))
    };
}

/** With padding, as PocketIC has bytes in JSON. */
function base64(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('base64');
}
