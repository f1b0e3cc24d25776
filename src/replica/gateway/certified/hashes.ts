/** Hashes of requests and answers (HTTP gateway protocol specification, "Request Hash Calculation" and "Response Hash ..."). */
import { concatBytes, sha256 } from '../../wire/bytes';
import type { CborValue } from '../../wire/cbor';
import { hashOfFields } from '../../wire/request_id';
import type { HeaderSelection, RequestSelection } from './expression';

/** Headers as they were sent: names in any case, and more than once. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A request as the canister was asked it. */
export interface PageRequest {
    readonly method: string;
    /** Path and query string. */
    readonly url: string;
    readonly headers: Headers;
    readonly body: Uint8Array;
}

/** What the canister has answered. */
export interface PageResponse {
    readonly status: number;
    readonly headers: Headers;
    readonly body: Uint8Array;
}

/** Has certificate, tree, version and expression path; in lower case. */
export const certificateHeader = 'ic-certificate';
/** Has the expression that says what is certified; in lower case. */
export const expressionHeader = 'ic-certificateexpression';

/** 32 bytes. */
export function requestHash({ method, url, headers, body }: PageRequest, selection: RequestSelection): Uint8Array {
    const fields: [string, CborValue][] = headers
        .map(([name, value]): [string, string] => [name.toLowerCase(), value])
        .filter(([name]) => selection.headers.has(name));
    fields.push([':ic-cert-method', method]);
    const query = queryOf(url);
    if (query !== undefined) fields.push([':ic-cert-query', selectedQuery(query, selection)]);
    return hashWithBody(fields, body);
}

/** Without the question mark and the fragment; undefined when there is none. */
function queryOf(url: string): string | undefined {
    const [target = ''] = url.split('#');
    const start = target.indexOf('?');
    return start < 0 ? undefined : target.slice(start + 1);
}

/** The pairs as they stand, in their order. */
function selectedQuery(query: string, { queryParameters }: RequestSelection): string {
    const pairs = query.split('&');
    return pairs.filter((pair) => queryParameters.has((pair.split('=')[0] ?? '').toLowerCase())).join('&');
}

/** The headers that an answer's certificate speaks for, names in lower case, without those of the certificate itself. */
export function certifiedHeaders(headers: Headers, { kind, names }: HeaderSelection): Headers {
    return headers
        .map(([name, value]) => [name.toLowerCase(), value] as const)
        .filter(([name]) => name !== certificateHeader && name !== expressionHeader)
        .filter(([name]) => names.has(name) === (kind === 'only'));
}

/** 32 bytes. `certified`: what `certifiedHeaders` gives of the answer's headers. */
export function responseHash(response: PageResponse, certified: Headers, expression: string): Uint8Array {
    const fields: (readonly [string, CborValue])[] = [
        ...certified,
        [expressionHeader, expression],
        [':ic-cert-status', BigInt(response.status)]
    ];
    return hashWithBody(fields, response.body);
}

function hashWithBody(fields: Iterable<readonly [string, CborValue]>, body: Uint8Array): Uint8Array {
    // Texts and naturals always have a hash.
    const headersHash = hashOfFields(fields) ?? new Uint8Array();
    return sha256(concatBytes(headersHash, sha256(body)));
}
