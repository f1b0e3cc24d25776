/**
 * The page behind the links that `icp deploy` prints for canisters without pages of their own. They lead to the Candid UI of the
 * real network. Where that is not installed, this page shows the interface, with a form for each method.
 */
import { decodeArgument, encodedNothing, text } from '../candid/codecs';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import { parsePrincipal } from '../http/agent_routes';
import { anonymousId } from '../state/principals';
import { fromHex } from '../wire/bytes';
import type { ControlApi } from '../worker/api';
import { browserScript } from '../worker/bundle.cjs';
import { pathOf, queryParameter } from './addressing';
import { escaped } from './html';
import { ownPage, ownScript } from './own_pages';

/** `a4gq6-oaaaa-aaaab-qaa4q-cai`, the Candid UI of the real network. */
export const candidUiId = fromHex('00000000003000390101');

type Network = Pick<ControlApi, 'publicMetadata' | 'queryUnsigned'>;

const scriptPath = '/candid_ui.js';

/** Shows the canister that `?id=` names. */
export async function interfacePage(network: Network, { url }: HttpRequest): Promise<HttpAnswer> {
    if (pathOf(url) === scriptPath) return ownScript('candid_ui');
    const id = queryParameter(url, 'id') ?? '';
    const canisterId = parsePrincipal(id);
    const did = canisterId && (await interfaceOf(network, canisterId));
    return did === undefined
        ? ownPage('Canister interface', missing(id), 404)
        : ownPage('Canister interface', found(id, did, browserScript('candid_ui') !== undefined));
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
