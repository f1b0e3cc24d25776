/** A page about the network itself: its subnets, and who is on them. Where PocketIC has one, and dfx prints its address. */
import { decodeArgument, encodeResult, principal, record, vec } from '../candid/codecs';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import { anonymousId, idText, managementId } from '../state/principals';
import { toHex } from '../wire/bytes';
import type { ControlApi, NetworkIdentity } from '../worker/api';
import { candidUiId } from './interface_page';
import { escaped } from './html';
import { ownPage } from './own_pages';

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
    const body = `<p>Time ${time}. Root key: <code>${toHex(identity.rootKeyDer)}</code></p>
<h2>Subnets</h2>${table(['Subnet', 'Canister ids'], subnets.map(texts))}
<h2>Canisters: ${ids.length}</h2>${table(['Canister', 'Subnet', 'Controllers', 'Cycles'], rows)}`;
    return ownPage('PocketIC Dashboard', body);
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
