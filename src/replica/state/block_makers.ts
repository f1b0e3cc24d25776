/** Whose turn it was to make blocks: what `node_metrics_history` tells of each day (interface specification). */
import type { BlockMakers } from './api';
import type { Network } from './network';
import { idKey, sameId } from './principals';
import type { Subnet } from './subnet';

/** Blocks of one node since the network began. */
export interface BlocksOfNode {
    readonly nodeId: Uint8Array;
    proposed: bigint;
    failed: bigint;
}

/** The totals as of the last round of a day. */
export interface DayOfBlocks {
    timeNs: bigint;
    /** By hex of the nodes' ids. */
    readonly nodes: Map<string, BlocksOfNode>;
}

const dayNs = 86_400_000_000_000n;
/** As the replica keeps them. */
const maxDays = 60;

/** Counts the block that each subnet made for a round: its first node did, unless `makers` names others. */
export function countBlocks(network: Network, makers: readonly BlockMakers[]): void {
    for (const subnet of [network, ...network.others]) {
        const named = makers.find(({ subnetId }) => sameId(subnetId, subnet.subnetId));
        const maker = named?.blockMaker ?? subnet.nodeIds[0];
        if (maker === undefined) continue;
        const { nodes } = today(network, subnet);
        blocksOf(nodes, maker).proposed += 1n;
        for (const node of named?.failed ?? []) blocksOf(nodes, node).failed += 1n;
    }
}

function today(network: Network, { subnetId }: Subnet): DayOfBlocks {
    const days = daysOf(network, subnetId);
    network.blocks.set(idKey(subnetId), days);
    const last = days.at(-1);
    if (last !== undefined && last.timeNs / dayNs === network.roundNs / dayNs) {
        last.timeNs = network.roundNs;
        return last;
    }
    const nodes = new Map([...(last?.nodes ?? [])].map(([key, blocks]) => [key, { ...blocks }]));
    const day = { timeNs: network.roundNs, nodes };
    days.push(day);
    if (days.length > maxDays) days.shift();
    return day;
}

/** The last days of a subnet, the oldest first. */
export function daysOf(network: Network, subnetId: Uint8Array): DayOfBlocks[] {
    return network.blocks.get(idKey(subnetId)) ?? [];
}

function blocksOf(nodes: Map<string, BlocksOfNode>, nodeId: Uint8Array): BlocksOfNode {
    const key = idKey(nodeId);
    const blocks = nodes.get(key) ?? { nodeId, proposed: 0n, failed: 0n };
    nodes.set(key, blocks);
    return blocks;
}
