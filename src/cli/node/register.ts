import { stat } from 'node:fs/promises';
import { loadOrCreateIdentity } from '../../client/key_file';
import type { NodeClass } from '../../core/tokenomics/profile';
import { readDeployment } from '../deployment_file';
import { findNode, nodeKeyPath, type NodeOptions } from './home';
import { OF_NODE } from './node_refusals';
import { partyOf, type Party } from '../party';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';

export interface RegisterOptions extends NodeOptions {
    readonly class: NodeClass;
    readonly region: string;
    readonly bandwidthMbps: number;
}

/** Makes the node's key, if there is none, and enters the node in the registry: its signature on the call proves the key. */
export async function registerNode(options: RegisterOptions, print: Print): Promise<void> {
    const deployment = await readDeployment(options.deployment);
    const path = nodeKeyPath(options.home);
    const isNew = (await stat(path).catch(() => undefined)) === undefined;
    const node = await partyOf(deployment, await loadOrCreateIdentity(path));
    print(`${isNew ? 'Made' : 'Found'} the node's key in ${path}; whoever has it is the node, so keep it.`);
    const known = await findNode(node);
    if (known === undefined) await enter(node, options);
    print(`Node ${node.principal.toText()} is ${known === undefined ? 'registered' : 'registered already'}.`);
    print('Next: emc node bind --wallet FILE');
}

async function enter({ canisters, identity }: Party, options: RegisterOptions): Promise<void> {
    const answer = await canisters.state_machine.register_node({
        class: toCandidClass(options.class),
        public_key: new Uint8Array(identity.getPublicKey().toDer()),
        region: options.region,
        bandwidth_mbps: options.bandwidthMbps
    });
    expectDone(answer, {
        Paused: COMMON.Paused,
        Anonymous: COMMON.Anonymous,
        Removed: OF_NODE.Removed,
        InvalidArgument: COMMON.InvalidArgument,
        RateLimited: ({ retry_after_s }) =>
            `too many newcomers wait to become Active; a place may be free in ${retry_after_s} s`,
        InvalidKey: () => 'The key does not belong to the caller.',
        AlreadyExists: () => 'The node is registered already.',
        BandwidthTooLow: ({ min }) => `Nodes of this class need at least ${min} Mbit/s (--bandwidth).`
    });
}

export function toCandidClass(nodeClass: NodeClass): { validator: null } | { router: null } | { compute: null } {
    switch (nodeClass) {
        case 'validator':
            return { validator: null };
        case 'router':
            return { router: null };
        case 'compute':
            return { compute: null };
    }
}
