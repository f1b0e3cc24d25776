/**
 * The page behind the links that `icp deploy` prints for canisters without pages of their own. They lead to the Candid UI of the
 * real network. Where that is not installed, this page shows the interface, with a form for each method.
 */
import { readFile } from 'node:fs/promises';
import { textAnswer } from '../answer';
import { decodeArgument, encodedNothing, text } from '../candid/codecs';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import { parsePrincipal } from '../http/agent_routes';
import { anonymousId } from '../state/principals';
import { fromHex, utf8 } from '../wire/bytes';
import type { ControlApi } from '../worker/api';
import { candidUiScript } from '../worker/bundle.cjs';
import { queryParameter } from './addressing';
import { escaped } from './html';

/** `a4gq6-oaaaa-aaaab-qaa4q-cai`, the Candid UI of the real network. */
export const candidUiId = fromHex('00000000003000390101');

type Network = Pick<ControlApi, 'publicMetadata' | 'queryUnsigned'>;

const scriptPath = '/candid_ui.js';

/** Shows the canister that `?id=` names. */
export async function interfacePage(network: Network, { url }: HttpRequest): Promise<HttpAnswer> {
    const script = candidUiScript();
    if (url.startsWith(scriptPath)) return scriptAnswer(script);
    const id = queryParameter(url, 'id') ?? '';
    const canisterId = parsePrincipal(id);
    const did = canisterId && (await interfaceOf(network, canisterId));
    const body = did === undefined ? missing(id) : found(id, did, script !== undefined);
    return {
        status: did === undefined ? 404 : 200,
        contentType: 'text/html; charset=utf-8',
        // Whatever the interface's text contains must not become a script.
        headers: { 'content-security-policy': policy },
        body: utf8(page(body))
    };
}

const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'";

async function scriptAnswer(path: string | undefined): Promise<HttpAnswer> {
    if (path === undefined) return textAnswer(404, 'This network runs from source, without a compiler for pages.');
    return { status: 200, contentType: 'text/javascript; charset=utf-8', body: new Uint8Array(await readFile(path)) };
}

/** From the public metadata, otherwise from the method by which Motoko's and older canisters tell it. */
async function interfaceOf(network: Network, canisterId: Uint8Array): Promise<string | undefined> {
    const metadata = await network.publicMetadata(canisterId, 'candid:service');
    if (metadata !== undefined) return new TextDecoder().decode(metadata);
    const methodName = '__get_candid_interface_tmp_hack';
    const sent = { sender: anonymousId, canisterId, methodName, argument: encodedNothing };
    const reply = await network.queryUnsigned(sent);
    const told = reply.kind === 'replied' ? decodeArgument(text, reply.data) : undefined;
    return told?.ok === true ? told.value : undefined;
}

function missing(id: string): string {
    return `<p>No canister at <code>${escaped(id)}</code> tells its interface.</p>`;
}

function found(id: string, did: string, hasScript: boolean): string {
    // A script of this type is data; no text in it may end the element.
    const data = JSON.stringify({ canisterId: id, did }).replaceAll('<', '\\u003c');
    const forms = `<script type="application/json" id="canister">${data}</script>
<script type="module" src="${scriptPath}"></script>
<section id="methods"><noscript>Forms for the methods need JavaScript.</noscript></section>`;
    return `<p><code>${escaped(id)}</code></p>
${hasScript ? forms : ''}
<details${hasScript ? '' : ' open'}><summary>Interface</summary><pre>${escaped(did)}</pre></details>
<p>On the command line: <code>icp canister call ${escaped(id)} &lt;method&gt; '(&lt;arguments&gt;)'</code></p>`;
}

function page(body: string): string {
    return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Canister interface</title>
<style>
body { font: 16px/1.5 system-ui; max-width: 60em; margin: 2em auto; padding: 0 1em }
pre, output { background: #f4f4f4; padding: 1em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; display: block }
output:empty { display: none }
output.error { background: #fdecea }
form { border-top: 1px solid #ccc; padding: .5em 0 1em }
h2 { font-size: 1em; margin: .5em 0 } h2 small { font-weight: normal; color: #555; overflow-wrap: anywhere }
.argument-holder, .popup-form { margin: .3em 0; padding-left: .5em } .popup-form { border-left: 3px solid #ddd }
.status { color: #b00020; display: none } .reject { border-color: #b00020 } button { margin: .5em 0 }
</style></head>
<body><h1>Canister interface</h1>
${body}
</body></html>
`;
}
