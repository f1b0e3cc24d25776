import { Principal } from '@dfinity/principal';
import pino, { type Logger } from 'pino';
import { connectAgent } from '../client/agent';
import { canisterActor } from '../client/canisters';
import { loadIdentity } from '../client/key_file';
import { canisterJobs } from './adapters/canister_jobs';
import { hubKeys } from './adapters/hub_keys';
import { parseGatewayConfig, type GatewayConfigInput } from './config';
import { makeServer, type ServerParts } from './http/server';

export interface RunningGateway {
    /** Without a path: OpenAI clients want `${url}/v1`. */
    readonly url: string;
    /** Takes no new requests, lets running ones end, and closes. */
    close(): Promise<void>;
}

/** The port is in use; `option` names what to change. */
export class PortTaken extends Error {
    readonly option = 'port';

    constructor(
        readonly host: string,
        readonly port: number
    ) {
        super(`${host}:${port} is taken by another program; choose another port`);
        this.name = 'PortTaken';
    }
}

/**
 * Starts the OpenAI-compatible gateway. Logs to standard output, or to a given logger.
 * @throws {@link BadGatewayConfig}, `BadKeyFile` and {@link PortTaken} before anything is served.
 */
export async function startGateway(input: GatewayConfigInput, log?: Logger): Promise<RunningGateway> {
    const config = parseGatewayConfig(input);
    const agent = await connectAgent(config.network, await loadIdentity(config.keyFile));
    const { compute_gateway, hub } = config.canisters;
    return listen({
        config,
        jobs: canisterJobs(canisterActor('compute_gateway', agent, Principal.fromText(compute_gateway))),
        keys: hubKeys(canisterActor('hub', agent, Principal.fromText(hub))),
        log: log ?? pino({ level: config.logLevel })
    });
}

/** A gateway over given parts. */
export async function listen(parts: ServerParts): Promise<RunningGateway> {
    const server = makeServer(parts);
    const { host, port } = parts.config;
    try {
        const url = await server.http.listen({ host, port });
        return { url, close: () => server.close() };
    } catch (failure) {
        await server.close();
        throw isPortTaken(failure) ? new PortTaken(host, port) : failure;
    }
}

function isPortTaken(failure: unknown): boolean {
    return typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === 'EADDRINUSE';
}
