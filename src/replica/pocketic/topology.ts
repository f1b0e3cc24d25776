import { Principal } from '@dfinity/principal';
import type { SubnetIdentity } from '../subnets';
import type { Instance } from './instances';
import { toBase64, type Json } from './json';
import type { SubnetKind } from './subnet_kinds';

/** The shape of `/_/topology` and of the answer to `POST /instances`. */
export function topologyJson({ subnetKinds, network: { identity } }: Instance): Json {
    const configs = identity.subnets.map((subnet, i) => [
        Principal.fromUint8Array(subnet.subnetId).toText(),
        subnetJson(subnet, subnetKinds[i] ?? 'Application')
    ]);
    return {
        subnet_configs: Object.fromEntries(configs) as Record<string, Json>,
        default_effective_canister_id: { canister_id: toBase64(identity.defaultEffectiveCanisterId) }
    };
}

function subnetJson({ nodeIds, canisterRanges }: SubnetIdentity, kind: SubnetKind): Json {
    return {
        subnet_kind: kind,
        size: pricedNodes,
        subnet_seed: Array.from({ length: 32 }, () => 0),
        instruction_config: 'Production',
        node_ids: nodeIds.map((nodeId) => ({ node_id: toBase64(nodeId) })),
        canister_ranges: canisterRanges.map(({ start, end }) => ({
            start: { canister_id: toBase64(start) },
            end: { canister_id: toBase64(end) }
        }))
    };
}

/** Size of the subnets that prices are computed for. */
const pricedNodes = 13;
