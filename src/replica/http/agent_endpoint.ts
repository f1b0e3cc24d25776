/** The signed HTTP interface over a network: parses, verifies, asks the network. Knows nothing of sockets. */
import { cborAnswer, refusalAnswer, textAnswer, type Answer } from '../answer';
import { authenticate, type AuthenticRequest } from '../wire/authenticate';
import { canisterIdOfIndex, idInRange } from '../state/principals';
import { equalBytes } from '../wire/bytes';
import { cborRecord } from '../wire/cbor';
import { parseEnvelope, type CanisterRequest, type ReadStateRequest, type RequestContent } from '../wire/envelope';
import { refuse, type Refusal } from '../wire/refusal';
import { failure, success, type Result } from '../wire/result';
import type { SubnetIdentity } from '../subnets';
import type { AgentApi, NetworkIdentity } from '../worker/api';
import type { AgentRoute } from './agent_routes';

/** What `impl_version` of the status answer says. */
export const implementationVersion = 'emc-replica 0.1.0';

/** The network behind the interface. */
export interface AgentEndpoint {
    readonly api: AgentApi;
    readonly identity: NetworkIdentity;
}

/** Answers one request. `body` is empty for GET. Does not wait for the network to answer `status`. */
export async function answerAgent(endpoint: AgentEndpoint, route: AgentRoute, body: Uint8Array): Promise<Answer> {
    const canisterId =
        'effectiveCanisterId' in route
            ? route.effectiveCanisterId
            : 'canisterId' in route
              ? route.canisterId
              : undefined;
    if (canisterId !== undefined && !isRoutable(endpoint, canisterId)) return unknownCanister;
    switch (route.kind) {
        case 'status':
            return statusAnswer(endpoint.identity);
        case 'call':
            return answerCall(body, () =>
                answerCanister(endpoint, body, 'call', (request) =>
                    endpoint.api.call(request, route.effectiveCanisterId, route.mode)
                )
            );
        case 'query':
            return answerCanister(endpoint, body, 'query', (request) =>
                endpoint.api.query(request, route.effectiveCanisterId)
            );
        case 'subnet_call':
        case 'subnet_query':
            return answerSubnetRequest(endpoint, route.kind, route.subnetId, body);
        case 'read_state':
            return answerReadState(endpoint, body, (request) =>
                endpoint.api.readState(request, { kind: 'canister', canisterId: route.canisterId })
            );
        case 'subnet_read_state':
            return isOurSubnet(endpoint, route.subnetId)
                ? answerReadState(endpoint, body, (request) =>
                      endpoint.api.readState(request, { kind: 'subnet', subnetId: route.subnetId })
                  )
                : unknownSubnet;
    }
}

function statusAnswer(identity: NetworkIdentity): Answer {
    return cborAnswer(
        cborRecord({
            root_key: identity.rootKeyDer,
            replica_health_status: 'healthy',
            impl_version: implementationVersion
        })
    );
}

/** Answers of boundary nodes, which tools look for. */
const unknownSubnet = textAnswer(400, 'error: subnet_not_found\ndetails: The specified subnet cannot be found.');
const unknownCanister = textAnswer(400, 'error: canister_not_found\ndetails: The specified canister does not exist.');

/** Of a signed call (replica.md a.1); queries may be as large as a body. */
const maxCallBytes = 2 * 1024 * 1024;

async function answerCall(body: Uint8Array, answer: () => Promise<Answer>): Promise<Answer> {
    if (body.length <= maxCallBytes) return answer();
    return textAnswer(
        413,
        `Request is too large. Message byte size ${body.length} is larger than the max allowed ${maxCallBytes}.`
    );
}

/** Ids up to here belong to the real network. Agents ask its ledger for the time, wherever they are. */
const lastMainnetId = canisterIdOfIndex(0x3ff_ffffn);

/** Whether some subnet is responsible for the id; requests about no canister in particular name the management canister. */
function isRoutable({ identity }: AgentEndpoint, canisterId: Uint8Array): boolean {
    if (canisterId.length === 0 || Buffer.compare(canisterId, lastMainnetId) <= 0) return true;
    return identity.subnets.some(({ canisterRanges }) =>
        canisterRanges.some(({ start, end }) => idInRange(canisterId, start, end))
    );
}

function subnetOf({ identity }: AgentEndpoint, subnetId: Uint8Array): SubnetIdentity | undefined {
    return identity.subnets.find((subnet) => equalBytes(subnet.subnetId, subnetId));
}

function isOurSubnet(endpoint: AgentEndpoint, subnetId: Uint8Array): boolean {
    return subnetOf(endpoint, subnetId) !== undefined;
}

/** Requests to the management canister that are about no canister yet: the subnet stands in for it. */
async function answerSubnetRequest(
    endpoint: AgentEndpoint,
    kind: 'subnet_call' | 'subnet_query',
    subnetId: Uint8Array,
    body: Uint8Array
): Promise<Answer> {
    const subnet = subnetOf(endpoint, subnetId);
    if (subnet === undefined) {
        return unknownSubnet;
    }
    const target = subnet.anyCanisterId;
    return answerCanister(endpoint, body, kind === 'subnet_call' ? 'call' : 'query', async (request) => {
        if (request.content.canisterId.length > 0 || !subnetMethods[kind].has(request.content.methodName)) {
            return refusalAnswer(refuse('wrong_canister', 'This method needs an effective canister id'));
        }
        return kind === 'subnet_call'
            ? endpoint.api.call(request, target, 'sync')
            : endpoint.api.query(request, target);
    });
}

const subnetMethods = {
    subnet_call: new Set(['create_canister', 'provisional_create_canister_with_cycles']),
    subnet_query: new Set(['list_canisters'])
};

async function answerCanister(
    endpoint: AgentEndpoint,
    body: Uint8Array,
    type: 'call' | 'query',
    answer: (request: AuthenticRequest<CanisterRequest>) => Promise<Answer>
): Promise<Answer> {
    const request = verify(endpoint, body, type);
    if (!request.ok) {
        return refusalAnswer(request.error);
    }
    const { content } = request.value;
    return content.type === 'read_state' ? wrongType : answer({ ...request.value, content });
}

async function answerReadState(
    endpoint: AgentEndpoint,
    body: Uint8Array,
    answer: (request: AuthenticRequest<ReadStateRequest>) => Promise<Answer>
): Promise<Answer> {
    const request = verify(endpoint, body, 'read_state');
    if (!request.ok) {
        return refusalAnswer(request.error);
    }
    const { content } = request.value;
    return content.type === 'read_state' ? answer({ ...request.value, content }) : wrongType;
}

const wrongType = refusalAnswer(refuse('malformed', 'The request is of another type than the endpoint'));

function verify(
    { identity }: AgentEndpoint,
    body: Uint8Array,
    type: RequestContent['type']
): Result<AuthenticRequest, Refusal> {
    const envelope = parseEnvelope(body, type);
    if (!envelope.ok) {
        return failure(envelope.error);
    }
    if (identity.skipsValidation) {
        return success({ content: envelope.value.content });
    }
    const request = authenticate(envelope.value, identity.rootKeyDer);
    return request.ok ? success(request.value) : failure(request.error);
}
