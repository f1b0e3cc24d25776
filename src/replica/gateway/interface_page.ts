/**
 * The page behind the links that `icp deploy` prints for canisters without pages of their own. They lead to the Candid UI of the
 * real network, which is not installed here: this page shows the interface, and how to call it.
 */
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import { parsePrincipal } from '../http/agent_routes';
import { fromHex, utf8 } from '../wire/bytes';
import type { ControlApi } from '../worker/api';
import { queryParameter } from './addressing';

/** `a4gq6-oaaaa-aaaab-qaa4q-cai`, the Candid UI of the real network. */
export const candidUiId = fromHex('00000000003000390101');

/** Shows the canister that `?id=` names. */
export async function interfacePage(
    network: Pick<ControlApi, 'publicMetadata'>,
    { url }: HttpRequest
): Promise<HttpAnswer> {
    const text = queryParameter(url, 'id') ?? '';
    const canisterId = parsePrincipal(text);
    const metadata = canisterId && (await network.publicMetadata(canisterId, 'candid:service'));
    const body = metadata === undefined ? missing(text) : found(text, new TextDecoder().decode(metadata));
    return {
        status: metadata === undefined ? 404 : 200,
        contentType: 'text/html; charset=utf-8',
        // The page has no scripts, and whatever the interface's text contains must not become one.
        headers: { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" },
        body: utf8(page(body))
    };
}

function missing(id: string): string {
    return `<p>No canister with a public interface (<code>candid:service</code>) at <code>${escaped(id)}</code>.</p>`;
}

function found(id: string, did: string): string {
    return `<h2><code>${escaped(id)}</code></h2>
<pre>${escaped(did)}</pre>
<p>Call a method:</p>
<pre>icp canister call ${escaped(id)} &lt;method&gt; '(&lt;arguments&gt;)'</pre>
<p>A network that icp starts itself (<code>icp network start</code>) brings the Candid UI.</p>`;
}

function page(body: string): string {
    return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Canister interface</title>
<style>body { font: 16px/1.5 system-ui; max-width: 60em; margin: 2em auto; padding: 0 1em }
pre { background: #f4f4f4; padding: 1em; overflow: auto; white-space: pre-wrap }</style></head>
<body><h1>Canister interface</h1>
${body}
</body></html>
`;
}

const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;'
};

function escaped(text: string): string {
    return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
