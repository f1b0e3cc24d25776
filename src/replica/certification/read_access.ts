/** Who may read what of the state tree (interface specification, "Request: Read state"). */
import { isUtf8 } from 'node:buffer';
import type { CanisterView, RequestView } from '../state/api';
import type { AuthenticRequest } from '../wire/authenticate';
import { onNoSubnet } from '../effective_canister';
import { equalBytes, toHex } from '../wire/bytes';
import { includesPrincipal, type ReadStateRequest } from '../wire/envelope';
import { refuse, type Refusal } from '../wire/refusal';
import type { Path } from '../wire/witness';

/** What the endpoint's address names. */
export type ReadScope =
    | { readonly kind: 'canister'; readonly canisterId: Uint8Array }
    | { readonly kind: 'subnet'; readonly subnetId: Uint8Array };

/** What has to be known to say who may read what. */
export interface AccessSource {
    canister(canisterId: Uint8Array): CanisterView | undefined;
    request(requestId: Uint8Array): RequestView | undefined;
    /** Canister that a request was sent to: the effective canister id, or the management canister. */
    addressee(requestId: Uint8Array): Uint8Array | undefined;
}

const requestIdBytes = 32;
const decoder = new TextDecoder();
const openCanisterLeaves = new Set([
    'module_hash',
    'controllers',
    'canister_creation_timestamp',
    'last_install_timestamp'
]);

/** Undefined when every path may be read; otherwise why not. */
export function checkReadAccess(
    request: AuthenticRequest<ReadStateRequest>,
    scope: ReadScope,
    source: AccessSource
): Refusal | undefined {
    const requestIds = new Set<string>();
    for (const path of request.content.paths) {
        const refusal = checkPath(path, request, scope, source);
        if (refusal !== undefined) {
            return refusal;
        }
        if (rootOf(path) === 'request_status' && path[1] !== undefined) {
            requestIds.add(toHex(path[1]));
        }
    }
    return requestIds.size > 1
        ? refuse('malformed', 'Can only request a single request ID in request_status paths')
        : undefined;
}

function rootOf(path: Path): string {
    return path[0] === undefined ? '' : decoder.decode(path[0]);
}

function checkPath(
    path: Path,
    request: AuthenticRequest<ReadStateRequest>,
    scope: ReadScope,
    source: AccessSource
): Refusal | undefined {
    const root = rootOf(path);
    // What became of requests that were sent there may be asked there.
    if (scope.kind === 'canister' && scope.canisterId.length === 0 && root !== 'request_status') return onNoSubnet();
    switch (root) {
        case 'time':
        case 'subnet':
        case 'canister_ranges':
        case 'api_boundary_nodes':
            return undefined;
        case 'canister':
            return scope.kind === 'canister'
                ? checkCanisterPath(path, request.content.sender, scope.canisterId, source)
                : invalidPath(path);
        case 'request_status':
            return scope.kind === 'canister'
                ? checkRequestPath(path, request, scope.canisterId, source)
                : invalidPath(path);
        default:
            return invalidPath(path);
    }
}

function invalidPath(path: Path): Refusal {
    const text = path.map((label) => JSON.stringify(decoder.decode(label)).slice(0, 80)).join(', ');
    return { code: 'malformed', status: 404, message: `Invalid path requested: [${text.slice(0, 400)}]` };
}

function checkCanisterPath(
    path: Path,
    sender: Uint8Array,
    scopeId: Uint8Array,
    source: AccessSource
): Refusal | undefined {
    const [, canisterId, item, name] = path;
    if (canisterId === undefined || item === undefined) {
        return invalidPath(path);
    }
    if (!equalBytes(canisterId, scopeId)) {
        return refuse('wrong_canister', 'The effective canister id in the URL differs from the canister id in a path');
    }
    const kind = decoder.decode(item);
    if (openCanisterLeaves.has(kind) && path.length === 3) {
        return undefined;
    }
    if (kind !== 'metadata' || name === undefined || path.length !== 4) {
        return invalidPath(path);
    }
    // Names of sections are text: no section has any other.
    if (!isUtf8(name)) return invalidPath(path);
    return mayReadMetadata(decoder.decode(name), sender, source.canister(canisterId))
        ? undefined
        : refuse('forbidden', 'Custom section can only be requested by the controllers of the canister.');
}

function mayReadMetadata(name: string, sender: Uint8Array, view: CanisterView | undefined): boolean {
    const section = view?.metadata.find((section) => section.name === name);
    return section?.visibility !== 'private' || includesPrincipal(view?.controllers ?? [], sender);
}

function checkRequestPath(
    path: Path,
    { content, targets }: AuthenticRequest<ReadStateRequest>,
    scopeId: Uint8Array,
    source: AccessSource
): Refusal | undefined {
    const requestId = path[1];
    if (requestId?.length !== requestIdBytes) {
        return invalidPath(path);
    }
    const view = source.request(requestId);
    if (view === undefined) {
        return undefined;
    }
    if (!equalBytes(view.sender, content.sender)) {
        return refuse('forbidden', 'The user tries to access Request ID not signed by the caller.');
    }
    if (!equalBytes(view.effectiveCanisterId, scopeId)) {
        return refuse('forbidden', 'The request was not submitted with this effective canister id.');
    }
    const addressee = source.addressee(requestId) ?? view.effectiveCanisterId;
    return targets === undefined || includesPrincipal(targets, addressee)
        ? undefined
        : refuse('forbidden', 'The request was sent to a canister that is no target of the delegation.');
}
