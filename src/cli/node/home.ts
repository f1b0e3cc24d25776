import type { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectAgent } from '../../client/agent';
import { canisterActors, type Canisters } from '../../client/canisters';
import { loadIdentity } from '../../client/key_file';
import { CommandFailed } from '../command_failed';
import { readDeployment, type Deployment } from '../deployment_file';

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

/** An identity and the canisters as it sees them. */
export interface Party {
    readonly principal: Principal;
    readonly identity: Ed25519KeyIdentity;
    readonly canisters: Canisters;
}

export async function partyOf({ access, ids }: Deployment, identity: Ed25519KeyIdentity): Promise<Party> {
    const agent = await connectAgent(access, identity);
    return { principal: identity.getPrincipal(), identity, canisters: canisterActors(agent, ids) };
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

/** Prints lines; a test may collect them. */
export type Print = (line: string) => void;
