/** The page at Internet Identity's address where it is not installed: dapps sign test users in there. */
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import { canisterIdOfIndex } from '../state/principals';
import { pathOf } from './addressing';
import { ownPage, ownScript } from './own_pages';

/** `rdmx6-jaaaa-aaaaa-aaadq-cai`, Internet Identity of the real network. */
export const internetIdentityId = canisterIdOfIndex(7n);

const scriptPath = '/sign_in.js';

/** The page for every path, because dapps open different ones; and its script. */
export async function signInPage({ url }: HttpRequest): Promise<HttpAnswer> {
    return pathOf(url) === scriptPath ? ownScript('sign_in') : ownPage('Sign in', body);
}

const body = `<p>Users for tests: a name is enough, and everybody may take any. This page stands in for Internet Identity,
which is not installed on this network.</p>
<section id="sign-in"><p>A dapp opens this page to sign somebody in.</p></section>
<script type="module" src="${scriptPath}"></script>`;
