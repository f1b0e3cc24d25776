import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Canisters } from '../../client/canisters';
import { loadIdentity } from '../../client/key_file';
import { CommandFailed } from '../command_failed';
import { readDeployment, type Deployment } from '../deployment_file';
import { partyOf, type Party } from '../party';

/** What every `emc node` command is told. */
export interface NodeOptions {
    /** Folder of the node's key. */
    readonly home: string;
    /** File that says where the suite runs. */
    readonly deployment: string;
}

/** The node's private key: the node is its key. */
export function nodeKeyPath(home: string): string {
    return join(home, 'node.pem');
}

/** The node as its key file tells it. @throws `BadKeyFile` and `CommandFailed` */
export async function openNode(options: NodeOptions): Promise<{ deployment: Deployment; node: Party }> {
    const deployment = await readDeployment(options.deployment);
    const path = nodeKeyPath(options.home);
    if (!existsSync(path)) {
        throw new CommandFailed(`${path}: no such key`, ['`emc node register` makes it; --home says where it is.']);
    }
    return { deployment, node: await partyOf(deployment, await loadIdentity(path)) };
}

export type NodeView = NonNullable<Awaited<ReturnType<Canisters['state_machine']['get_node']>>[0]>;

/** What the registry knows of the node. */
export async function findNode({ canisters, principal }: Party): Promise<NodeView | undefined> {
    const [view] = await canisters.state_machine.get_node(principal);
    return view;
}
