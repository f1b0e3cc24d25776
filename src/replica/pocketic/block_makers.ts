import type { BlockMakers } from '../state/api';
import { idText } from '../state/principals';
import type { SubnetIdentity } from '../subnets';
import { equalBytes } from '../wire/bytes';
import { Body } from './json';

/** Whom a tick names as makers of its blocks, or why they cannot be that. */
export function readBlockMakers(
    subnets: readonly SubnetIdentity[],
    body: Body
): readonly BlockMakers[] | { readonly refusal: string } {
    const makers: BlockMakers[] = [];
    for (const item of body.array('blockmakers')) {
        const named = new Body(item, 'blockmakers');
        const maker = {
            subnetId: named.wrappedBytes('subnet', 'subnet_id'),
            blockMaker: named.wrappedBytes('blockmaker', 'node_id'),
            failed: named
                .array('failed_blockmakers')
                .map((node) => new Body(node, 'failed_blockmakers').bytes('node_id'))
        };
        const refusal = refusalOf(subnets, maker);
        if (refusal !== undefined) return { refusal };
        makers.push(maker);
    }
    return makers;
}

function refusalOf(
    subnets: readonly SubnetIdentity[],
    { subnetId, blockMaker, failed }: BlockMakers
): string | undefined {
    const subnet = subnets.find((candidate) => equalBytes(candidate.subnetId, subnetId));
    if (subnet === undefined) return `SubnetNotFound(${idText(subnetId)})`;
    const stranger = [blockMaker, ...failed].find((node) => !subnet.nodeIds.some((id) => equalBytes(id, node)));
    if (stranger !== undefined) return `BlockmakerNotFound(${idText(stranger)})`;
    const isBoth = failed.some((node) => equalBytes(node, blockMaker));
    return isBoth ? `BlockmakerContainedInFailed(${idText(blockMaker)})` : undefined;
}
