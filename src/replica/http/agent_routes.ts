/** Addresses of the Internet Computer's HTTP interface (interface specification, "HTTPS Interface"). */
import { Principal } from '@dfinity/principal';
import type { CallMode } from '../worker/api';

/** A path of the interface specification, with the principal in it. */
export type AgentRoute =
    | { readonly kind: 'status' }
    | { readonly kind: 'call'; readonly effectiveCanisterId: Uint8Array; readonly mode: CallMode }
    | { readonly kind: 'subnet_call'; readonly subnetId: Uint8Array }
    | { readonly kind: 'query'; readonly effectiveCanisterId: Uint8Array }
    | { readonly kind: 'subnet_query'; readonly subnetId: Uint8Array }
    | { readonly kind: 'read_state'; readonly canisterId: Uint8Array }
    | { readonly kind: 'subnet_read_state'; readonly subnetId: Uint8Array };

/** A route, or why a path is none. */
export type RouteMatch =
    | { readonly kind: 'route'; readonly route: AgentRoute; readonly method: 'GET' | 'POST' }
    | { readonly kind: 'bad_principal'; readonly text: string }
    | { readonly kind: 'none' };

const none: RouteMatch = { kind: 'none' };

/** Versions in which each endpoint exists. */
const versions: Readonly<Record<string, readonly string[]>> = {
    'canister/call': ['v2', 'v3', 'v4'],
    'subnet/call': ['v4'],
    'canister/query': ['v2', 'v3'],
    'subnet/query': ['v3'],
    'canister/read_state': ['v2', 'v3'],
    'subnet/read_state': ['v2', 'v3']
};

/** `path` without query string, relative to the network's base address. */
export function matchAgentRoute(path: string): RouteMatch {
    const [, api, version, scope, id, operation, ...rest] = path.split('/');
    if (api !== 'api' || version === undefined || rest.length > 0) {
        return none;
    }
    if (version === 'v2' && scope === 'status' && id === undefined) {
        return { kind: 'route', route: { kind: 'status' }, method: 'GET' };
    }
    if (id === undefined || versions[`${scope}/${operation}`]?.includes(version) !== true) {
        return none;
    }
    const principal = parsePrincipal(id);
    if (principal === undefined) {
        return { kind: 'bad_principal', text: id.slice(0, 80) };
    }
    const route = routeOf(`${scope}/${operation}`, principal, version === 'v2' ? 'async' : 'sync');
    return route === undefined ? none : { kind: 'route', route, method: 'POST' };
}

function routeOf(endpoint: string, id: Uint8Array, mode: CallMode): AgentRoute | undefined {
    switch (endpoint) {
        case 'canister/call':
            return { kind: 'call', effectiveCanisterId: id, mode };
        case 'subnet/call':
            return { kind: 'subnet_call', subnetId: id };
        case 'canister/query':
            return { kind: 'query', effectiveCanisterId: id };
        case 'subnet/query':
            return { kind: 'subnet_query', subnetId: id };
        case 'canister/read_state':
            return { kind: 'read_state', canisterId: id };
        case 'subnet/read_state':
            return { kind: 'subnet_read_state', subnetId: id };
        default:
            return undefined;
    }
}

/** Bytes of a principal in its textual form; undefined when the text is none. */
export function parsePrincipal(text: string): Uint8Array | undefined {
    try {
        return Principal.fromText(text).toUint8Array();
    } catch {
        // The parser throws for a wrong alphabet, length or checksum.
        return undefined;
    }
}
