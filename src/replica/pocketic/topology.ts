import { Principal } from '@dfinity/principal';
import { toBase64, type Json } from './json';
import type { Instance } from './instances';

/** The shape of `/_/topology` and of the answer to `POST /instances`. */
export function topologyJson({ subnetKind, network: { identity } }: Instance): Json {
    return {
        subnet_configs: {
            [Principal.fromUint8Array(identity.subnetId).toText()]: {
                subnet_kind: subnetKind,
                size: pricedNodes,
                subnet_seed: Array.from({ length: 32 }, () => 0),
                instruction_config: 'Production',
                node_ids: identity.nodeIds.map((nodeId) => ({ node_id: toBase64(nodeId) })),
                canister_ranges: identity.canisterRanges.map(({ start, end }) => ({
                    start: { canister_id: toBase64(start) },
                    end: { canister_id: toBase64(end) }
                }))
            }
        },
        default_effective_canister_id: { canister_id: toBase64(identity.defaultEffectiveCanisterId) }
    };
}

/** Size of the subnet that prices are computed for. */
const pricedNodes = 13;
