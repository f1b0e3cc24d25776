/** Which canister an HTTP request is for. */
import type { HttpRequest } from '../http/http_server';
import { parsePrincipal } from '../http/agent_routes';

/** Names that canisters stand below, and names that stand for canisters. */
export interface GatewayNames {
    /** `<canister id>.<domain>` is a canister. */
    readonly domains: readonly string[];
    /** Canister id of a whole host name, such as `shop.local.localhost`; undefined for names that nobody gave. */
    readonly lookup: (host: string) => Uint8Array | undefined;
}

/** Below `localhost`. */
export const defaultNames: GatewayNames = { domains: ['localhost'], lookup: () => undefined };

/** A canister, and whether its answers are taken without certificates: at `<canister id>.raw.<domain>`. */
export interface Address {
    readonly canisterId: Uint8Array;
    readonly isRaw: boolean;
}

/** By host name, by `?canisterId=`, or by either of the page that the request comes from; undefined for none of them. */
export function addressedCanister({ url, headers }: HttpRequest, names: GatewayNames): Address | undefined {
    const host = hostName(headers.host ?? '');
    const canisterId = canisterOfHost(host, names) ?? canisterOfQuery(url) ?? canisterOfReferer(headers.referer, names);
    return canisterId && { canisterId, isRaw: labelOf(host, names)?.endsWith(rawSuffix) === true };
}

const rawSuffix = '.raw';

function canisterOfHost(host: string, names: GatewayNames): Uint8Array | undefined {
    const label = labelOf(host, names);
    const id = label?.endsWith(rawSuffix) === true ? label.slice(0, -rawSuffix.length) : label;
    return (id === undefined ? undefined : parsePrincipal(id)) ?? names.lookup(host);
}

/** What stands before a domain of canisters. */
function labelOf(host: string, { domains }: GatewayNames): string | undefined {
    const domain = domains.find((candidate) => host.endsWith(`.${candidate}`));
    return domain && host.slice(0, -domain.length - 1);
}

function canisterOfQuery(url: string): Uint8Array | undefined {
    const text = queryParameter(url, 'canisterId');
    return text === undefined ? undefined : parsePrincipal(text);
}

/** A parameter of a path with a query string; undefined when it is absent. */
export function queryParameter(url: string, name: string): string | undefined {
    const start = url.indexOf('?');
    return start < 0 ? undefined : (new URLSearchParams(url.slice(start)).get(name) ?? undefined);
}

/** The path of a request's URL, without the query string. */
export function pathOf(url: string): string {
    const end = url.indexOf('?');
    return end < 0 ? url : url.slice(0, end);
}

function canisterOfReferer(referer: string | undefined, names: GatewayNames): Uint8Array | undefined {
    const page = referer === undefined ? undefined : parseUrl(referer);
    return page && (canisterOfQuery(page.search) ?? canisterOfHost(page.hostname, names));
}

/** Without the port; addresses of IPv6 keep their brackets. */
function hostName(host: string): string {
    return host.replace(/:\d*$/, '').toLowerCase();
}

function parseUrl(text: string): URL | undefined {
    try {
        return new URL(text);
    } catch {
        // Clients may send anything.
        return undefined;
    }
}
