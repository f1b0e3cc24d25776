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

export const defaultNames: GatewayNames = { domains: ['localhost'], lookup: () => undefined };

/** By host name, by `?canisterId=`, or by either of the page that the request comes from; undefined for none of them. */
export function addressedCanister({ url, headers }: HttpRequest, names: GatewayNames): Uint8Array | undefined {
    const host = hostName(headers.host ?? '');
    return canisterOfHost(host, names) ?? canisterOfQuery(url) ?? canisterOfReferer(headers.referer, names);
}

function canisterOfHost(host: string, { domains, lookup }: GatewayNames): Uint8Array | undefined {
    const domain = domains.find((candidate) => host.endsWith(`.${candidate}`));
    // `<id>.raw.<domain>` means the same here: answers are not certified either way.
    const label = domain && host.slice(0, -domain.length - 1).replace(/\.raw$/, '');
    const canisterId = label === undefined ? undefined : parsePrincipal(label);
    return canisterId ?? lookup(host);
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
