import { AnonymousIdentity, type HttpAgent, type Identity } from '@dfinity/agent';
import { fromHex } from '../core/bytes';
import { FastAgent } from './fast_agent';

export interface NetworkAccess {
    /** Such as http://127.0.0.1:4943. */
    readonly host: string;
    /** DER in hexadecimal. Without it the key of the Internet Computer's mainnet is trusted, or, on a loopback host, the one that the network names itself. */
    readonly rootKeyHex?: string;
}

/** The configured root key is not hexadecimal. */
export class BadRootKey extends Error {
    constructor() {
        super('the root key is not hexadecimal text');
        this.name = 'BadRootKey';
    }
}

/** An agent that verifies certificates and query signatures. */
export async function connectAgent(
    access: NetworkAccess,
    identity: Identity = new AnonymousIdentity()
): Promise<HttpAgent> {
    const rootKey = access.rootKeyHex === undefined ? undefined : fromHex(access.rootKeyHex);
    if (access.rootKeyHex !== undefined && rootKey === undefined) throw new BadRootKey();
    const shouldFetchRootKey = rootKey === undefined && isLoopback(access.host);
    const agent = new FastAgent({ host: access.host, identity, rootKey, shouldFetchRootKey });
    if (shouldFetchRootKey) await agent.fetchRootKey();
    return agent;
}

/** A network on this machine is a development network: its key is trusted on first use. */
function isLoopback(host: string): boolean {
    const { hostname } = new URL(host);
    return (
        hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]' || hostname.endsWith('.localhost')
    );
}
