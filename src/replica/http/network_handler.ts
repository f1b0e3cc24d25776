import { textAnswer } from '../answer';
import { pathOf } from '../gateway/addressing';
import { answerGateway, type GatewaySettings } from '../gateway/http_gateway';
import type { HostedNetwork } from '../worker/worker_host';
import { answerAgent, type AgentEndpoint } from './agent_endpoint';
import { matchAgentRoute } from './agent_routes';
import { answerTopology } from './topology';
import type { HttpAnswer, HttpRequest } from './http_server';

/** Requests above this are refused by the real network, too. */
export const maxAgentBodyBytes = 4 * 1024 * 1024;

/** Answers everything that a network's own port is asked for: agents, then pages of canisters. */
export async function answerNetwork(
    network: HostedNetwork,
    request: HttpRequest,
    settings: GatewaySettings
): Promise<HttpAnswer> {
    const path = pathOf(request.url);
    return (
        (await answerNetworkPath(network, path, request)) ??
        (await answerGateway(network, request, settings)) ??
        answerTopology(network.identity, request.method, path) ??
        (path.startsWith('/api/') ? noRoute : noCanister)
    );
}

const noRoute = textAnswer(404, 'The agent interface has no such address');

/** To requests that name no canister. */
export const noCanister = textAnswer(
    400,
    'No canister id could be found in this address. This is the agent interface of a local network. Pages of a canister are at <canister id>.localhost or ?canisterId=<canister id>.'
);

/**
 * Answers the agents' part of an HTTP server. `path` is relative to the network's base address and carries no query
 * string. Undefined when the path is none of the interface's.
 */
export async function answerNetworkPath(
    endpoint: AgentEndpoint,
    path: string,
    request: HttpRequest
): Promise<HttpAnswer | undefined> {
    const match = matchAgentRoute(path);
    if (match.kind === 'none') {
        return undefined;
    }
    if (match.kind === 'bad_principal') {
        return textAnswer(400, `${JSON.stringify(match.text)} is no principal`);
    }
    const refusal = match.method === 'GET' ? checkRead(request) : checkCbor(request);
    return refusal ?? answerAgent(endpoint, match.route, request.body);
}

function checkRead({ method }: HttpRequest): HttpAnswer | undefined {
    return method === 'GET' || method === 'HEAD' ? undefined : methodNotAllowed('GET');
}

function checkCbor({ method, headers, body }: HttpRequest): HttpAnswer | undefined {
    if (method !== 'POST') {
        return methodNotAllowed('POST');
    }
    if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/cbor') {
        return textAnswer(400, 'Unexpected content-type, expected application/cbor.');
    }
    return body.length > maxAgentBodyBytes
        ? textAnswer(413, `The body is larger than ${maxAgentBodyBytes} bytes`)
        : undefined;
}

function methodNotAllowed(allow: string): HttpAnswer {
    return { ...textAnswer(405, `This address answers to ${allow} only`), headers: { allow } };
}
