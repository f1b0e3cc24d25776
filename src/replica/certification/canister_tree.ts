import type { CanisterRange, CanisterView, SubnetMetrics } from '../state/api';
import { utf8 } from '../wire/bytes';
import { encodeCbor, encodeSelfDescribed, type CborValue } from '../wire/cbor';
import { labels, leaf, type HashTree } from '../wire/hash_tree';
import { encodeLeb128 } from '../wire/leb128';

/** What stands below `canister/<id>` (interface specification, "Canister information"). */
export function canisterTree(view: CanisterView): HashTree {
    const entries: [Uint8Array, HashTree][] = [
        [utf8('controllers'), leaf(encodeSelfDescribed(view.controllers))],
        [utf8('canister_creation_timestamp'), leaf(encodeLeb128(view.createdAtNs))]
    ];
    if (view.moduleHash !== undefined) {
        const sections = view.metadata.map(({ name, content }) => [utf8(name), leaf(content)] as const);
        entries.push(
            [utf8('certified_data'), leaf(view.certifiedData)],
            [utf8('module_hash'), leaf(view.moduleHash)],
            [utf8('metadata'), labels(sections)]
        );
    }
    if (view.installedAtNs !== undefined) {
        entries.push([utf8('last_install_timestamp'), leaf(encodeLeb128(view.installedAtNs))]);
    }
    return labels(entries);
}

/** What the tree says about the subnet itself. */
export interface SubnetFacts {
    readonly subnetId: Uint8Array;
    readonly publicKeyDer: Uint8Array;
    readonly type: 'application' | 'system';
    readonly nodes: readonly { readonly nodeId: Uint8Array; readonly publicDer: Uint8Array }[];
    readonly canisterRanges: readonly CanisterRange[];
}

/**
 * What stands below `subnet/<id>`; without figures as another subnet knows it, which has no nodes of it either. The ranges stand here and below
 * `canister_ranges`: older agents read these.
 */
export function subnetTree(facts: SubnetFacts, metrics: SubnetMetrics | undefined): HashTree {
    const known = [
        [utf8('public_key'), leaf(facts.publicKeyDer)],
        [utf8('type'), leaf(utf8(facts.type))],
        [utf8('canister_ranges'), leaf(encodeRanges(facts.canisterRanges))]
    ] as const;
    if (metrics === undefined) return labels(known);
    const nodes = facts.nodes.map(
        (node) => [node.nodeId, labels([[utf8('public_key'), leaf(node.publicDer)]])] as const
    );
    return labels([...known, [utf8('metrics'), leaf(encodeMetrics(metrics))], [utf8('node'), labels(nodes)]]);
}

/** What stands below `canister_ranges/<id>`: one shard of ranges under its first id, because some agents look into the first only. */
export function canisterRangesTree({ canisterRanges }: SubnetFacts): HashTree {
    const sorted = canisterRanges.toSorted((left, right) => Buffer.compare(left.start, right.start));
    return labels(sorted.slice(0, 1).map(({ start }) => [start, leaf(encodeRanges(sorted))] as const));
}

function encodeRanges(ranges: readonly CanisterRange[]): Uint8Array {
    return encodeSelfDescribed(ranges.map(({ start, end }) => [start, end]));
}

/** One figure for the cycles of present and deleted canisters: some agents take a second one for the upper half of a 128-bit number. */
function encodeMetrics({ canisters, stateBytes, consumedCycles, transactions }: SubnetMetrics): Uint8Array {
    const metrics = new Map<string, CborValue>([
        ['num_canisters', BigInt(canisters)],
        ['canister_state_bytes', stateBytes],
        ['consumed_cycles_total', new Map([['current', consumedCycles]])],
        ['update_transactions_total', transactions]
    ]);
    return encodeCbor(metrics);
}
