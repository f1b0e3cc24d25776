import { HttpAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { connectAgent } from '../../src/client/agent';
import { createLocalCanister, installCode } from '../../src/client/install';
import { emptyCanister, NO_ARGUMENTS } from './empty_canister';
import { withReplica } from './replica_process';

/** A server with the empty canister on it. */
export interface EmptyOnReplica {
    readonly url: string;
    /** Verifies what it is told. */
    readonly agent: HttpAgent;
    readonly canister: Principal;
}

const CYCLES = 1_000_000_000_000_000n;

/** Runs the work on a network of its own. */
export async function withEmptyCanister<T>(work: (deployed: EmptyOnReplica) => Promise<T>): Promise<T> {
    return withReplica(async ({ url }) => {
        const agent = await developer(url);
        const canister = await createLocalCanister(agent, CYCLES);
        await installCode(agent, canister, { install: null }, await emptyCanister(), NO_ARGUMENTS);
        return work({ url, agent, canister });
    });
}

/** An agent with a fresh identity. */
export function developer(url: string): Promise<HttpAgent> {
    return connectAgent({ host: url }, Ed25519KeyIdentity.generate());
}

/** An empty canister that holds cycles. */
export function newCanister(agent: HttpAgent): Promise<Principal> {
    return createLocalCanister(agent, CYCLES);
}
