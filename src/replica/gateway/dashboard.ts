/** A page about the network itself: its subnets, and who is on them. Where PocketIC has one, and dfx prints its address. */
import { decodeArgument, encodeResult, principal, record, vec } from '../candid/codecs';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import { anonymousId, idText, managementId } from '../state/principals';
import { toHex, utf8 } from '../wire/bytes';
import type { ControlApi, NetworkIdentity } from '../worker/api';
import { candidUiId } from './interface_page';
import { escaped } from './html';

/** Below the network's own address. */
export const dashboardPath = '/_/dashboard';

/** What the page tells of. */
export interface DashboardNetwork {
    readonly api: Pick<ControlApi, 'queryUnsigned' | 'place' | 'cycles' | 'controllers' | 'time'>;
    readonly identity: Pick<NetworkIdentity, 'rootKeyDer' | 'subnets'>;
}

/** Longer lists take too long to look at, and to make. */
const maxRows = 500;

/** All subnets, and the first canisters by id. */
export async function dashboard({ api, identity }: DashboardNetwork, { headers }: HttpRequest): Promise<HttpAnswer> {
    const ids = await canisterIds(api);
    const port = /:(\d+)$/.exec(headers.host ?? '')?.[1];
    const domain = `localhost${port === undefined ? '' : `:${port}`}`;
    const rows = await Promise.all(ids.slice(0, maxRows).map((id) => canisterRow(api, id, domain)));
    const time = new Date(Number((await api.time()) / 1_000_000n)).toISOString();
    const subnets = identity.subnets.map(({ subnetId, canisterRanges }) => [
        idText(subnetId),
        canisterRanges.map(({ start, end }) => `${idText(start)} – ${idText(end)}`).join('\n')
    ]);
    const body = `<h1>PocketIC Dashboard</h1>
<p>Time ${time}. Root key: <code>${toHex(identity.rootKeyDer)}</code></p>
<h2>Subnets</h2>${table(['Subnet', 'Canister ids'], subnets.map(texts))}
<h2>Canisters: ${ids.length}</h2>${table(['Canister', 'Subnet', 'Controllers', 'Cycles'], rows)}`;
    const policy = "default-src 'none'; style-src 'unsafe-inline'";
    return {
        status: 200,
        contentType: 'text/html; charset=utf-8',
        headers: { 'content-security-policy': policy },
        body: utf8(page(body))
    };
}

const canisterList = record({ canisters: vec(record({ start: principal, end: principal })) });

async function canisterIds(api: DashboardNetwork['api']): Promise<readonly Uint8Array[]> {
    const reply = await api.queryUnsigned({
        sender: anonymousId,
        canisterId: managementId,
        methodName: 'list_canisters',
        argument: encodeResult(record({}), {})
    });
    const listed = reply.kind === 'replied' ? decodeArgument(canisterList, reply.data) : undefined;
    return listed?.ok === true ? listed.value.canisters.map(({ start }) => start) : [];
}

async function canisterRow(api: DashboardNetwork['api'], id: Uint8Array, domain: string): Promise<readonly string[]> {
    const [{ subnetId }, cycles, controllers] = await Promise.all([api.place(id), api.cycles(id), api.controllers(id)]);
    const name = idText(id);
    const forms = `http://${idText(candidUiId)}.${domain}/?id=${name}`;
    return [
        `<code>${name}</code> <a href="${escaped(forms)}">methods</a> <a href="${escaped(`http://${name}.${domain}/`)}">page</a>`,
        ...texts([idText(subnetId), (controllers ?? []).map(idText).join('\n'), (cycles ?? 0n).toLocaleString('en')])
    ];
}

const texts = (cells: readonly string[]): readonly string[] => cells.map((cell) => `<code>${escaped(cell)}</code>`);

/** Cells are HTML. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (tag: 'th' | 'td', cells: readonly string[]): string =>
        `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
    return `<table>${line('th', head)}${rows.map((row) => line('td', row)).join('\n')}</table>`;
}

function page(body: string): string {
    return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>PocketIC Dashboard</title>
<style>body { font: 15px/1.5 system-ui; margin: 2em } code { white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse } th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #ddd; padding: .3em 1em .3em 0 }</style></head>
<body>${body}</body></html>
`;
}
