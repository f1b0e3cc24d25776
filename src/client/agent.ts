import { AnonymousIdentity, type HttpAgent, type Identity } from '@dfinity/agent';
import { fromHex } from '../core/bytes';
import { errorText } from './error_text';
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

/** The network does not answer: `reason` is what was tried and how it failed. */
export class NetworkUnreachable extends Error {
    constructor(
        readonly host: string,
        readonly reason: string
    ) {
        super(`${host}: the network does not answer (${reason})`);
        this.name = 'NetworkUnreachable';
    }
}

/** An agent that verifies certificates and query signatures. @throws {@link NetworkUnreachable} when the root key has to be asked for */
export async function connectAgent(
    access: NetworkAccess,
    identity: Identity = new AnonymousIdentity()
): Promise<HttpAgent> {
    const rootKey = access.rootKeyHex === undefined ? undefined : fromHex(access.rootKeyHex);
    if (access.rootKeyHex !== undefined && rootKey === undefined) throw new BadRootKey();
    const shouldFetchRootKey = rootKey === undefined && isLoopback(access.host);
    const agent = new FastAgent({ host: access.host, identity, rootKey, shouldFetchRootKey });
    if (shouldFetchRootKey) await fetchRootKey(agent, access.host);
    return agent;
}

async function fetchRootKey(agent: HttpAgent, host: string): Promise<void> {
    try {
        await agent.fetchRootKey();
    } catch (failure) {
        throw new NetworkUnreachable(host, errorText(failure));
    }
}

/** A network on this machine is a development network: its key is trusted on first use. */
function isLoopback(host: string): boolean {
    const { hostname } = new URL(host);
    return (
        hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]' || hostname.endsWith('.localhost')
    );
}
