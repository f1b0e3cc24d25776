import type { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { connectAgent } from '../client/agent';
import { canisterActors, type Canisters } from '../client/canisters';
import type { Deployment } from './deployment_file';

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
