/** A running pages canister, and HTTP requests to it. */
import { request } from 'node:http';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import type { RunningNetwork } from '../../../../src/replica/index';

export const Header = IDL.Tuple(IDL.Text, IDL.Text);
/** A token that only the canister understands: nested, with a byte at its end. */
export const Token = IDL.Record({ a_key: IDL.Text, parts: IDL.Vec(IDL.Opt(IDL.Nat)), z_slot: IDL.Nat8 });
const Callback = IDL.Func(
    [Token],
    [IDL.Opt(IDL.Record({ body: IDL.Vec(IDL.Nat8), token: IDL.Opt(Token) }))],
    ['query']
);
const Response = IDL.Record({
    status_code: IDL.Nat16,
    headers: IDL.Vec(Header),
    body: IDL.Vec(IDL.Nat8),
    upgrade: IDL.Opt(IDL.Bool),
    streaming_strategy: IDL.Opt(IDL.Variant({ Callback: IDL.Record({ callback: Callback, token: Token }) }))
});

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const page = {
    status_code: 200,
    headers: [] as [string, string][],
    body: bytes('hello'),
    upgrade: [],
    streaming_strategy: []
};
/** A page in Candid: 200, `hello`, and what is said otherwise. */
export const encoded = (response: object): Uint8Array => IDL.encode([Response], [{ ...page, ...response }]);

export interface Answer {
    readonly status: number | undefined;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly body: string;
}

/** Node's fetch sends no Host header of one's own. */
export function get(
    network: Pick<RunningNetwork, 'url'>,
    path: string,
    headers: Record<string, string> = {},
    options: { method?: string; body?: string } = {}
): Promise<Answer> {
    return new Promise((resolve, reject) => {
        const url = new URL(path, network.url);
        const sent = request(url, { method: options.method ?? 'GET', headers }, (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
                resolve({
                    status: response.statusCode,
                    headers: response.headers,
                    body: Buffer.concat(chunks).toString()
                })
            );
        });
        sent.on('error', reject);
        sent.end(options.body);
    });
}

export async function update(
    { api }: RunningNetwork,
    canisterId: Principal,
    methodName: string,
    argument: Uint8Array
): Promise<void> {
    const call = { sender: new Uint8Array([4]), canisterId: canisterId.toUint8Array(), methodName, argument };
    const submitted = await api.submitUnsigned(call);
    if (submitted.kind === 'accepted') await api.awaitIngress(submitted.requestId, 10);
}

export async function query({ api }: RunningNetwork, canisterId: Principal, methodName: string): Promise<Uint8Array> {
    const call = { sender: new Uint8Array([4]), canisterId: canisterId.toUint8Array(), methodName };
    const answer = await api.queryUnsigned({ ...call, argument: new Uint8Array() });
    return answer.kind === 'replied' ? answer.data : new Uint8Array();
}
